"""What "tomorrow" means was settled when the customer wrote it, however late the turn ends."""

import asyncio

import pytest

from shared.desk import act
from shared.desk.hand_back import hand_back
from shared.models.router import Route
from tests.unit.desk.front import Front


def cut_once(call):
    """The call, cut short the first time."""
    times = iter([True])

    def dying(*given, **named):
        if next(times, False):
            raise asyncio.CancelledError
        return call(*given, **named)

    return dying


async def looked_up(front: Front) -> list[dict[str, str]]:
    """The times that were found, as the receipts have them."""
    receipts = await front.documents(f"conversations/{front.conversation}/turns")
    steps = [step for receipt in receipts for step in receipt["steps"] if step["name"] == "check_slots"]
    return [slot for step in steps for slot in step["detail"]["result"]["slots"]]


@pytest.mark.parametrize(("place", "name"), [(Route, "stream"), (act, "run_tool")], ids=["model", "tool"])
async def test_a_turn_cut_short_before_midnight_and_resumed_after_it_reads_tomorrow_as_it_was_written(
    front: Front, monkeypatch, place, name
) -> None:
    """Wherever it was cut, the resumed turn looks for times on the day the customer meant."""
    monkeypatch.setattr(place, name, cut_once(getattr(place, name)))
    await front.say("Is there a free slot tomorrow?")
    await front.turn()

    await front.turn(wait=3600)

    assert {"2026-11-21"} == {slot["date"] for slot in await looked_up(front)}


async def test_what_a_person_left_waiting_is_read_when_the_desk_has_the_word_back(front: Front) -> None:
    """Days after they were written, the desk that is given the word looks at the calendar of that day."""
    await front.ask("I want to talk to a human please")
    await front.say("Is there a free slot tomorrow?")
    front.clock.move(days=3)

    await hand_back(front.services, "acme", front.conversation)
    await front.turn(wait=1)

    assert {"2026-11-24"} == {slot["date"] for slot in await looked_up(front)}
