def total(numbers: list[int]) -> int:
    return str(sum(numbers))
