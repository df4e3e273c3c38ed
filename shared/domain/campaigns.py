"""Campaigns: what is said to whom, how far it came, and what became of each target."""

from typing import ClassVar, Literal

import msgspec

from shared.domain.outreach import Kind

CampaignState = Literal["draft", "running", "paused", "done", "cancelled"]

TargetState = Literal[
    "waiting",  # for its turn, its hours, or another try
    "trying",  # under way; what becomes of it is looked for
    "reached",  # the vendor took it, or the call was made
    "failed",  # no try reached them
    "skipped",  # a duplicate, or they want no messages; never tried
    "cancelled",  # the campaign was ended before
]

OPEN: tuple[TargetState, ...] = ("waiting", "trying")


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """When a campaign pauses by itself: so great a share of so many outcomes in so many seconds failed."""

    share: float = 0.5
    seconds: int = 120
    least: int = 5


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One outcome, as the breaker counts it."""

    at: str  # a stamp
    failed: bool = False


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign. Its document is `campaigns/{id}`; the timer `advance_campaign` takes it further."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    name: str
    means: Literal["messages", "calls"] = "messages"
    kind: Kind = "marketing"
    text: str = ""  # free words, or the first words of a call; a desk's template over `event`, the row
    template: str = ""  # the approved one's name
    columns: tuple[str, ...] = ()  # of the file, beside phone, customer and language, in their order
    agreed: str = ""  # how these people agreed to hear of the business
    hours: str = ""  # when, by each one's own clock, e.g. "daily 10:00-18:00"; empty = the desk's own
    per_minute: int = 30
    attempts: int = 2  # tries of a message; calls are tried by the desk's own rules
    retry_minutes: int = 30
    breaker: Breaker = Breaker()
    state: CampaignState = "draft"
    reason: str = ""  # why it is paused or over
    step: int = 0  # rises with every advance; a timer that names another is an old one
    total: int = 0
    counts: dict[str, int] = {}  # targets by state
    outcomes: tuple[Outcome, ...] = ()  # within the breaker's window
    expected_cost: float = 0.0  # USD, as the dry run told
    estimated: bool = False  # whether a price list tells what any of it costs
    cost: float = 0.0  # USD, of what was sent
    begins: str = ""  # a stamp
    created_at: str
    by: str = ""
    started_at: str = ""
    ended_at: str = ""
    until: str  # when it goes


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a campaign. Its document is `campaigns/{id}/targets/{n}`."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    n: int  # from 1, in the file's order
    line: int  # of the file
    number: str = ""  # E.164
    customer: str = ""
    language: str = ""
    row: dict[str, str] = {}  # the other columns
    state: TargetState = "waiting"
    due: str  # a stamp: not before then; of one under way, when it is looked at again
    attempt: int = 0
    outreach: str = ""  # of the newest attempt
    reason: str = ""
    ended_at: str = ""
    until: str


def campaign_path(campaign: str) -> str:
    """Where a campaign stands within its tenant."""
    return f"campaigns/{campaign}"


def targets_of(campaign: str) -> str:
    """The collection of its targets."""
    return f"{campaign_path(campaign)}/targets"


def target_path(campaign: str, n: int) -> str:
    """Where a target stands; text order is the file's."""
    return f"{targets_of(campaign)}/{n:06d}"
