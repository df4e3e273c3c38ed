"""What a share of so many tells: the range in which it lies, and whether two of them differ at all."""

from math import sqrt

Z = 1.959964
"""Of a normal distribution: 95 of 100 ranges drawn this way hold the truth."""


def interval(part: int, whole: int) -> tuple[float, float]:
    """Wilson's range of a share, each end 0..1, which holds for few too; of nothing, nothing is known."""
    if not whole:
        return 0.0, 1.0
    share, square = part / whole, Z * Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    reach = Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def difference(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """Newcombe's range of how much more the second share is than the first, each (part, whole); -1..1.

    Where it holds 0, it cannot be told which of them is greater.
    """
    (one, of_one), (two, of_two) = first, second
    low_one, high_one = interval(one, of_one)
    low_two, high_two = interval(two, of_two)
    if not (of_one and of_two):
        return low_two - high_one, high_two - low_one
    share_one, share_two = one / of_one, two / of_two
    gap = share_two - share_one
    return (
        gap - sqrt((share_two - low_two) ** 2 + (high_one - share_one) ** 2),
        gap + sqrt((high_two - share_two) ** 2 + (share_one - low_one) ** 2),
    )
