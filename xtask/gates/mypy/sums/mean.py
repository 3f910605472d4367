from sums.total import total


def mean(numbers: list[int]) -> float:
    return total(numbers) / len(numbers)
