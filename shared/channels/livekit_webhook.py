"""LiveKit's webhooks, alike for telephones and browser rooms: who signed them, and what they tell of calls.

The token in the header names its key and holds a hash of the body, so it vouches for both. A secret is
handed in as key:secret. Source: docs.livekit.io/home/server/webhooks.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from shared.channels.shape import Account, Dispatch, Outcome, Sent, Webhook
from shared.channels.vendor_json import Item, decode, instant_of, mapping, text
from shared.domain.errors import Forged, Malformed
from shared.domain.events import CallReported, Event, InRoom
from shared.domain.identity import digest

if TYPE_CHECKING:
    import httpx

LEEWAY = 60  # seconds two clocks may differ
_LONGEST = 4096  # characters of a token; LiveKit's has about 300
_TOLD: dict[str, Literal["room_started", "room_finished", "joined", "left"]] = {
    "room_started": "room_started",
    "room_finished": "room_finished",
    "participant_joined": "joined",
    "participant_left": "left",
    "participant_connection_aborted": "left",
}
_KINDS: dict[str, Literal["standard", "sip", "agent"]] = {
    "": "standard",
    "STANDARD": "standard",
    "SIP": "sip",
    "AGENT": "agent",
}
_NETWORKS = "sip."


def verify(webhook: Webhook, secrets: Sequence[str]) -> None:
    """Returns if one of the keys signed this very body and the signature has not expired. Raises Forged."""
    given = webhook.header("authorization") or ""
    token = given.removeprefix("Bearer ")
    if len(token) > _LONGEST or not any(_signed(token, pair, webhook.body) for pair in secrets if pair):
        raise Forged("the webhook is not signed by LiveKit; check LIVEKIT_API_KEY and LIVEKIT_API_SECRET")


def _signed(token: str, pair: str, body: bytes) -> bool:
    import jwt  # noqa: PLC0415 - the modules of channels are loaded where nothing is verified too

    key, _, secret = pair.partition(":")
    if not key or not secret:
        return False
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            issuer=key,
            leeway=LEEWAY,
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
        claimed = str(claims.get("sha256", "")).encode()
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return False
    return hmac.compare_digest(base64.b64encode(hashlib.sha256(body).digest()), claimed)


def account(webhook: Webhook) -> str | None:  # noqa: ARG001 - the platform's key signs for every desk
    """None: one project at LiveKit carries all desks' calls."""
    return None


def parse(webhook: Webhook) -> list[Event]:
    """Who came into a room or left it, and rooms that began or ended; of other things, nothing. Raises
    Malformed.
    """
    body = decode(webhook.body)
    told = _TOLD.get(text(body, "event"))
    room, identity = mapping(body, "room"), text(body, "id")
    name = text(room, "name")
    if told is None:
        return []
    if not name or not identity:
        raise Malformed("LiveKit's webhook names no room, or has no id")
    someone = mapping(body, "participant")
    if told in ("joined", "left") and not text(someone, "identity"):
        raise Malformed("LiveKit's webhook tells of somebody and does not say of whom")
    return [
        CallReported(
            event_id=digest("livekit", identity),
            what=told,
            room=name,
            metadata=text(room, "metadata"),
            participant=_in_room(someone) if told in ("joined", "left") else None,
            at=instant_of(body, "createdAt"),
        )
    ]


def _in_room(someone: Item) -> InRoom:
    attributes = mapping(someone, "attributes")
    return InRoom(
        identity=text(someone, "identity"),
        kind=_KINDS.get(text(someone, "kind"), "other"),
        attributes={key: text(attributes, key) for key in attributes if key.startswith(_NETWORKS)},
        reason=text(someone, "disconnectReason"),
    )


async def send(http: "httpx.AsyncClient", account: Account, dispatch: Dispatch) -> Outcome:  # noqa: ARG001 - no vendor
    """Nothing to hand over: whoever carries the call reads the stored message and says it."""
    return Sent(dispatch.key)
