"""The circuit breaker, on a clock that is moved by hand."""

import pytest

from shared.models.breaker import Breaker
from tests.unit.models.set_clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def breaker(clock) -> Breaker:
    return Breaker(clock)


def test_three_failures_in_half_a_minute_open_it_for_half_a_minute(breaker, clock):
    """After the third failure nobody asks for 30 s; other names are asked as before."""
    for _ in range(3):
        assert breaker.admits("a")
        breaker.failed("a")
    assert not breaker.admits("a")
    assert breaker.admits("b")
    clock.pass_(29.9)
    assert not breaker.admits("a")
    clock.pass_(0.1)
    assert breaker.admits("a")


def test_failures_far_apart_do_not_open_it(breaker, clock):
    """Three failures spread over more than the window are single accidents."""
    for _ in range(5):
        breaker.failed("a")
        clock.pass_(20)
        assert breaker.admits("a")


def test_a_success_forgets_former_failures(breaker):
    """A model that answers in between is not one that keeps failing."""
    for _ in range(4):
        breaker.failed("a")
        breaker.failed("a")
        breaker.succeeded("a")
    assert breaker.admits("a")


def test_after_a_rest_one_probe_decides(breaker, clock):
    """One caller tries; its failure opens the circuit again, its success closes it for all."""
    for _ in range(3):
        breaker.failed("a")
    clock.pass_(30)
    assert [breaker.admits("a") for _ in range(3)] == [True, False, False]
    breaker.failed("a")
    assert not breaker.admits("a")
    clock.pass_(30)
    assert breaker.admits("a")
    breaker.succeeded("a")
    assert [breaker.admits("a") for _ in range(3)] == [True, True, True]


def test_a_probe_that_never_reports_gives_way_to_another(breaker, clock):
    """A caller that vanished with the probe holds the door for one rest only."""
    for _ in range(3):
        breaker.failed("a")
    clock.pass_(30)
    assert breaker.admits("a")
    clock.pass_(30)
    assert breaker.admits("a")


@pytest.mark.parametrize(("rest", "seconds"), [(7.0, 7), (45.0, 45), (86_400.0, 600)])
def test_a_vendor_that_asks_for_a_rest_gets_it_at_once(breaker, clock, rest, seconds):
    """The vendor's own pause opens the circuit for that long, ten minutes at most."""
    breaker.failed("a", rest=rest)
    clock.pass_(seconds - 0.5)
    assert not breaker.admits("a")
    clock.pass_(0.5)
    assert breaker.admits("a")
