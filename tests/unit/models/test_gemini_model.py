"""Gemini's adapter against a stand-in that speaks Google's JSON, through Google's own client."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator

import pytest

from shared.domain.errors import Permanent, Transient
from shared.models.chat_model import Answer, Delta, Request, ToolCall, ToolSpec, Turn
from shared.models.failures import ModelRefused, Unusable
from shared.models.gemini import Gemini
from tests.standins.gemini import GeminiServer
from tests.standins.model_server import Called, Fault, Step

BOOK = ToolSpec(
    name="book",
    description="Book a time.",
    parameters={"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]},
)
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def ask(text: str = "Hello", **more) -> Request:
    turns = more.pop("turns", (Turn(role="customer", text=text),))
    settings = {"model": "gemini-3.8-flash", "system": "Be kind.", "timeout": 5.0, **more}
    return Request(turns=turns, **settings)


@pytest.fixture(scope="module")
def served() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        yield server


@pytest.fixture
def google(served) -> GeminiServer:
    served.reset()
    return served


@pytest.fixture
async def model(google) -> AsyncIterator[Gemini]:
    adapter = Gemini("test-key", base_url=google.url)
    yield adapter
    await adapter.close()


async def pieces(stream) -> tuple[str, Answer]:
    """The text of the deltas, and the answer that ended them."""
    told, answer = "", None
    async for piece in stream:
        assert answer is None
        if isinstance(piece, Delta):
            told += piece.text
        else:
            answer = piece
    assert answer is not None
    return told, answer


async def test_streams_text_and_then_the_whole(google, model):
    """A stream tells the words as they come, and ends with the same words as one answer."""
    google.script(Step(text="We open at nine.", served="gemini-3.8-flash-002"))
    told, answer = await pieces(model.stream(ask()))
    assert told == answer.text == "We open at nine."
    assert (answer.stop, answer.model) == ("end", "gemini-3.8-flash-002")
    assert google.requests[0].path.endswith("gemini-3.8-flash:streamGenerateContent")


async def test_counts_thinking_as_output_and_names_the_cached_part(google, model):
    """Usage has input, the cached part of it, and output with the thinking that is paid alike."""
    google.script(Step(text="Yes."))
    usage = (await model.answer(ask())).usage
    assert usage.input > usage.cached > 0
    assert usage.output == len("Yes.") // 4 + 1 + 7


async def test_what_a_model_thinks_is_not_said(google, model):
    """Thoughts that come with an answer are no part of it."""
    google.script(Step(thought="They are angry.", text="I am sorry."))
    told, answer = await pieces(model.stream(ask()))
    assert told == answer.text == "I am sorry."


async def test_sends_system_limits_safety_and_tools(google, model):
    """A request carries its prompt, limits and tools, and sets every safety threshold explicitly."""
    await model.answer(ask(temperature=0.2, max_tokens=50, tools=(BOOK,)))
    body = google.requests[0].body
    assert body["systemInstruction"]["parts"] == [{"text": "Be kind."}]
    assert body["generationConfig"] == {"temperature": 0.2, "maxOutputTokens": 50}
    assert {entry["threshold"] for entry in body["safetySettings"]} == {"BLOCK_MEDIUM_AND_ABOVE"}
    assert len(body["safetySettings"]) == 4
    (declared,) = body["tools"][0]["functionDeclarations"]
    assert declared["name"] == "book"
    assert BOOK.parameters in declared.values()


async def test_a_call_keeps_its_thought_signature_through_the_round(google, model):
    """A thought signature comes with the call and goes back with it, and answers to calls stand together."""
    signature = base64.b64encode(b"\x00thought\xff").decode()
    google.script(
        Step(
            calls=[
                Called(name="book", args={"at": "10:00"}, id="c1", signature=signature),
                Called(name="book", args={"at": "11:00"}),
            ]
        )
    )
    answer = await model.answer(ask(tools=(BOOK,)))
    first, second = answer.calls
    assert (answer.stop, first.id, first.signature) == ("tools", "c1", signature)
    assert second.id
    assert second.signature is None
    turns = (
        Turn(role="customer", text="Book ten or eleven"),
        Turn(role="desk", calls=answer.calls),
        Turn(role="tool", call=first, result={"booked": True}),
        Turn(role="tool", call=second, result={"error": "taken"}),
    )
    done = await model.answer(ask(turns=turns, tools=(BOOK,)))
    assert "booked" in done.text
    _, called, answered = google.requests[1].body["contents"]
    assert base64.urlsafe_b64decode(called["parts"][0]["thoughtSignature"]) == b"\x00thought\xff"
    assert "thoughtSignature" not in called["parts"][1]
    assert [part["functionResponse"]["response"] for part in answered["parts"]] == [
        {"booked": True},
        {"error": "taken"},
    ]


async def test_a_call_another_model_made_carries_the_marker_google_asks_for(google, model):
    """History of another model may be continued: its call goes with Google's marker for foreign calls."""
    call = ToolCall(id="x", name="book", arguments={"at": "10:00"})
    turns = (
        Turn(role="customer", text="Book ten"),
        Turn(role="desk", calls=(call,)),
        Turn(role="tool", call=call, result={}),
    )
    await model.answer(ask(turns=turns, tools=(BOOK,)))
    part = google.requests[0].body["contents"][1]["parts"][0]
    assert base64.urlsafe_b64decode(part["thoughtSignature"]) == b"context_engineering_is_the_way_to_go"


