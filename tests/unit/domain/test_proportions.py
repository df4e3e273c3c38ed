"""The ranges in which shares lie, held against published values."""

import pytest

from shared.domain.proportions import difference, interval


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
        (0, 0, 0.0, 1.0),  # of nothing, nothing is known
    ],
)
def test_the_range_of_a_share_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    """It stays within 0 and 1, and is wide where there are few."""
    assert pytest.approx((low, high), abs=1e-4) == interval(part, whole)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((48, 80), (56, 70), 0.0524, 0.3339),  # Newcombe 1998, table II, method 10, the other way round
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((0, 10), (10, 10), 0.6075, 1.0),
        ((0, 0), (5, 10), -0.7634, 0.7634),
    ],
)
def test_how_two_shares_differ_is_newcombes(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Where the range holds 0, nobody can tell which is greater."""
    assert pytest.approx((low, high), abs=1e-4) == difference(first, second)
