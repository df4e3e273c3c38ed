"""What a customer sent that rules cannot read: voices, pictures, places, posts, stickers, a bare emoji.

The desk tells a model of these in brackets, `(sent a file: audio)`; a person who cannot open something says
so, and says nothing much about a sticker.
"""

import re

from shared.models.offline.move import Move
from shared.models.offline.talk import Talk

_MARK = re.compile(
    r"\(sent a file: (?P<file>\w+)\)|\(sent: (?P<kind>\w+)\)"
    r"|^\(shared a (?P<shared>place|contact|post): .*\)$",
    re.MULTILINE,
)
_SAID = {
    "audio": "no_ear", "image": "no_eyes", "video": "no_eyes", "document": "no_eyes",
    "unsupported": "unreadable", "place": "place_seen", "contact": "contact_seen", "post": "post_seen",
}  # fmt: skip
_BLIND = ("no_ear", "no_eyes", "unreadable")


def apart(text: str) -> tuple[str, frozenset[str]]:
    """What the customer wrote, and the kinds of what they sent beside it; an emoji alone is a sticker."""
    kinds = {
        str(found.group("file") or found.group("kind") or found.group("shared"))
        for found in _MARK.finditer(text)
    }
    words = "\n".join(filter(None, (line.strip() for line in _MARK.sub("", text).splitlines())))
    if words and not re.search(r"\w|[?!]", words):
        return "", frozenset(kinds | {"sticker"})
    return words, frozenset(kinds)


def unread(talk: Talk, kinds: frozenset[str], *, words: bool) -> list[Move]:
    """What to say of it; nothing beside `words` that can be answered, but that we are blind or deaf to it."""
    keys = [key for kind, key in _SAID.items() if kind in kinds]
    key = next((key for key in keys if key in _BLIND), next(iter(keys), ""))
    if words:
        return [Move("say", key)] if key in _BLIND else []
    again = [Move("reask")] if talk.missing() else []
    if not key:
        return again or [Move("say", "ok" if talk.greeted else "greeting")]
    return [Move("say", key, offer_person=key in _BLIND and not again), *again]
