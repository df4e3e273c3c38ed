"""Channels written as lists of inputs and outputs, read into one block per channel."""

from rapidfuzz import process

from shared.config.nodes import Node, grown, notice, plain, problem
from shared.config.problems import Notice, Problem

CHANNEL_NAMES = {
    "web_chat": "webchat",
    "webchat": "webchat",
    "whatsapp": "whatsapp",
    "instagram": "instagram",
    "sms": "sms",
    "email": "email",
    "voice": "phone",
    "phone": "phone",
    "web_voice": "room",
    "room": "room",
    "api": "api",
}
"""Every spelling of a channel, and its canonical name."""
_KEYS = {
    ("phone", "phone_numbers"): "numbers",
    ("phone", "ivr_enabled"): "ivr",
    ("room", "max_duration"): "max_seconds",
    ("instagram", "business_account"): "handle",
    ("instagram", "page_id"): "handle",
    ("email", "from"): "address",
    ("whatsapp", "media_support"): "media",
}
_PROVIDERS = {"twilio_whatsapp": "twilio", "twilio_sms": "twilio", "meta_whatsapp": "meta"}
_GONE = {
    ("webchat", "proactive_chat"): "channels.webchat.opening_line, which says what it opens with",
    ("instagram", "auto_reply"): "channels.instagram.enabled",
    ("whatsapp", "template_messages"): "channels.whatsapp.template, which names the template",
}
_SPOKEN = {"voice_id": "voice.voice_id", "speed": "voice.tts.speed", "pitch": "voice.tts.pitch"}


def from_lists(channels: Node, notices: list[Notice], problems: list[Problem]) -> dict[str, Node]:
    """Change `channels` in place; what an output says of the voice comes back by its canonical path."""
    blocks: dict[str, dict[str, Node]] = {}
    spoken: dict[str, Node] = {}
    kept: dict[str, Node] = {}
    for direction, entries in channels.map.items():
        if not isinstance(entries.value, list):
            kept[direction] = entries
            continue
        for index, item in enumerate(entries.value):
            path = ("channels", direction, index)
            kind = item.map.get("type")
            name = CHANNEL_NAMES.get(kind.text or "") if kind else None
            if name is None:
                problems.append(problem(kind or item, path, _unknown(kind), _write(kind)))
            elif name == "phone" and direction == "output":
                spoken |= {_SPOKEN[key]: child for key, child in _settings(item).items() if key in _SPOKEN}
            else:
                _add(blocks.setdefault(name, {}), name, item, notices, problems)
        notices.append(
            notice(entries, ("channels", direction), f"written channels.{direction}", "now channels.<name>")
        )
    channels.value = kept | {name: grown(block, channels) for name, block in blocks.items()}
    return spoken


def _add(
    block: dict[str, Node], name: str, item: Node, notices: list[Notice], problems: list[Problem]
) -> None:
    for key, child in _settings(item).items():
        new = _KEYS.get((name, key), key)
        if (name, key) in _GONE:
            notices.append(
                notice(child, ("channels", name, key), f"written {key}", f"now {_GONE[name, key]}")
            )
            continue
        value = child
        if new == "provider" and child.text in _PROVIDERS:
            value = Node(_PROVIDERS[child.text or ""], child.mark, child.key)
        if new in block and plain(block[new]) != plain(value):
            first = block[new].place.line
            problems.append(
                problem(child, ("channels", name, new), f"another value than in line {first}", "keep one")
            )
        block.setdefault(new, value)


def _settings(item: Node) -> dict[str, Node]:
    """An entry's own keys and those of its `config`, as one."""
    own = {key: child for key, child in item.map.items() if key not in ("type", "config")}
    config = item.map.get("config")
    return own | (config.map if config else {})


def _unknown(kind: Node | None) -> str:
    return f"the channel type {kind.value!r}" if kind else "a channel without a type"


def _write(kind: Node | None) -> str:
    near = process.extractOne(str(kind.value), list(CHANNEL_NAMES), score_cutoff=60) if kind else None
    return f"write {near[0]}" if near else f"write one of {', '.join(sorted(set(CHANNEL_NAMES.values())))}"
