"""A durable run of a workflow: where it stands, what it waits for, and what it came to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

import msgspec

from shared.domain.colleagues import Role
from shared.domain.effects import Effect
from shared.domain.errors import Permanent
from shared.domain.identity import digest
from shared.domain.instants import stamp

RunStatus = Literal[
    "running",  # somebody advances it, or is about to
    "waiting",  # for a time, a signal, a person, the customer or another run
    "paused",  # by a person, until they resume it
    "completed",
    "failed",  # a step failed for good; what was to be undone is undone
    "cancelled",
    "parked",  # it broke what advances it again and again; a person looks and replays it
]
LONGEST_WAIT = timedelta(days=400)
"""How long a run sleeps at most."""
STEPS_KEPT = timedelta(days=7)
"""How long a run that is over can be tried again or forked, and its checkpoints are kept for it."""
STATE_KEPT = LONGEST_WAIT + timedelta(days=30)
"""How long the state of a run is kept: any sleep, and a month for people where it stands still."""
LARGEST = 500_000
"""Bytes of outputs and trace that a run's document holds, or of the state it begins with anew."""
GIVEN_THERE = 350_000
"""Bytes of input and context that stand beside those; a document holds a million in all."""
MOST_GIVEN = 4_000_000
"""Bytes of input and context altogether: each step's checkpoint holds them again."""
OVER: frozenset[RunStatus] = frozenset({"completed", "failed", "cancelled"})
"""Where nothing more comes."""
STILL: frozenset[RunStatus] = frozenset({"paused", "parked"})
"""Where nothing comes until a person has it go on."""
WaitKind = Literal["time", "signal", "webhook", "reply", "approval", "run", "retry"]


