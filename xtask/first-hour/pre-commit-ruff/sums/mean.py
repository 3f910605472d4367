from sums.total import total


def mean(numbers):
    return total(numbers) / len(numbers)
