"""What a realtime model is told of its desk, its caller and this call, before it says a word."""

from collections.abc import Mapping
from dataclasses import dataclass

from livekit.agents import llm

from shared.agents.prompt import names_of
from shared.config.templates import render
from shared.config.versions import Published
from shared.desk.calls.begin import channel_of_call
from shared.desk.calls.situation import lines_of
from shared.desk.commit import head_path, read_head
from shared.desk.people_memory import cared, memory_path, words_of
from shared.desk.question import ask
from shared.desk.services import Services
from shared.domain.calls import Call
from shared.domain.customers import known
from shared.domain.errors import NotThere
from shared.models.chat_model import ToolSpec
from shared.security.tenancy import TenantStore
from voice_service.carried import as_context

ALOUD = 'Say exactly this to the caller, in the language you speak with them, and nothing else: "{words}"'
"""How a model that speaks for itself is given words that are not its own."""

SAY = "When a tool answers with words under say, say them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A call as a model is told of it."""

    system: str
    history: llm.ChatContext  # what was said before, by whichever job
    tools: tuple[ToolSpec, ...]
    language: str
    greeting: str  # how to open the call, for a model
    opening: str  # the words that open it; empty where the desk's file has none
    left: str  # what colleagues left for whoever goes on


async def instruct(
    services: Services, store: TenantStore, call: Call, published: Published, tools: Mapping[str, object]
) -> Told:
    """What to tell the model, which has these tools of the call itself.

    Raises NotThere without a conversation, Permanent for a broken template.
    """
    head = read_head(await store.get(head_path(call.conversation)))
    if head is None:
        raise NotThere(f"conversation {call.conversation} of call {call.id} is unknown; the job lets go")
    question = await ask(
        services, store, call.conversation, head=head, published=published, upto=head.pending
    )
    details = known(question.customer) if question.customer else {}
    language = head.language or published.config.voice.language or question.language
    names = names_of(
        published.config,
        customer=details,
        language=language,
        channel=channel_of_call(call.direction),
        now=question.now.isoformat(timespec="minutes"),
    )
    opening = _opening(call, published, names)
    lines = (*lines_of(call, published, language, tools), SAY)
    system = "\n\n".join((question.request.system, "\n".join(lines)))
    return Told(
        system=system,
        history=as_context(question.request.turns),
        tools=question.request.tools,
        language=language,
        greeting=_greeting(call, published, opening),
        opening=opening,
        left=words_of(cared(await store.get(memory_path(call.conversation))), published.config.desk.timezone),
    )


def _opening(call: Call, published: Published, names: dict[str, object]) -> str:
    config = published.config
    return call.opening or render(config.voice.greeting.message or config.agent.greeting or "", names).strip()


def _greeting(call: Call, published: Published, opening: str) -> str:
    config = published.config
    if call.opening:
        return f'Open the call now. Say this, in your own voice: "{opening}"'
    if opening:
        return f'Greet the caller now, as this says or asks: "{opening}"'
    return f"Greet the caller now in one short sentence, as {config.agent.name} of {config.desk.name}."
