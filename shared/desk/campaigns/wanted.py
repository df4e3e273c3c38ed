"""What somebody asks of a campaign, before it is checked and drawn up."""

from datetime import datetime

import msgspec

from shared.domain.campaigns import Breaker
from shared.domain.outreach import Kind


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign is to be; see `Campaign`."""

    desk: str
    name: str
    means: str = "messages"
    kind: Kind = "marketing"
    text: str = ""
    template: str = ""
    agreed: str = ""
    hours: str = ""
    per_minute: int = 30
    attempts: int = 2
    retry_minutes: int = 30
    breaker: Breaker = Breaker()
    begins: datetime | None = None
