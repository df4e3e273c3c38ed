"""Reads Twilio's forms: a message of a customer, or how far one of ours came; WhatsApp's and texts alike.

Source: twilio.com/docs/messaging/guides/webhook-request.
"""

import msgspec

from shared.channels.shape import Webhook
from shared.channels.twilio_errors import failure
from shared.channels.twilio_signature import fields
from shared.channels.vendor_json import Item, kept, number
from shared.domain.content import Attachment, ChannelName, Content, Location
from shared.domain.errors import Malformed
from shared.domain.events import DeliveryReported, DeliveryStatus, Event, MessageReceived, Sender
from shared.domain.identity import digest

_STATUS: dict[str, DeliveryStatus] = {
    "accepted": "sent",  # Twilio has it, which is what we ask of "sent"
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "partially_delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
_MOST_MEDIA = 10

Form = dict[str, str]


def form(webhook: Webhook) -> Form:
    """The form, each field once. Raises Malformed where the body is none."""
    try:
        found = dict(fields(webhook))
    except ValueError as error:
        raise Malformed("the webhook's form has too many fields") from error
    if not (found.get("MessageSid") or found.get("SmsSid")):
        raise Malformed("the webhook is not Twilio's: `MessageSid` is missing")
    return found


def account(webhook: Webhook) -> str | None:
    """The number of ours that the unverified form names."""
    try:
        found = form(webhook)
    except Malformed:
        return None
    return _bare(found.get("From" if _status(found) else "To", "")) or None


def service(webhook: Webhook) -> str | None:
    """The messaging service that the unverified form says its number belongs to."""
    try:
        return form(webhook).get("MessagingServiceSid") or None
    except Malformed:
        return None


def parse(webhook: Webhook, channel: ChannelName) -> list[Event]:
    """The one fact of a form, or none where it says nothing to us. Raises Malformed."""
    found = form(webhook)
    customer, ours = _bare(found.get("From", "")), _bare(found.get("To", ""))
    if _status(found):
        return [_report(found, channel, ours=customer, customer=ours, key=webhook.query.get("key") or None)]
    if found.get("MessageStatus") or not (customer and ours):
        return []
    message_id = found.get("MessageSid") or found["SmsSid"]
    return [
        MessageReceived(
            event_id=digest("twilio", channel, ours, message_id, "message"),
            channel=channel,
            account=ours,
            service=found.get("MessagingServiceSid") or None,
            sender=Sender(
                id=customer,
                name=found.get("ProfileName") or None,
                phone=customer if customer.startswith("+") and customer[1:].isdecimal() else None,
            ),
            message_id=message_id,
            at="",  # Twilio does not say when; the recorder's instant stands
            content=_content(found),
        )
    ]


def _status(found: Form) -> DeliveryStatus | None:
    return _STATUS.get(found.get("MessageStatus", ""))


def _report(
    found: Form, channel: ChannelName, *, ours: str, customer: str, key: str | None
) -> DeliveryReported:
    status, message_id = _STATUS[found["MessageStatus"]], found.get("MessageSid") or found["SmsSid"]
    return DeliveryReported(
        event_id=digest("twilio", channel, message_id, f"status:{status}"),
        channel=channel,
        account=ours,
        service=found.get("MessagingServiceSid") or None,
        customer=customer or None,
        message_id=message_id,
        status=status,
        at="",
        key=key,
        failure=failure(found.get("ErrorCode", ""), found.get("ErrorMessage", ""))
        if status == "failed"
        else None,
    )


def _bare(address: str) -> str:
    """A number without the channel's name before it."""
    return address.removeprefix("whatsapp:").strip()


def _content(found: Form) -> Content:
    """What the customer did: tapped, shared a place or files, filled a form, or wrote."""
    words = found.get("Body", "")
    files, place = _files(found), _place(found)
    choice = found.get("ButtonPayload") or found.get("ListId")
    content = Content(text=words)
    if choice:
        seen = found.get("ButtonText") or found.get("ListTitle") or words
        content = Content(kind="choice", text=seen, choice=choice)
    elif found.get("InteractiveData"):
        content = Content(kind="form", text=words, data=_answers(found["InteractiveData"]))
    elif place:
        content = Content(kind="location", text=words or _spoken(place), location=place)
    elif found.get("OptOutType"):  # Twilio has answered it and would refuse ours
        content = Content(kind="system", text=words, data={"opt_out": found["OptOutType"]})
    elif files:
        content = Content(kind="media", text=words, attachments=files)
    elif not words:
        content = Content(kind="unsupported", data={"type": found.get("MessageType", "")})
    return _in_context(found, content)


def _in_context(found: Form, content: Content) -> Content:
    """With the message it answers and the advertisement that led here."""
    referral: Item = {name: value for name, value in found.items() if name.startswith("Referral") and value}
    if not (
        "ReferralSourceUrl" in referral or "ReferralSourceId" in referral
    ):  # a bare count of media is none
        referral = {}
    return msgspec.structs.replace(
        content,
        reply_to=found.get("OriginalRepliedMessageSid") or None,
        data={**(content.data or {}), "referral": referral} if referral else content.data,
    )


def _files(found: Form) -> tuple[Attachment, ...]:
    count = found.get("NumMedia", "")
    most = min(int(count), _MOST_MEDIA) if count.isdecimal() and len(count) < 4 else 0
    return tuple(
        _file(found[f"MediaUrl{index}"], found.get(f"MediaContentType{index}", ""))
        for index in range(most)
        if found.get(f"MediaUrl{index}")
    )


def _file(url: str, media_type: str) -> Attachment:
    family = media_type.partition("/")[0]
    return Attachment(
        kind=family if family in ("image", "audio", "video") else "document",  # type: ignore[arg-type]  # one of these
        media_type=media_type or "application/octet-stream",
        media_id=url.rpartition("/")[2] or None,
        url=url,
    )


def _place(found: Form) -> Location | None:
    latitude, longitude = number(dict(found), "Latitude"), number(dict(found), "Longitude")
    if latitude is None or longitude is None:
        return None
    return Location(
        latitude=latitude,
        longitude=longitude,
        name=found.get("Label") or None,
        address=found.get("Address") or None,
    )


def _spoken(place: Location) -> str:
    named = ", ".join(part for part in (place.name, place.address) if part)
    return named or f"{place.latitude}, {place.longitude}"


def _answers(written: str) -> Item:
    """A form's answers, which come as JSON in a field."""
    try:
        answers = msgspec.json.decode(written)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {"InteractiveData": written}
    return kept(answers) if isinstance(answers, dict) else {"InteractiveData": written}
