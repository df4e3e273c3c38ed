"""Which conversation a customer's id leads to, where a channel knows one person by several ids."""

from collections.abc import Sequence

from shared.desk.commit import head_path
from shared.domain.content import ChannelName
from shared.domain.events import Sender
from shared.domain.identity import conversation_id
from shared.ports import Put, Write
from shared.security.tenancy import TenantStore

SEVERAL_IDS: tuple[ChannelName, ...] = ("whatsapp",)
"""Channels that name one customer now by a business-scoped id, now by the number, now by both."""


def ids_of(sender: Sender) -> tuple[str, ...]:
    """The ids a sender is known by there, the strongest first."""
    number = sender.phone.removeprefix("+") if sender.phone else None
    return tuple(dict.fromkeys(one for one in (sender.id, sender.former_id, number) if one))


async def conversation_of(
    store: TenantStore, desk: str, channel: ChannelName, account: str, ids: Sequence[str]
) -> str:
    """The conversation begun under any of these ids, or the one a message under the first would begin."""
    candidates = [conversation_id(desk, channel, account, one) for one in ids]
    if channel not in SEVERAL_IDS:
        return candidates[0]
    paths = [*map(head_path, candidates), *map(_alias_path, candidates)]
    found = await store.get_many(paths)
    begun = [name for name, head in zip(candidates, found, strict=False) if head]
    led_to = [str(alias.data["conversation"]) for alias in found[len(candidates) :] if alias]
    return next(iter([*begun, *led_to]), candidates[0])


def aliases(
    conversation: str, desk: str, channel: ChannelName, account: str, ids: Sequence[str]
) -> list[Write]:
    """What leads the other ids of its customer to a conversation."""
    if channel not in SEVERAL_IDS:
        return []
    others = [conversation_id(desk, channel, account, one) for one in ids]
    link: dict[str, object] = {"shape": 1, "conversation": conversation}
    return [Put(_alias_path(other), link) for other in others if other != conversation]


def _alias_path(conversation: str) -> str:
    return f"aliases/{conversation}"
