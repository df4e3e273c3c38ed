"""A desk's lines hold for whoever comes in, however many ways in were given away before."""

import pytest

from shared.desk.calls.enter import enter
from shared.desk.calls.lines import line_of
from tests.unit.telephony.conftest import CUSTOMER, NUMBER, VOICE


@pytest.fixture
async def one_line(line):
    """The desk with a single line."""
    await line.publish(voice={**VOICE, "integration": {"max_concurrent_calls": 1}})
    return line


async def has_line(line, call):
    """Whether the call that a job takes up has a line."""
    return await line_of(line.services, await line.running(), await line.call(call))


async def test_of_visitors_who_come_late_no_more_are_answered_than_there_are_lines(one_line):
    """A way in that nobody uses for ten seconds frees its line, and is good for two minutes."""
    line, calls = one_line, []
    for number in range(3):
        entered = await enter(line.services, await line.running(), f"visitor-{number}")
        calls.append(entered.call)
        line.clock.move(seconds=11)
    last_came = await has_line(line, calls[2])
    early_came = await has_line(line, calls[0])
    await line.taken_up(calls[2])
    line.clock.move(seconds=30)
    while_talked = await has_line(line, calls[1])
    await line.over(calls[2], "completed")

    assert (True, False, False) == (last_came, early_came, while_talked)
    assert await has_line(line, calls[1])


async def test_a_telephone_that_calls_while_a_visitor_talks_finds_no_line(one_line):
    """LiveKit's own rule lets it in; all callers share the lines."""
    line = one_line
    entered = await enter(line.services, await line.running(), "visitor")
    await line.taken_up(entered.call)
    await line.called("c2", direction="inbound", account=NUMBER, contact=CUSTOMER)

    assert (True, False) == (await has_line(line, entered.call), await has_line(line, "c2"))


@pytest.mark.parametrize(
    ("direction", "spoken"),
    [
        ("outbound", ""),  # it took its line before it was dialled
        ("browser", "2026-11-20T18:20:00.000000Z"),  # another job takes it up in its middle
    ],
)
async def test_a_call_that_is_under_way_keeps_its_line(one_line, direction, spoken):
    """Nobody who is talked with is told that all lines are busy."""
    line = one_line
    await line.called("c1", direction=direction)
    await line.taken_up("c1", first_word_at=spoken)
    await enter(line.services, await line.running(), "visitor")

    assert await has_line(line, "c1")
