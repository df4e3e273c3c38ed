"""The port's promises: streaming, determinism, no loops, no bill."""

import msgspec
import pytest

from shared.models.chat_model import Answer, Briefing, Delta, Request, ToolCall, ToolSpec, Turn, Usage
from shared.models.offline.model import OfflineModel

SEARCH = ToolSpec(
    name="look_it_up",
    description="Finds prices and facts.",
    parameters={"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    examples=("How much does it cost?",),
)
PERSON = ToolSpec(
    name="fetch_somebody",
    description="Fetches a person.",
    parameters={"type": "object", "properties": {"reason": {"type": "string"}}, "required": ["reason"]},
    examples=("I want to talk to a human",),
)
ORDER = ToolSpec(
    name="place_order",
    description="Orders a cake.",
    parameters={
        "type": "object",
        "properties": {
            "size": {"type": "string", "enum": ["small", "large"]},
            "quantity": {"type": "integer", "x-ask": {"en": "How many cakes?", "hi": "कितने केक?"}},
            "gift_wrap": {"type": "boolean"},
            "delivery_date": {"type": "string", "description": "YYYY-MM-DD"},
        },
        "required": ["size", "quantity", "gift_wrap", "delivery_date"],
    },
    examples=("I would like to order a cake", "cake order karna hai"),
)
BRIEFING = Briefing(
    desk_name="Bakery", agent_name="Bela", languages=("en", "hi"), now="2026-11-20T10:00:00+05:30"
)


def request(*turns: Turn, tools=(SEARCH, PERSON, ORDER), **more) -> Request:
    return Request(model="offline-1", system="", turns=turns, tools=tools, **{"briefing": BRIEFING, **more})


def says(text: str) -> Turn:
    return Turn(role="customer", text=text)


async def answer(*turns: Turn, **more) -> Answer:
    return await OfflineModel().answer(request(*turns, **more))


async def test_a_stream_is_sentences_and_then_the_whole():
    """The deltas joined are the answer's text; exactly one Answer comes, at the end."""
    pieces = [piece async for piece in OfflineModel().stream(request(says("what can you do?")))]

    *deltas, whole = pieces
    assert isinstance(whole, Answer)
    assert all(isinstance(delta, Delta) for delta in deltas)
    assert "".join(delta.text for delta in deltas) == whole.text


async def test_a_streamed_call_is_a_delta_too():
    """A tool call streams whole."""
    pieces = [piece async for piece in OfflineModel().stream(request(says("how much is a cake?")))]

    assert [piece.call for piece in pieces[:-1]] == list(pieces[-1].calls)
    assert pieces[-1].stop == "tools"


async def test_a_long_answer_streams_in_several_sentences():
    """Abbreviations and numbers do not lose a letter on the way."""
    call = ToolCall(id="1", name="look_it_up", arguments={"query": "cake price"})
    found = {
        "passages": [{"text": "A cake costs 12.50 a kilo. It serves ten.", "source": "a.md", "score": 0.9}]
    }
    turns = (
        says("cake price?"),
        Turn(role="desk", calls=(call,)),
        Turn(role="tool", call=call, result=found),
    )

    pieces = [piece async for piece in OfflineModel().stream(request(*turns))]

    assert "".join(piece.text for piece in pieces[:-1]) == pieces[-1].text
    assert "12.50 a kilo" in pieces[-1].text
    assert len(pieces) >= 3


async def test_the_same_request_has_the_same_answer():
    """Nothing is left to chance."""
    turns = [says("hi, how much is a cake?")]

    assert msgspec.json.encode(await answer(*turns)) == msgspec.json.encode(await answer(*turns))


async def test_it_names_the_model_and_bills_nothing():
    """The answer carries the model asked for and no tokens."""
    told = await answer(says("hello"))

    assert told.model == "offline-1"
    assert told.usage == Usage()


async def test_it_is_always_there():
    """A check returns, there being nothing to reach."""
    assert await OfflineModel().check() is None


async def test_it_never_makes_the_same_call_twice_in_a_turn():
    """A call that failed is not repeated: the desk apologises."""
    call = ToolCall(id="1", name="look_it_up", arguments={"query": "cake price"})
    failed = Turn(role="tool", call=call, result={"error": "out of reach"})

    told = await answer(says("cake price?"), Turn(role="desk", calls=(call,)), failed)

    assert not told.calls
    assert "did not work" in told.text


async def test_it_calls_no_more_after_four_rounds():
    """Whatever the tools answer, a turn ends."""
    turns = [says("book it, how much is a cake and what about pies?")]
    for number in range(4):
        call = ToolCall(id=str(number), name="look_it_up", arguments={"query": f"other {number}"})
        turns += [Turn(role="desk", calls=(call,)), Turn(role="tool", call=call, result={"passages": []})]

    told = await answer(*turns)

    assert not told.calls
    assert told.text


async def test_without_turns_it_greets_in_the_desks_own_words():
    """The desk's greeting opens the talk."""
    own = msgspec.structs.replace(BRIEFING, greeting="Welcome to the bakery!")

    assert (await answer(briefing=own)).text == "Welcome to the bakery!"
    assert (await answer(says("hello"), briefing=own)).text == "Welcome to the bakery!"


async def test_messages_sent_in_one_go_are_answered_together():
    """A greeting, a question and another question are one turn."""
    told = await answer(says("hi"), says("how much is a cake?"), says("and how much are pies?"))

    assert [call.arguments["query"] for call in told.calls] == ["cake price", "pies price"]


async def test_a_tool_it_never_heard_of_is_filled_question_by_question():
    """Options, numbers, yes or no and days are asked for one at a time, with taps where they help."""
    turns: list[Turn] = []

    async def say(text: str) -> Answer:
        turns.append(says(text))
        told = await answer(*turns)
        turns.append(Turn(role="desk", text=told.text))
        return told

    first = await say("I would like to order a cake")
    assert [title for _, title in first.choices] == ["Small", "Large"]
    assert (await say("large")).text == "How many cakes?"
    wrap = await say("three")
    assert wrap.choices == (("yes", "Yes"), ("no", "No"))
    assert "day" in (await say("yes")).text
    done = await say("day after tomorrow")

    assert done.calls[0].name == "place_order"
    assert done.calls[0].arguments == {
        "size": "large", "quantity": 3, "gift_wrap": True, "delivery_date": "2026-11-22",
    }  # fmt: skip


async def test_a_question_worded_by_the_tool_is_asked_in_the_customers_language():
    """`x-ask` may hold a question per language."""
    turns = [
        says("cake order karna hai"),
        Turn(role="desk", text="Aapko kaun sa chahiye (size)?"),
        says("large, भैया"),
    ]

    told = await answer(*turns)

    assert told.text == "कितने केक?"


async def test_without_tools_it_does_not_promise_any():
    """A desk without a way to fetch a person says so."""
    told = await answer(says("I want to talk to a human"), tools=())

    assert "cannot connect you" in told.text
    assert not told.choices


async def test_a_desk_without_knowledge_still_answers():
    """Without tools a question it cannot place gets what the desk can do."""
    assert (await answer(says("do you sell cars?"), tools=())).text


async def test_facts_are_told_by_their_own_names():
    """Any fact of the desk's file can be asked for."""
    wifi = msgspec.structs.replace(BRIEFING, facts={"wifi": "free for guests"})

    assert "Wifi: free for guests." in (await answer(says("do you have wifi?"), briefing=wifi)).text


async def test_a_known_customer_is_not_asked_for_their_name():
    """What the desk knows of a customer fills a booking."""
    take = ToolSpec(
        name="take_place",
        description="Books.",
        parameters={
            "type": "object",
            "properties": {"name": {"type": "string"}, "phone": {"type": "string"}},
            "required": ["name", "phone"],
        },
        examples=("I want to book a place",),
    )
    known = msgspec.structs.replace(BRIEFING, customer={"name": "Asha", "phone": "+919876543210"})

    told = await answer(says("I want to book a place"), tools=(take,), briefing=known)

    assert told.calls[0].arguments == {"name": "Asha", "phone": "+919876543210"}


async def test_a_refused_choice_is_not_offered_again():
    """When somebody else was quicker, the others are offered."""
    offer = ToolSpec(
        name="free_places",
        description="Shows free places.",
        parameters={"type": "object", "properties": {}},
        examples=("Which slots are free?",),
    )
    take = ToolSpec(
        name="take_place",
        description="Books.",
        parameters={
            "type": "object",
            "properties": {"slot": {"type": "string", "description": "An id of free_places."}},
            "required": ["slot"],
        },
        examples=("Book it",),
    )
    shown = ToolCall(id="1", name="free_places", arguments={})
    taken = ToolCall(id="2", name="take_place", arguments={"slot": "A"})
    turns = (
        says("which slots are free?"),
        Turn(role="desk", calls=(shown,)),
        Turn(
            role="tool",
            call=shown,
            result={},
            choices=(("A", "Mon 23 Nov, 10:00"), ("B", "Mon 23 Nov, 11:00")),
        ),
        Turn(role="desk", text="These times are free. Which time suits you?"),
        says("10:00"),
        Turn(role="desk", calls=(taken,)),
        Turn(role="tool", call=taken, result={"error": "slot: A is no longer free"}),
    )

    told = await answer(*turns, tools=(offer, take))

    assert "not available" in told.text
    assert told.choices == (("B", "Mon 23 Nov, 11:00"),)


@pytest.mark.parametrize(
    "text", ["", "   ", "?", "....", "😀", "a" * 5000, "१२३", "\u0000", "'; drop table--", "{{ x }}"]
)
async def test_anything_at_all_gets_an_answer(text):
    """Empty, odd or endless messages are answered in words or by a search."""
    told = await answer(says(text))

    assert told.text or told.calls
