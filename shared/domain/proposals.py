"""What a desk could learn from a handover: a fix, the words that prove it, and what people decided."""

from typing import ClassVar, Literal

import msgspec

FixKind = Literal["knowledge", "guideline", "setting"]
ProposalState = Literal["proposed", "approved", "refused"]


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a desk.

    `knowledge`: `title` is a question, `text` its answer. `guideline`: `text` is a rule the agent keeps.
    `setting`: `title` is a key of the desk's file, dotted, and `text` its value as YAML.
    """

    kind: FixKind = "knowledge"
    title: str = ""
    text: str = ""


class Scenario(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a customer says, and what an answer must then show: every word of `expect`, and the tool."""

    ask: str
    expect: tuple[str, ...] = ()
    tool: str = ""


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a version of a desk made of a scenario, with nothing sent and nothing done."""

    passed: bool
    said: str = ""
    tools: tuple[str, ...] = ()  # those it called, in order
    handed_over: bool = False
    lacking: tuple[str, ...] = ()  # what was expected and is not there
    version: int = 0  # the version rehearsed, or the one a draft was made from
    model: str = ""
    trouble: str = ""  # why there is no answer


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A fix put to a supervisor. Its document is `proposals/{id}`; every field is written, for queries."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    conversation: str
    handover: str
    fix: Fix
    scenario: Scenario
    reason: str = ""  # why the desk had asked for a person; nothing of it is kept once approved
    state: ProposalState = "proposed"
    before: Rehearsal | None = None  # on the version that runs
    after: Rehearsal | None = None  # on that version with the fix
    problems: tuple[str, ...] = ()  # why the fix makes no desk that could run
    broken: tuple[str, ...] = ()  # proposals approved before whose scenario no longer passes with this fix
    earlier: int = 0  # how many of those were rehearsed
    created_at: str
    updated_at: str = ""
    deciding: str = ""  # since when an approval is under way, a stamp
    by: str = ""  # who decided; a colleague's id
    by_name: str = ""
    why: str = ""  # of a refusal
    published: int = 0  # the version that approval made
    written: str = ""  # what became of the desk's file, in words


def proposal_path(proposal: str) -> str:
    """Where a proposal stands within its tenant."""
    return f"proposals/{proposal}"
