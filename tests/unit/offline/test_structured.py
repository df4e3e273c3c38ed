"""Structured answers other than signals: summaries, and any schema filled as far as rules can."""

import jsonschema
from pydantic import BaseModel, Field

from shared.models.chat_model import Briefing, Request, ToolCall, Turn
from shared.models.offline.model import OfflineModel

NOW = Briefing(now="2026-11-20T10:00:00+05:30")


async def filled(schema: dict, *said: str) -> dict:
    turns = tuple(Turn(role="customer", text=text) for text in said)
    request = Request(model="offline", system="", turns=turns, schema=schema, briefing=NOW)
    answer = await OfflineModel().answer(request)
    return answer.data


class Item(BaseModel):
    title: str = Field(min_length=1)
    amount: float = Field(ge=1)


class Lead(BaseModel):
    name: str
    email: str | None = None
    team_size: int = Field(0, ge=0)
    stage: str = Field(json_schema_extra={"enum": ["new", "won"]})
    items: list[Item] = Field(min_length=2)
    urgent: bool


async def test_a_summary_tells_who_wrote_what_and_what_was_done():
    """It holds the facts, the first words of each message, and the tools that acted."""
    call = ToolCall(id="1", name="book_slot", arguments={})
    turns = (
        Turn(role="customer", text="My name is Asha Rao, I need a thyroid test"),
        Turn(role="tool", call=call, result={"booked": True}),
        Turn(role="customer", text="word " * 40),
    )
    request = Request(model="offline", system="", turns=turns, schema={"title": "Summary"})

    summary = (await OfflineModel().answer(request)).data["summary"]

    assert "name Asha Rao" in summary
    assert "thyroid test" in summary
    assert "Done: book slot" in summary
    assert len(summary) < 250


async def test_a_talk_quoted_as_one_text_is_folded_into_the_notes_so_far():
    """Notes are kept, new lines are added, and the newest stay when there are too many."""
    lines = "\n".join(f"Customer: question number {number}" for number in range(12))
    text = (
        f"Notes so far:\nKnown: name Asha Rao | Done: book slot\n\nNew part:\n{lines}\nTool hand_over: {{}}"
    )
    turns = (Turn(role="customer", text=text),)
    request = Request(model="offline", system="", turns=turns, schema={"title": "Summary"})

    summary = (await OfflineModel().answer(request)).data["summary"]

    assert summary.startswith("Known: name Asha Rao | ")
    assert "question number 11" in summary
    assert "question number 1 " not in summary
    assert summary.endswith("Done: hand over {}")


async def test_any_schema_is_filled_with_what_the_talk_shows():
    """Names, addresses, numbers and options are found by the schema's own names."""
    data = await filled(
        Lead.model_json_schema(), "My name is Dana Lee, dana@acme.com, a team of 40 people, we won the deal"
    )

    jsonschema.validate(data, Lead.model_json_schema())
    assert data["name"] == "Dana Lee"
    assert data["email"] == "dana@acme.com"
    assert data["team_size"] == 40
    assert data["stage"] == "won"


async def test_what_the_talk_does_not_show_is_the_least_the_schema_allows():
    """The answer is valid even to an empty talk."""
    data = await filled(Lead.model_json_schema())

    Lead.model_validate(data)
    assert len(data["items"]) == 2


async def test_days_and_times_are_found_by_format():
    """A date field is filled from "tomorrow", counted from the desk's own now."""
    schema = {
        "type": "object",
        "properties": {"day": {"type": "string", "format": "date"}},
        "required": ["day"],
    }

    assert await filled(schema, "come tomorrow") == {"day": "2026-11-21"}
