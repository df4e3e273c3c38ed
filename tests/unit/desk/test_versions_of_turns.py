"""A turn ends on the version of the desk it began on."""

import asyncio

from shared.desk import act
from tests.unit.desk.front import Front


async def test_a_turn_resumed_after_a_publish_keeps_the_version_it_began_with(
    front: Front, monkeypatch
) -> None:
    """Tools, prompt and words are those of its beginning; the next turn runs on the new version."""
    calls = iter([True])
    run_tool = act.run_tool

    async def cut_once(*given):
        if next(calls, False):
            raise asyncio.CancelledError
        return await run_tool(*given)

    monkeypatch.setattr(act, "run_tool", cut_once)
    await front.say("Is there a free slot tomorrow?")
    await front.turn()
    began = (await front.running()).version
    tools = {"check_slots": {"settings": {"days_ahead": 7, "title": "New times"}}, "book_slot": {}}
    await front.publish(tools=tools, agent={"name": "Nova"})
    front.clock.move(seconds=5)
    assert began + 1 == (await front.running()).version

    await front.turn(wait=60)
    await front.ask("And is there a free slot on Monday?")

    receipts = await front.documents(f"conversations/{front.conversation}/turns")
    assert [began, began + 1] == [receipt["config_version"] for receipt in receipts]
    looked = [
        step["detail"]["result"]
        for receipt in receipts
        for step in receipt["steps"]
        if step["kind"] == "tool"
    ]
    assert ["New times"] == [one["title"] for one in looked[1:]]
    assert "New times" != looked[0]["title"]
