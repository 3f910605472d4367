from sums.total import total


def mean(numbers: list[int]) -> float:
    return total(numbers) / len(numbers) if numbers else 0.0
