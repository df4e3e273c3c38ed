"""One call: what the model is told of its mistakes, of slow tools, and how a result is kept."""

import asyncio
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

from shared.domain.content import Outgoing
from shared.domain.effects import HandOver, Publish, Send, SetTimer
from shared.domain.errors import Permanent, Transient
from shared.models.chat_model import ToolCall
from shared.tools.call import canonical, pack, run_tool, told, unpack
from shared.tools.reach import reach_of
from shared.tools.registry import tool_catalogue
from shared.tools.shape import Catalogue, ToolResult

CATALOGUE = tool_catalogue()


class Payment:
    """A dangerous tool, as a package may bring one."""

    NAME = "make_payment"
    TIMEOUT = 1.0

    class Arguments(BaseModel):
        """Nothing."""

    @staticmethod
    async def run(arguments, context):
        return ToolResult(data={"paid": True})


@pytest.mark.parametrize(
    ("grant", "allowed", "error"),
    [
        (None, False, "has no grant; write grant: once"),
        ("never", False, "has no grant"),
        ("each_time", False, "waits until a person allows this call"),
        ("each_time", True, None),  # a person did
        ("once", False, None),  # publishing the file did
    ],
)
async def test_a_dangerous_tool_acts_by_its_grant_alone(grant, allowed, error):
    """Wherever it is called from; what is refused says what to write."""
    entry = SimpleNamespace(grant=grant)
    context = SimpleNamespace(config=SimpleNamespace(tools={"make_payment": entry}), allowed=allowed)
    result = await run_tool(Catalogue({"make_payment": Payment}), call("make_payment"), lambda _: context)

    assert (error is None) == (result.data == {"paid": True})
    assert error is None or error in result.error


@pytest.mark.parametrize(
    ("name", "reach"),
    [
        ("make_payment", "dangerous"),
        ("bank.make_payment", "dangerous"),  # another system's is no safer
        ("bank.get_balance", "acts"),
    ],
)
def test_some_names_are_dangerous_whatever_their_tool_says(name, reach):
    """A tool cannot make itself harmless by what it says, nor by whose it is."""
    assert reach == reach_of(SimpleNamespace(NAME=name, REACH="acts"))


def call(name, **arguments):
    return ToolCall(id="1", name=name, arguments=arguments)


def never(_):
    raise AssertionError("no context is needed for a call that is wrong")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (call("fly"), "there is no tool 'fly'; there are book_slot, cancel_booking, check_slots"),
        (call("search_knowledge"), "query: it is required; ask the customer if they have not said it"),
        (
            call("search_knowledge", query="x", top=99),
            "top: found '99'; Input should be less than",
        ),
        (
            call("check_slots", period="night"),
            "period: found 'night'; Input should be 'morning',",
        ),
        (call("check_slots", when="now"), "when: check_slots has no such argument; leave it out"),
        (call("book_slot", slot=["a"]), "slot: found \"['a']\"; Input should be a valid string"),
        (
            call("record_details", other=[{"field": "Bad Name", "value": "x"}]),
            "other.0.field: found 'Bad Name'; String should match",
        ),
    ],
)
async def test_a_wrong_call_is_told_by_field_with_what_was_found(asked, expected):
    """The model reads which argument is wrong, what it wrote and what is allowed."""
    result = await run_tool(CATALOGUE, asked, never)

    assert result.error.startswith(expected)
    assert told(result) == {"error": result.error}


def slow_tool(run, timeout=5.0):
    class Nothing(BaseModel):
        pass

    tool = SimpleNamespace(NAME="try", Settings=Nothing, Arguments=Nothing, TIMEOUT=timeout, run=run)
    return Catalogue({"try": tool})


async def test_a_tool_that_hangs_is_cut_off_and_told():
    """A tool that outlives its time is cancelled, and the model is told to go on without it."""
    cancelled = asyncio.Event()

    async def hang(_arguments, _context):
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    result = await run_tool(slow_tool(hang, timeout=0.01), call("try"), lambda _: None)

    assert result.error == "try took longer than 0.01 seconds; say so, or hand over"
    assert cancelled.is_set()


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (Permanent("the card was refused"), "the card was refused"),
        (Transient("no line"), "try is out of reach just now (no line); try once more, or hand over"),
    ],
)
async def test_a_tools_own_errors_are_told_as_they_are(raised, expected):
    """Both families of error reach the model in their own words."""

    async def fail(_arguments, _context):
        raise raised

    assert (await run_tool(slow_tool(fail), call("try"), lambda _: None)).error == expected


async def test_a_mistake_of_ours_is_not_hidden():
    """An error outside the two families is a fault of the code and stops the turn."""

    async def fail(_arguments, _context):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await run_tool(slow_tool(fail), call("try"), lambda _: None)


def test_the_same_arguments_have_one_spelling():
    """Order, nulls, defaults and the spelling of numbers do not make another call of the same one."""
    same = [
        canonical(CATALOGUE, call("search_knowledge", query="दाम", top=3)),
        canonical(CATALOGUE, call("search_knowledge", top="3", query="दाम")),
    ]
    bare = canonical(CATALOGUE, call("search_knowledge", query="दाम", top=None))

    assert same == ['{"query":"दाम","top":3}'] * 2
    assert bare == '{"query":"दाम"}'
    assert canonical(CATALOGUE, call("fly", b=1, a={"d": None, "c": 2})) == '{"a":{"c":2,"d":null},"b":1}'


def test_a_result_is_kept_and_read_back_whole():
    """What the effects ledger keeps is the result itself, effects of every kind included."""
    result = ToolResult(
        data={"slots": [{"slot": "S7K2M"}], "n": 1},
        effects=(
            HandOver(reason="x", priority="urgent"),
            SetTimer(name="t", due="2026-11-20T05:00:00.000000Z", handler="h", payload={"a": 1}),
            Send(message=Outgoing(text="hi")),
            Publish(topic="happened", event={"what": "x"}),
        ),
        sources=("faq.md",),
        choices=(("S7K2M", "Mon 23 Nov, 10:30"),),
        confidence=0.5,
        error="e",
    )

    assert unpack(pack(result)) == result
