"""The OpenAI-compatible adapter against a stand-in that speaks chat completions over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from shared.domain.errors import Permanent, Transient
from shared.models.chat_model import Answer, Delta, Request, ToolCall, ToolSpec, Turn
from shared.models.failures import ModelRefused
from shared.models.openai_compatible import OpenAICompatible
from tests.standins.model_server import Called, Fault, Step
from tests.standins.openai_api import OpenAIServer

BOOK = ToolSpec(name="book", description="Book a time.", parameters={"type": "object"})
CITY = {
    "title": "City",
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}


def ask(text: str = "Hello", **more) -> Request:
    turns = more.pop("turns", (Turn(role="customer", text=text),))
    settings = {"model": "gpt-4.1", "system": "Be kind.", "timeout": 5.0, **more}
    return Request(turns=turns, **settings)


@pytest.fixture(scope="module")
def served() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def vendor(served) -> OpenAIServer:
    served.reset()
    return served


@pytest.fixture
async def model(vendor) -> AsyncIterator[OpenAICompatible]:
    adapter = OpenAICompatible("openai", base_url=vendor.base_url, key="test-key", headers={"X-Team": "desk"})
    yield adapter
    await adapter.close()


async def test_streams_text_and_then_the_whole(vendor, model):
    """A stream tells the words as they come, in any script, and ends with the same words as one answer."""
    text = "हम नौ बजे\u2028खुलते हैं।"
    vendor.script(Step(text=text, served="gpt-4.1-2025"))
    told = [piece async for piece in model.stream(ask())]
    answer = told.pop()
    assert isinstance(answer, Answer)
    assert "".join(piece.text for piece in told) == answer.text == text
    assert (answer.stop, answer.model) == ("end", "gpt-4.1-2025")
    assert answer.usage.input > answer.usage.cached > 0
    assert answer.usage.output > 0
    assert vendor.requests[0].headers["x-team"] == "desk"


@pytest.mark.parametrize(
    ("provider", "field"), [("openai", "max_completion_tokens"), ("ollama", "max_tokens")]
)
async def test_the_limit_goes_by_the_name_its_vendor_knows(vendor, provider, field):
    """OpenAI's own endpoint reads another name for the output limit than its followers do."""
    adapter = OpenAICompatible(provider, base_url=vendor.base_url, key="test-key")
    await adapter.answer(ask(max_tokens=50, temperature=0.2))
    assert vendor.requests[0].body[field] == 50
    assert vendor.requests[0].body["temperature"] == 0.2
    await adapter.close()


