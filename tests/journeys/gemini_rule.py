"""A receptionist's few habits, as the stand-in for Gemini has them: it asks tools and says what they said."""

import json
from typing import Any

from shared.models.lesson import LESSON_SCHEMA
from shared.models.offline.lesson import lesson
from tests.standins.model_server import Called, Step

SIGNALS = {"intent": "question", "language": "en", "sentiment": 0.6, "complexity": 0.2, "wants_human": False}
GUEST = {"name": "Asha Rao", "phone": "+919812345678", "email": "asha@example.com", "party_size": 2}


def front_desk(body: dict[str, Any]) -> Step:
    """The next step of a talk: signals where a schema is asked for, a tool call, or words about a result."""
    if schema := body.get("generationConfig", {}).get("responseJsonSchema"):
        said = _words(body)
        if schema.get("title") == LESSON_SCHEMA["title"]:
            return Step(data=lesson(said))
        return Step(data={**SIGNALS, "wants_human": "human" in said.lower()})
    results = [
        part["functionResponse"]["response"]
        for part in body["contents"][-1]["parts"]
        if "functionResponse" in part
    ]
    return _about(results[-1]) if results else _first(_words(body))


def _words(body: dict[str, Any]) -> str:
    words = [part["text"] for part in body["contents"][-1]["parts"] if "text" in part]
    return " ".join(one for one in words if one.strip().upper() != "STOP")


def _first(said: str) -> Step:
    """What a customer's words call for. A tapped time comes as `title [slot id]`."""
    if said.endswith("]") and "[" in said:
        slot = said.rpartition("[")[2].rstrip("]")
        return Step(calls=[Called(name="book_slot", args={"slot": slot, **GUEST})])
    if "book" in said.lower():
        return Step(calls=[Called(name="check_slots", args={})])
    return Step(calls=[Called(name="search_knowledge", args={"query": said})])


def _about(result: dict[str, Any]) -> Step:
    if result.get("error"):
        return Step(text=f"That did not work: {result['error']}")
    if result.get("booked"):
        reach = f" We will reach you on {result['phone']}." if result.get("phone") else ""
        return Step(text=f"Booked. Your reference is {result['reference']}.{reach}")
    if result.get("slots"):
        return Step(text="These times are free. Which one suits you?")
    passages = result.get("passages") or []
    if not passages:
        return Step(text="I do not know.")
    return Step(text=f"Here is what I know: {json.dumps(passages[0], ensure_ascii=False)}")
