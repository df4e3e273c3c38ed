"""A conversation as a model is shown it: the last messages, and a running summary of those before."""

from dataclasses import dataclass
from itertools import groupby

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.commit import message_path, read_message
from shared.domain.content import Content
from shared.domain.conversation import Head, Message
from shared.models.chat_model import Turn
from shared.models.guard import check
from shared.ports import Data
from shared.security.tenancy import TenantStore

CHARACTERS_A_TOKEN = 4
"""A rough measure that errs on the safe side for European scripts; the window is a budget, no bill."""


BATCH = 10
"""The window grows by so many messages before the oldest of them are summarised, all at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What a turn reads."""

    turns: tuple[Turn, ...]  # for the model, oldest first
    messages: tuple[Message, ...]  # what was read, oldest first
    kept: int  # how many of them the turns hold: the newest that the budget of tokens takes
    rev: int  # the head's when they were read: later changes are not in them
    summary: str  # of everything before
    summarised_to: int  # the summary covers messages up to here
    since: str  # when the oldest words in the summary were said, a stamp; empty where there is none


async def read_transcript(
    store: TenantStore, conversation: str, head: Head, config: DeskConfig, upto: int
) -> Transcript:
    """The conversation up to the customer's message `upto`, windowed by count and by tokens."""
    summary, summarised_to, since = await _summary(store, conversation, head)
    most = config.behavior.history_messages
    first = max(summarised_to + 1, upto - most - max(most, BATCH), 1)
    documents = await store.get_many([message_path(conversation, seq) for seq in range(first, head.last + 1)])
    messages = [read_message(document) for document in documents if document]
    # What came while the desk was thinking is not part of the question.
    messages = [message for message in messages if message.author != "customer" or message.seq <= upto]
    messages = in_order(messages)
    kept = _window(messages, config.behavior.history_tokens)
    return Transcript(
        turns=tuple(turn for message in kept for turn in _as_turns(message)),
        messages=tuple(messages),
        kept=len(kept),
        rev=head.rev,
        summary=summary,
        summarised_to=summarised_to,
        since=since,
    )


def in_order(messages: list[Message]) -> list[Message]:
    """What a customer wrote in one go in the vendor's order, for a burst is recorded in any; else ours."""
    ordered: list[Message] = []
    for wrote, group in groupby(messages, key=lambda message: message.author == "customer"):
        run = list(group)
        ordered += sorted(run, key=lambda one: (one.provider_at or one.at, one.seq)) if wrote else run
    return ordered


def due_for_summary(transcript: Transcript, config: DeskConfig) -> tuple[Message, ...]:
    """The messages that have left the window, once there are enough of them to be worth a summary."""
    beyond = len(transcript.messages) - config.behavior.history_messages
    cut = len(transcript.messages) - transcript.kept
    due = max(beyond if beyond >= BATCH else 0, cut)
    return transcript.messages[:due]


def summary_path(conversation: str) -> str:
    """Where a conversation's running summary stands."""
    return f"conversations/{conversation}/memory/summary"


async def _summary(store: TenantStore, conversation: str, head: Head) -> tuple[str, int, str]:
    """The summary, up to where, and since when; none where words were changed after it read them."""
    document = await store.get(summary_path(conversation))
    if document is None or int(str(document.data.get("rev", 0))) < head.changed:
        return "", 0, ""
    data = document.data
    return str(data["text"]), int(str(data["upto"])), str(data.get("since", ""))


def _window(messages: list[Message], tokens: int) -> list[Message]:
    left = tokens * CHARACTERS_A_TOKEN
    kept: list[Message] = []
    for message in reversed(messages):
        left -= len(message.content.text) + (len(str(message.trace)) if message.trace else 0)
        if left < 0 and kept:
            break
        kept.append(message)
    return kept[::-1]


def _as_turns(message: Message) -> list[Turn]:
    """A message as the model sees it; a desk's answer with the tool calls that led to it."""
    if message.withdrawn or message.status in ("suppressed", "failed", "parked"):
        return []
    if message.content.kind == "reaction":
        return []
    if message.author == "customer":
        return [Turn(role="customer", text=check(readable(message.content), direction="in").text)]
    if message.author == "human":
        return [Turn(role="desk", text=f"(a colleague wrote) {message.content.text}")]
    before = [msgspec.convert(turn, Turn) for turn in message.trace]
    if not message.content.text:
        return before
    return [*before, Turn(role="desk", text=message.content.text)]


def readable(content: Content) -> str:
    """A customer's message in words, whatever it was; what they did not write stands in brackets."""
    if content.choice is not None and content.choice != content.text:
        return f"{content.text} [{content.choice}]"
    if shared := _shared(content):
        return shared
    if content.text or content.kind == "text":
        return content.text
    if content.attachments:
        return " ".join(f"(sent a file: {file.kind})" for file in content.attachments)
    return f"(sent: {content.kind})"


def _shared(content: Content) -> str:
    """A place, a contact or a post that was shared without a word; empty for anything else."""
    words = " ".join(content.text.split())
    if content.location is not None:
        at = f"{content.location.latitude}, {content.location.longitude}"
        return f"(shared a place: {words if words == at else f'{words} {at}'.strip()})"
    if content.kind == "contacts" and any(letter.isalpha() for letter in words):
        return f"(shared a contact: {words})"  # a number alone is their own, shared because they were asked
    posts = _posts(content)
    return f"(shared a post: {words})" if posts and words == posts and not content.attachments else ""


def _posts(content: Content) -> str:
    """What a channel says of posts that were shared without a word."""
    shared = (content.data or {}).get("shared")
    posts = [one for one in shared if isinstance(one, dict)] if isinstance(shared, list) else []
    return ", ".join(str(one.get("title") or one.get("url") or "") for one in posts)


def trace_of(turns: tuple[Turn, ...]) -> tuple[Data, ...]:
    """A turn's tool calls and results, as its answer's message keeps them for later turns."""
    kept = [turn for turn in turns if turn.calls or turn.role == "tool"]
    data: tuple[Data, ...] = tuple(msgspec.to_builtins(turn) for turn in kept)
    return data
