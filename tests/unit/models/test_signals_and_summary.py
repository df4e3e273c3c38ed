"""The small structured questions beside the answer, asked of Gemini's stand-in."""

from collections.abc import AsyncIterator, Iterator

import pytest

from shared.domain.signals import Signals
from shared.models.breaker import Breaker
from shared.models.catalogue import read_catalogue
from shared.models.chat_model import Answer, Briefing, ToolCall, Turn
from shared.models.gemini import Gemini
from shared.models.router import Router
from shared.models.signals import SIGNALS_SCHEMA, read_signals
from shared.models.summary import LONGEST_SUMMARY, read_summary, summary_request
from tests.standins.gemini import GeminiServer
from tests.standins.model_server import Step
from tests.unit.models.set_clock import SetClock

TURNS = (
    Turn(role="desk", text="Good morning!"),
    Turn(role="customer", text="This is the third time. I want a person."),
    Turn(role="desk", calls=(ToolCall(id="1", name="look", arguments={}),)),
)
ANGRY = {
    "intent": "complaint",
    "language": "en",
    "sentiment": 0.1,
    "complexity": 0.4,
    "qualification": 0.2,
    "wants_human": True,
}


@pytest.fixture(scope="module")
def served() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        yield server


@pytest.fixture
def google(served) -> GeminiServer:
    served.reset()
    return served


@pytest.fixture
async def router(google) -> AsyncIterator[Router]:
    adapter, clock = Gemini("test-key", base_url=google.url), SetClock()
    yield Router({"gemini": adapter}, read_catalogue(), Breaker(clock), clock)
    await adapter.close()


async def test_signals_come_from_one_small_question(google, router):
    """The fast profile is asked once, with the words alone, and its data become the turn's signals."""
    google.script(Step(data=ANGRY))
    signals = await read_signals(router.route("fast"), TURNS, sells=True)
    assert signals == Signals(**ANGRY)
    (seen,) = google.requests
    assert "gemini-3.5-flash-lite" in seen.path
    assert (
        seen.body["generationConfig"]["responseJsonSchema"]["title"] == SIGNALS_SCHEMA["title"] == "Signals"
    )
    assert [content["parts"][0]["text"] for content in seen.body["contents"]] == [
        TURNS[0].text,
        TURNS[1].text,
    ]


async def test_where_nothing_is_sold_nobody_is_qualified(google, router):
    """Qualification is kept only where the desk sells."""
    google.script(Step(data=ANGRY))
    assert (await read_signals(router.route("fast"), TURNS)).qualification is None


async def test_what_the_words_do_not_show_is_absent(google, router):
    """Nulls and missing fields are absent signals, not zeros."""
    google.script(Step(data={"intent": None, "sentiment": None}), Step(data={}))
    for _ in range(2):
        assert await read_signals(router.route("fast"), TURNS) == Signals()


@pytest.mark.parametrize("data", [{"sentiment": 7}, {"intent": "x" * 200}, {"wants_human": "yes"}])
async def test_a_value_out_of_its_scale_is_never_taken(google, router, data):
    """A score off the scale, an essay for an intent or a word for a truth is no signal."""
    google.rule = lambda _: Step(data=data)
    assert await read_signals(router.route("fast"), TURNS) == Signals()


@pytest.mark.parametrize("fault", ["hang", "rate_limited", "safety", "malformed_call", "suspended_key"])
async def test_a_failing_model_leaves_the_signals_absent(google, router, fault):
    """Signals never hold a turn up: whatever fails, they are absent and the route knows why."""
    google.rule = lambda _: Step(fault=fault)
    route = router.route("gemini-3.5-flash-lite")
    assert await read_signals(route, TURNS, seconds=0.2) == Signals()
    assert len(route.tried) == 1


async def test_a_summary_folds_what_leaves_the_window_into_the_notes(google, router):
    """The question quotes former notes and the leaving turns as one text; the answer is the new notes."""
    google.script(Step(data={"summary": " Asha wants a person. "}))
    booked = Turn(role="tool", call=ToolCall(id="1", name="book", arguments={}), result={"at": "10:00"})
    turns = (*TURNS, booked)
    request = summary_request("Asha called on Monday.", turns, briefing=Briefing(desk_name="Front"))
    answer = await router.route("fast").answer(request)
    assert read_summary(answer, former="Asha called on Monday.") == "Asha wants a person."
    (content,) = google.requests[0].body["contents"]
    text = content["parts"][0]["text"]
    assert "Asha called on Monday." in text
    assert "Desk: Good morning!\nCustomer: This is the third time." in text
    assert text.endswith('Tool book: {"at": "10:00"}')


@pytest.mark.parametrize("data", [None, {}, {"summary": " "}, {"summary": 3}])
def test_without_a_new_summary_the_former_one_stays(data):
    """A failed summary loses nothing that was known."""
    assert read_summary(Answer(data=data), former="Known.") == "Known."
    assert len(read_summary(Answer(data={"summary": "x" * 9000}), former="")) == LONGEST_SUMMARY