async def test_a_picture_goes_along(google, model):
    """A customer's picture travels inline beside the words."""
    turns = (Turn(role="customer", text="What is this?", media=(("image/png", b"\x89PNG"),)),)
    await model.answer(ask(turns=turns))
    inline = google.requests[0].body["contents"][0]["parts"][1]["inlineData"]
    assert "image/png" in inline.values()
    assert base64.urlsafe_b64decode(inline["data"]) == b"\x89PNG"


async def test_a_structured_answer_is_checked_against_its_schema(google, model):
    """Data that fits its schema is given; data that does not is asked for again once."""
    google.script(Step(data={"city": 7}), Step(data={"city": "Pune"}))
    told, answer = await pieces(model.stream(ask(schema=CITY)))
    assert answer.data == {"city": "Pune"}
    assert told == ""
    assert len(google.requests) == 2
    assert google.requests[0].body["generationConfig"]["responseJsonSchema"] == CITY


async def test_a_structured_answer_that_stays_wrong_is_transient(google, model):
    """After the second answer that breaks the schema the caller decides; the message quotes no content."""
    google.script(Step(data={"city": 7}), Step(text="not json at all"))
    with pytest.raises(Unusable, match="no JSON"):
        await model.answer(ask(schema=CITY))
    assert len(google.requests) == 2


@pytest.mark.parametrize("fault", ["safety", "recitation", "blocked_prompt"])
async def test_a_blocked_answer_is_an_answer_without_words(google, model, fault: Fault):
    """What Google stops for safety ends with `safety` and no text, whatever was told before."""
    google.script(Step(text="Something bad", fault=fault))
    _, answer = await pieces(model.stream(ask()))
    assert (answer.stop, answer.text) == ("safety", "")
    assert answer.usage.output > 0


async def test_the_token_limit_is_told(google, model):
    """An answer cut at its token limit keeps its words and says so."""
    google.script(Step(text="A long", fault="length"))
    answer = await model.answer(ask())
    assert (answer.stop, answer.text) == ("length", "A long")


@pytest.mark.parametrize("fault", ["malformed_call", "unexpected_call", "empty", "truncated", "cut", "drop"])
async def test_an_answer_of_no_use_is_asked_for_again_once(google, model, fault: Fault):
    """A malformed call, silence, broken JSON or a broken line is asked again once, and then stands."""
    google.script(Step(text="Half an", fault=fault), Step(text="Whole."))
    assert (await model.answer(ask())).text == "Whole."
    google.script(Step(text="Half an", fault=fault), Step(text="Half an", fault=fault))
    with pytest.raises(Transient):
        await model.answer(ask())
    assert len(google.requests) == 4


@pytest.mark.parametrize("fault", ["drop", "cut", "truncated"])
async def test_a_stream_that_was_heard_is_not_begun_anew(google, model, fault: Fault):
    """Once words were told, a broken stream is the caller's to mend: nothing is told twice."""
    google.script(Step(text="Half an answer", fault=fault))
    stream = model.stream(ask())
    assert (await anext(stream)).text
    with pytest.raises(Transient):
        await pieces(stream)
    assert len(google.requests) == 1


