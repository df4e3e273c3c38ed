"""Who writes or calls, across channels: what channels proved apart from what the customer claimed."""

from typing import ClassVar

import msgspec

from shared.domain.content import ChannelName


class Customer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A customer of a tenant. Its document is `customers/{id}`."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    source: ChannelName  # the channel of the first contact
    first_contact: str  # a stamp
    last_contact: str  # a stamp
    messages: int = 0  # how many they wrote, on all channels
    conversations: int = 0
    name: str | None = None  # as a channel's profile gives it
    phone: str | None = None  # E.164, proved by a channel
    handle: str | None = None
    external_id: str | None = None  # the tenant's own number for them
    language: str | None = None
    claimed: dict[str, str] = {}  # what the customer said of themselves: name, phone, email, company...
    preferences: dict[str, str] = {}
    merged_into: str | None = None  # the customer this one turned out to be

    def known(self) -> dict[str, str]:
        """What the desk may use when talking: claimed words first, since the customer chose them."""
        proved = {"name": self.name, "phone": self.phone}
        return {key: value for key, value in proved.items() if value} | dict(self.claimed)
