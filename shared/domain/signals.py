"""What a turn's words show, each 0..1; an absent signal is absent, never guessed."""

import msgspec


class Signals(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The signals of one customer turn, from the model's side call or the offline rules."""

    intent: str | None = None
    language: str | None = None  # BCP 47, e.g. "hi" or "en"
    sentiment: float | None = None  # below 0.3 is negative
    complexity: float | None = None  # how hard the request is; the one score where high is hard
    confidence: float | None = None  # from the evidence behind the answer
    qualification: float | None = None  # where the desk sells
    discount: float | None = None  # the share off the price they ask for; 0 = some, without saying how much
    party_size: int | None = None  # how many people a table or visit is asked for
    wants_human: bool | None = None
    category: str | None = None  # where the desk has a team, the member whose matter it is