async def test_a_call_comes_whole_and_its_answer_goes_back(vendor, model):
    """Fragments of tool calls are put together; the results go back under the calls' ids."""
    vendor.script(
        Step(
            text="Let me see.",
            calls=[
                Called(name="book", args={"at": "10:00"}, id="c1"),
                Called(name="book", args={"at": "11:00"}, id="c2"),
            ],
        )
    )
    told = [piece async for piece in model.stream(ask(tools=(BOOK,)))]
    answer = told[-1]
    assert answer.stop == "tools"
    assert [call.arguments for call in answer.calls] == [{"at": "10:00"}, {"at": "11:00"}]
    assert [piece.call for piece in told[:-1] if piece.call] == list(answer.calls)
    turns = (
        Turn(role="customer", text="Ten or eleven", media=(("image/png", b"\x89PNG"),)),
        Turn(role="desk", text=answer.text, calls=answer.calls),
        Turn(role="tool", call=answer.calls[0], result={"booked": True}),
        Turn(role="tool", call=answer.calls[1], result={"error": "taken"}),
    )
    await model.answer(ask(turns=turns, tools=(BOOK,)))
    _, customer, called, first, second = vendor.requests[1].body["messages"]
    assert customer["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert [call["id"] for call in called["tool_calls"]] == ["c1", "c2"]
    assert (first["tool_call_id"], second["tool_call_id"]) == ("c1", "c2")
    assert first["content"] == '{"booked": true}'


async def test_a_tool_of_another_system_keeps_its_name(vendor, model):
    """They allow no point in a function's name: to the model it has another."""
    tool = ToolSpec(name="shopify.get_order", description="Get it.", parameters={"type": "object"})
    vendor.script(Step(calls=[Called(name="shopify__get_order", id="c1")]))
    answer = await model.answer(ask(tools=(BOOK, tool)))
    assert ["shopify.get_order"] == [call.name for call in answer.calls]
    turns = (
        Turn(role="customer", text="Where is it?"),
        Turn(role="desk", calls=answer.calls),
        Turn(role="tool", call=answer.calls[0], result={}),
    )
    await model.answer(ask(turns=turns, tools=(BOOK, tool)))
    body = vendor.requests[1].body
    assert ["book", "shopify__get_order"] == [one["function"]["name"] for one in body["tools"]]
    assert "shopify__get_order" == body["messages"][2]["tool_calls"][0]["function"]["name"]


async def test_a_call_without_an_id_is_the_same_in_delta_and_answer(vendor, model):
    """An endpoint that names no id gets one from us, once."""
    vendor.script(Step(calls=[Called(name="book")]))
    *deltas, answer = [piece async for piece in model.stream(ask(tools=(BOOK,)))]
    assert answer.calls == (ToolCall(id=answer.calls[0].id, name="book", arguments={}),)
    assert deltas == [Delta(call=answer.calls[0])]


async def test_a_structured_answer_is_checked_against_its_schema(vendor, model):
    """Data that breaks its schema is asked for again once; a fence around it is forgiven."""
    vendor.script(Step(data={"city": 7}), Step(text='```json\n{"city": "Pune"}\n```'))
    answer = await model.answer(ask(schema=CITY))
    assert answer.data == {"city": "Pune"}
    assert vendor.requests[0].body["response_format"]["json_schema"] == {"name": "City", "schema": CITY}


@pytest.mark.parametrize("text", ["[1]", '{"city": 7}', "nothing like it"])
async def test_a_structured_answer_that_stays_wrong_is_transient(vendor, model, text):
    """After the second wrong answer the caller decides."""
    vendor.script(Step(text=text), Step(text=text))
    with pytest.raises(Transient):
        await model.answer(ask(schema=CITY))


@pytest.mark.parametrize("fault", ["malformed_call", "empty", "truncated", "cut", "drop"])
async def test_an_answer_of_no_use_is_asked_for_again_once(vendor, model, fault: Fault):
    """A malformed call, silence, broken JSON or a broken line is asked again once, and then stands."""
    vendor.script(Step(text="Half an", fault=fault), Step(text="Whole."))
    assert (await model.answer(ask())).text == "Whole."
    vendor.script(Step(text="Half an", fault=fault), Step(text="Half an", fault=fault))
    with pytest.raises(Transient):
        await model.answer(ask())
    assert len(vendor.requests) == 4


@pytest.mark.parametrize(("fault", "stop", "text"), [("safety", "safety", ""), ("length", "length", "Words")])
async def test_stops_are_told(vendor, model, fault: Fault, stop, text):
    """A filtered answer has no words; one cut at its limit keeps them."""
    vendor.script(Step(text="Words", fault=fault))
    answer = await model.answer(ask())
    assert (answer.stop, answer.text) == (stop, text)


@pytest.mark.parametrize(
    ("fault", "retry", "requests", "wait"),
    [
        ("rate_limited", "0.01", 2, 0.01),
        ("rate_limited", "", 1, None),
        ("rate_limited", "40", 1, 40.0),
        ("rate_limited", "soon", 1, None),
        ("unavailable", "", 2, None),
        ("broken", "", 2, None),
    ],
)
async def test_a_busy_vendor_is_asked_again_only_where_that_may_help(
    vendor, model, fault, retry, requests, wait
):
    """One quick second try after a short or unneeded pause; else the caller is told how long to wait."""
    vendor.script(*[Step(fault=fault, retry=retry)] * requests)
    with pytest.raises(Transient) as caught:
        await model.answer(ask())
    assert len(vendor.requests) == requests
    assert caught.value.retry_after == wait


async def test_a_pause_may_be_told_as_a_date(vendor, model):
    """Retry-After may hold a date; what is left until then is the pause."""
    due = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    vendor.script(Step(fault="rate_limited", retry=due))
    with pytest.raises(Transient) as caught:
        await model.answer(ask())
    assert 60 < caught.value.retry_after <= 90


@pytest.mark.parametrize("fault", ["hang", "hang_midway"])
async def test_a_hang_ends_at_the_deadline(vendor, model, fault: Fault):
    """A vendor that falls silent costs the request's own time and no second try."""
    vendor.script(Step(text="Half an answer", fault=fault))
    with pytest.raises(Transient, match="within"):
        await model.answer(ask(timeout=0.2))
    assert len(vendor.requests) == 1


async def test_a_wrong_key_is_refused_and_not_repeated(vendor):
    """The vendor's reason is told without the key, even where the vendor quotes it."""
    adapter = OpenAICompatible("openai", base_url=vendor.base_url, key="sk-wrong")
    for asking in (adapter.answer(ask()), adapter.check()):
        with pytest.raises(ModelRefused, match="Incorrect API key") as caught:
            await asking
        assert "sk-wrong" not in str(caught.value)
    await adapter.close()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("suspended_key", ModelRefused), ("unknown_model", ModelRefused), ("bad_request", Permanent)],
)
async def test_what_trying_again_cannot_mend_is_permanent(vendor, model, fault, kind):
    """A suspended key, an unknown model and a bad request are asked once."""
    vendor.script(Step(fault=fault))
    with pytest.raises(Permanent) as caught:
        await model.answer(ask())
    assert type(caught.value) is kind
    assert "test-key" not in str(caught.value)


async def test_check_passes_or_tells_that_nobody_answers(model):
    """The check lists models; where nobody listens it is transient."""
    await model.check()
    nobody = OpenAICompatible("vllm", base_url="http://127.0.0.1:9/v1")
    with pytest.raises(Transient, match="connection failed"):
        await nobody.check()
    with pytest.raises(Transient, match="connection failed"):
        await nobody.answer(ask())
    await nobody.close()