@pytest.mark.parametrize(
    ("fault", "retry", "requests"),
    [
        ("rate_limited", "0.01s", 2),  # a short pause is waited for
        ("rate_limited", "", 1),  # no pause told: the quota may be spent for the day
        ("rate_limited", "34s", 1),
        ("rate_limited", "3600s", 1),
        ("unavailable", "", 2),  # busy for the moment
        ("unavailable", "0s", 2),
        ("unavailable", "90s", 1),
        ("broken", "", 2),
    ],
)
async def test_a_busy_vendor_is_asked_again_only_where_that_may_help(google, model, fault, retry, requests):
    """One quick second try after a short or unneeded pause; else the caller is told how long to wait."""
    google.script(*[Step(fault=fault, retry=retry)] * requests)
    with pytest.raises(Transient) as caught:
        await model.answer(ask())
    assert len(google.requests) == requests
    assert caught.value.retry_after == (float(retry.removesuffix("s")) if retry else None)
    assert not isinstance(caught.value, Unusable)


@pytest.mark.parametrize("fault", ["hang", "hang_midway"])
async def test_a_hang_ends_at_the_deadline(google, model, fault: Fault):
    """A vendor that falls silent costs the request's own time and no second try."""
    await model.warm()  # Google's client takes a second to load, which is not the vendor's silence
    google.script(Step(text="Half an answer", fault=fault))
    with pytest.raises(Transient, match=r"within 2 s"):
        await model.answer(ask(timeout=2))
    assert len(google.requests) == 1


async def test_a_slow_reader_is_not_cut_off(google, model):
    """The deadline counts the model's time: it never cancels the caller between two pieces."""
    await model.warm()
    google.script(Step(text="Two halves", fault="hang_midway"))
    stream = model.stream(ask(timeout=1))
    assert (await anext(stream)).text
    await asyncio.sleep(1.1)
    with pytest.raises(Transient, match="within"):
        await pieces(stream)


async def test_nobody_at_the_address_is_transient():
    """A refused connection is tried once more and told without the address's internals."""
    adapter = Gemini("test-key", base_url="http://127.0.0.1:9")
    with pytest.raises(Transient, match="connection failed"):
        await adapter.answer(ask())
    await adapter.close()


async def test_a_wrong_key_is_refused_with_googles_own_reason(google):
    """A wrong key is a fault of the settings, told in Google's words, and the key is not in them."""
    adapter = Gemini("wrong-key-value", base_url=google.url)
    for asking in (adapter.answer(ask()), adapter.check()):
        with pytest.raises(ModelRefused, match="API key not valid") as caught:
            await asking
        assert "wrong-key-value" not in str(caught.value)
    await adapter.close()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("suspended_key", ModelRefused), ("unknown_model", ModelRefused), ("bad_request", Permanent)],
)
async def test_what_trying_again_cannot_mend_is_permanent(google, model, fault, kind):
    """A suspended key, an unknown model and a bad request are asked once; a key Google quotes is cut out."""
    google.script(Step(fault=fault))
    with pytest.raises(Permanent) as caught:
        await model.answer(ask())
    assert type(caught.value) is kind
    assert "test-key" not in str(caught.value)
    assert len(google.requests) == 1


async def test_check_and_warm(google):
    """Warming opens the client beforehand; the check passes with a key the vendor accepts."""
    adapter = Gemini("test-key", base_url=google.url)
    await adapter.warm()
    await adapter.check()
    assert google.requests == []
    await adapter.close()


async def test_second_tries_stay_within_a_tenth(google, model):
    """Over 250 requests of which every fourth fails, the vendor sees at most a tenth more than were asked."""
    faults = ("unavailable", "malformed_call", "empty", "truncated", "rate_limited", "broken")
    count = 250
    plan = [faults[place // 4 % len(faults)] if place % 4 == 0 else "" for place in range(2 * count)]
    google.script(*[Step(text="Fine.", fault=fault) for fault in plan])
    failed = 0
    for _ in range(count):
        try:
            await model.answer(ask())
        except Transient:
            failed += 1
    assert len(google.requests) / count <= 1.1
    assert failed < count / 4