class OpenWait(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a step of a run waits for. `nth` rises each time the step waits, so an old timer is known."""

    node: str
    kind: WaitKind
    nth: int
    name: str = ""  # the signal's or webhook's
    at: str = ""  # when it began; what was said before that ends no wait for a reply
    due: str = ""  # a stamp: then it fires by itself
    alone: bool = False  # of a reply: the desk does not answer it as well
    words: tuple[str, ...] = ()  # of a reply: those that end it; empty = any
    anywhere: bool = False  # of a reply: also one in another conversation of the customer's
    question: str = ""  # of an approval
    role: Role = "human_agent"  # the least who may decide it
    rule: str = ""  # of an approval: what in the desk's file asks for it
    child: str = ""  # the run whose end is waited for


class Firing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What ended a wait, kept in the run until a step has taken it."""

    id: str  # the same for the same firing told twice
    node: str
    nth: int
    at: str
    value: Any = None
    name: str = ""  # what was heard, which any step that waits for it takes; `node` is empty then
    timed_out: bool = False


class TraceEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step as it went."""

    node: str
    kind: str
    at: str  # when it was done
    ms: float
    success: bool = True
    attempts: int = 1
    money: float = 0.0
    error: str = ""
    passing: bool = False  # of a failure: it may go better later, and nobody knows whether it acted
    detail: dict[str, Any] = {}


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Its document is `runs/{id}`; its steps' state stands in its checkpoints."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    rev: int = 0
    desk: str
    workflow: str  # its name in the desk's file
    version: int  # of the definition it began with
    status: RunStatus = "running"
    input: dict[str, Any] = {}
    context: dict[str, Any] = {}
    conversation: str = ""
    customer: str = ""
    by: str = ""  # who or what started it
    about: str = ""  # the thing it is about, of which there is one run
    fact_at: str = ""  # when the fact that started it happened
    turn: str = ""  # the turn in whose place it answers, or answered last; empty = it answers for none
    upto: int = 0  # the newest of the messages that turn is to answer
    answer: tuple[Effect, ...] = ()  # what it says and asks for in that turn, which commits it
    parent: str = ""  # the run that waits for it
    parent_node: str = ""
    token: str = ""  # what the addresses of its hooks are made of; nobody outside sees it
    lease: str = ""  # who advances it; empty when nobody does
    lease_until: str = ""  # until when it is theirs alone; while nobody has it, when it is tried again
    fence: int = 0  # rises with every lease; whoever holds an older one acts and commits no more
    begun: bool = False  # whether a step of the thread was ever committed
    thread: int = 0  # rises when it is taken back to an earlier step
    failures: int = 0  # advances in a row that were cut short before any step was done
    seen: int = 0  # steps that were done when one was cut short last
    carried: int = 0  # effects of its steps that are committed
    waits: tuple[OpenWait, ...] = ()
    asking: bool = False  # whether a person is to decide something
    inbox: tuple[Firing, ...] = ()  # what fired and no step has taken yet
    replied: tuple[int, ...] = ()  # messages of its conversation that ended its waits, each once
    replied_elsewhere: tuple[str, ...] = ()  # those of other conversations, by `reply_name`
    heard: tuple[str, ...] = ()  # ids of the signals it was told last, so that one told twice is one
    seed: dict[str, Any] = {}  # the state its thread begins with, where that is not the input alone
    seed_at: str = ""  # the file of that state, where it or the input is too large for this document
    asked: Literal["", "pause", "cancel", "stop"] = ""  # by a person; stopping undoes nothing
    ends_as: Literal["", "failed", "cancelled"] = ""  # what it becomes once everything is undone
    large: bool = False  # what it came to is too large for its document, and stands in its last checkpoint
    outputs: dict[str, Any] = {}  # once it is over
    trace: tuple[TraceEntry, ...] = ()  # once it is over; before, what undid its steps so far
    money: float = 0.0
    error: str = ""
    created_at: str
    updated_at: str = ""
    ended_at: str = ""
    still_until: str = ""  # when it ends by itself, while it is paused or set aside
    until: str = ""  # when it goes, once it is over
    words_until: str = ""  # when what it was given and came to goes, once it is over; empty once it is gone
    steps_until: str = ""  # when its checkpoints go, once it is over; empty once they are gone


def answers(wait: OpenWait, *said: str | None) -> bool:
    """Whether what a customer wrote or tapped ends a wait for their reply, whatever its case."""
    folded = {one.strip(" .!").casefold() for one in said if one}
    return wait.kind == "reply" and (
        not wait.words or any(word.strip(" .!").casefold() in folded for word in wait.words)
    )


def reply_name(conversation: str, seq: int) -> str:
    """What a message of another conversation than the run's is known by."""
    return f"{conversation} {seq}"


def took(run: Run, conversation: str, seq: int) -> bool:
    """Whether a message ended a wait of the run; `conversation` is empty for its own."""
    return reply_name(conversation, seq) in run.replied_elsewhere if conversation else seq in run.replied


def awaits_reply(run: Run) -> bool:
    """Whether a run waits for the customer's next message."""
    return any(wait.kind == "reply" for wait in run.waits)


def listens(run: Run) -> bool:
    """Whether a run goes on by itself when what it waits for comes, nobody having stopped it."""
    return run.status in ("running", "waiting") and not (run.asked or run.ends_as)


def ended_already(run: Run, wait: OpenWait) -> bool:
    """Whether something ended the wait before: the first one counts."""
    return any(one.id == firing_id(run, wait) for one in run.inbox)


def firing_id(run: Run, wait: OpenWait) -> str:
    """The name of what ends a wait: there is one, whatever it is."""
    return digest("fired", run.id, str(run.thread), wait.node, str(wait.nth))


_LOOSE = ("input", "context", "inbox", "seed", "outputs", "trace")
"""What may hold anything, lists of lists among it, which some stores refuse: kept as JSON text."""


def as_document(run: Run) -> dict[str, object]:
    """A run as its document holds it."""
    data: dict[str, object] = msgspec.to_builtins(run)
    return data | {name: msgspec.json.encode(data[name]).decode() for name in _LOOSE}


_UNLISTED = {
    "input",
    "context",
    "seed",
    "outputs",
    "trace",
    "answer",
    "heard",
    "replied",
    "replied_elsewhere",
}
LISTED = tuple(one.name for one in msgspec.structs.fields(Run) if one.name not in _UNLISTED)
"""The fields of a run's document that a list reads: all but what it was given, heard and came to."""


def read_run(data: dict[str, object]) -> Run:
    """The run in a document; of one that was read for a list, without what lists do not read."""
    loose = {name: msgspec.json.decode(str(data[name])) for name in _LOOSE if name in data}
    return msgspec.convert(data | loose, Run)


def fits(outputs: dict[str, Any], trace: tuple[TraceEntry, ...]) -> bool:
    """Whether what a run came to fits its document, beside what else that holds."""
    return len(msgspec.json.encode((outputs, trace))) <= LARGEST


def check_given(given: Mapping[str, Any], context: Mapping[str, Any]) -> None:
    """Returns if a run can be begun with this. Raises Permanent."""
    if len(msgspec.json.encode((given, context))) > MOST_GIVEN:
        raise Permanent(f"a run is begun with {MOST_GIVEN // 1_000_000} MB at most; send a reference instead")


def heard_as(kind: str, name: str) -> str:
    """The name by which what a step waits for is heard; empty for what is told to one wait alone."""
    return {"signal": name, "webhook": f"hook:{name}"}.get(kind, "")


def run_path(run: str) -> str:
    """Where a run stands within its tenant."""
    return f"runs/{run}"


def thread_of(run: Run) -> str:
    """The thread of a run's checkpoints."""
    return f"run:{run.id}#{run.thread}"


def ended(run: Run, status: RunStatus, now: datetime, *, words_until: datetime, until: datetime) -> Run:
    """A run as it is over: nobody's any more, waiting for nothing."""
    words_until = min(words_until, until)
    return msgspec.structs.replace(
        run,
        status=status,
        waits=(),
        asking=False,
        inbox=(),
        heard=(),
        seed={},
        seed_at="",
        asked="",
        ended_at=stamp(now),
        until=stamp(until),
        words_until=stamp(words_until),
        steps_until=stamp(min(now + STEPS_KEPT, words_until)),
    )


def without_words(run: Run) -> Run:
    """A run of which stays which steps it went through, how long they took and what they cost."""
    trace = tuple(msgspec.structs.replace(one, error="", detail={}) for one in run.trace)
    return msgspec.structs.replace(
        run, input={}, context={}, outputs={}, trace=trace, error="", words_until=""
    )
