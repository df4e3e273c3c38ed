"""What Meta's Graph API refuses, with the code it gives: the rules of its stand-in."""

from typing import Any

_ENVELOPE = {
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
}
_MARK = {"messaging_product", "status", "message_id", "typing_indicator"}
_MEDIA = {
    "image": {"id", "link", "caption"},
    "audio": {"id", "link", "voice"},
    "video": {"id", "link", "caption"},
    "document": {"id", "link", "caption", "filename"},
    "sticker": {"id", "link"},
}


class Refused(Exception):
    """A refusal with Meta's code."""

    def __init__(self, code: int, details: str, subcode: int | None = None) -> None:
        super().__init__(details)
        self.code, self.details, self.subcode = code, details, subcode


def need(holds: Any, code: int, details: str, subcode: int | None = None) -> None:
    """Refuse with that code unless it holds."""
    if not holds:
        raise Refused(code, details, subcode)


def _only(item: Any, allowed: set[str], where: str) -> None:
    need(isinstance(item, dict), 100, f"{where} is not an object")
    need(not set(item) - allowed, 100, f"{where} has unknown fields {sorted(set(item) - allowed)}")


def _words(value: Any, most: int, where: str, code: int = 131009) -> None:
    need(isinstance(value, str) and 0 < len(value) <= most, code, f"{where} is not 1 to {most} characters")


def check_mark(body: dict[str, Any]) -> None:
    """A read mark, with or without typing."""
    _only(body, _MARK, "mark")
    need(body["status"] == "read" and body.get("message_id"), 100, "a mark needs status read and message_id")
    need(body.get("typing_indicator", {"type": "text"}) == {"type": "text"}, 100, "typing_indicator")


def check_whatsapp(body: dict[str, Any]) -> str:
    """The type of a message that is allowed."""
    kind = body.get("type", "text")
    _only(body, {*_ENVELOPE, kind}, "message")
    need(body.get("messaging_product") == "whatsapp", 100, "messaging_product")
    need(bool(body.get("to")) or bool(body.get("recipient")), 131009, "no recipient")
    need("." not in str(body.get("to", "")), 131009, "a business-scoped id goes into `recipient`")
    need(len(body.get("biz_opaque_callback_data", "")) <= 512, 131009, "biz_opaque_callback_data is too long")
    if kind == "text":
        _only(body["text"], {"body", "preview_url"}, "text")
        _words(body["text"].get("body"), 4096, "text.body")
    elif kind == "template":
        _template(body["template"])
    elif kind == "interactive":
        _interactive(body["interactive"])
    elif kind in _MEDIA:
        _only(body[kind], _MEDIA[kind], kind)
        need(("id" in body[kind]) != ("link" in body[kind]), 131009, f"{kind} needs id or link")
    else:
        raise Refused(131051, f"type {kind} is not supported")
    return str(kind)


def _template(template: dict[str, Any]) -> None:
    _only(template, {"name", "language", "components"}, "template")
    _words(template.get("name"), 512, "template.name", 132001)
    need(template.get("language", {}).get("code"), 132001, "template.language.code")


def _interactive(interactive: dict[str, Any]) -> None:
    _only(interactive, {"type", "header", "body", "footer", "action"}, "interactive")
    _words(interactive.get("body", {}).get("text"), 1024, "interactive.body.text")
    action = interactive.get("action", {})
    if interactive["type"] == "button":
        buttons = action.get("buttons", [])
        need(1 <= len(buttons) <= 3, 131009, "1 to 3 buttons")
        for button in buttons:
            _words(button["reply"].get("title"), 20, "button title")
            _words(button["reply"].get("id"), 256, "button id")
        need(len({button["reply"]["title"] for button in buttons}) == len(buttons), 131009, "titles repeat")
    elif interactive["type"] == "list":
        _words(action.get("button"), 20, "list button")
        rows = [row for section in action.get("sections", []) for row in section["rows"]]
        need(1 <= len(rows) <= 10, 131009, "1 to 10 rows")
        for row in rows:
            _only(row, {"id", "title", "description"}, "row")
            _words(row.get("title"), 24, "row title")
            _words(row.get("id"), 200, "row id")
            need(len(row.get("description", "")) <= 72, 131009, "row description")
    else:
        raise Refused(131009, "interactive type")


def check_instagram(body: dict[str, Any]) -> str:
    """`message` or the sender action of a call that is allowed."""
    _only(body, {"recipient", "message", "sender_action", "messaging_type", "payload"}, "call")
    need(body.get("recipient", {}).get("id"), 100, "recipient.id")
    if "sender_action" in body:
        need(body["sender_action"] in ("typing_on", "typing_off", "mark_seen"), 100, "sender_action")
        need("message" not in body, 100, "an action goes alone")
        return str(body["sender_action"])
    message = body.get("message")
    _only(message, {"text", "attachment", "quick_replies"}, "message")
    assert message is not None
    need(("text" in message) != ("attachment" in message), 100, "text or attachment")
    if "text" in message:
        need(0 < len(message["text"].encode()) <= 1000, 100, "text is over 1000 bytes")
    else:
        _only(message["attachment"], {"type", "payload"}, "attachment")
        need(message["attachment"]["payload"].get("url"), 100, "attachment url")
    quick = message.get("quick_replies", [])
    need(len(quick) <= 13, 100, "over 13 quick replies")
    for reply in quick:
        _only(reply, {"content_type", "title", "payload"}, "quick reply")
        _words(reply.get("title"), 20, "quick reply title", 100)
    return "message"
