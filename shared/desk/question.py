"""What a turn has to answer: the messages that wait, the customer, the talk so far, the time at the desk."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.agents.desk_facts import facts_of
from shared.agents.prompt import names_of, system_prompt
from shared.agents.team import all_at_once
from shared.config.schema import DeskConfig
from shared.config.templates import render
from shared.config.versions import Published
from shared.desk.beside import NOTHING, Beside
from shared.desk.customers import find
from shared.desk.people_memory import Care, cared, memory_path, words_of
from shared.desk.pictures import pictures_of, with_pictures
from shared.desk.services import Services
from shared.desk.transcript import Transcript, read_transcript
from shared.domain.conversation import Head, Message
from shared.domain.customers import Customer, known
from shared.domain.instants import instant, stamp
from shared.models.budget import spent_on
from shared.models.chat_model import Briefing, Request, Turn
from shared.security.tenancy import TenantStore
from shared.tools.registry import specs
from shared.tools.shape import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One turn's question, complete before anything is asked of a model."""

    turn: str  # {conversation}:{first pending sequence}
    conversation: str
    covers: tuple[int, int]
    now: datetime  # what its words mean by now, however late it is answered
    head: Head
    published: Published
    customer: Customer | None
    transcript: Transcript
    language: str
    spent: float  # what the conversation cost so far, USD; 0 where no condition asks
    withdrawn: bool  # the customer took back everything that waited
    care: tuple[Care, ...] = ()  # what colleagues left
    request: Request
    beside: Beside = NOTHING

    @property
    def config(self) -> DeskConfig:
        """The desk's configuration this turn runs on."""
        return self.published.config

    @property
    def waiting(self) -> tuple[Message, ...]:
        """The customer's messages that wait for its answer, without those they took back."""
        first, last = self.covers
        return tuple(
            one
            for one in self.transcript.messages
            if one.author == "customer" and first <= one.seq <= last and not one.withdrawn
        )

    @property
    def text(self) -> str:
        """Their words."""
        return "\n".join(one.content.text for one in self.waiting)


async def ask(
    services: Services,
    store: TenantStore,
    conversation: str,
    *,
    head: Head,
    published: Published,
    upto: int,
    beside: Beside = NOTHING,
) -> Question:
    """The question that the messages up to `upto` put. Raises Permanent where the desk's prompt is broken."""
    config = published.config
    customer, transcript, left, spent = await asyncio.gather(
        find(store, head.customer),
        read_transcript(store, conversation, head, config, upto),
        store.get(memory_path(conversation)),
        _spent(store, conversation, config),
    )
    care = cared(left)
    waiting = [one for one in transcript.messages if one.author == "customer" and one.seq > head.answered]
    first = min((one.seq for one in waiting), default=upto)
    told = customer.language if customer and customer.language in config.desk.languages else None
    language = head.language or told or config.desk.languages[0]
    # When the newest words came, or the desk had the word back: a turn resumed a day later reads the same.
    came = max((one.at for one in waiting), default=stamp(services.ports.clock.now()))
    now = instant(max(came, head.back_at)).astimezone(ZoneInfo(config.desk.timezone))
    details = known(customer) if customer else {}
    pictures = await pictures_of(services, transcript.messages, after=head.answered)
    turns = with_pictures(transcript.turns, pictures)
    return Question(
        turn=f"{conversation}:{first}",
        conversation=conversation,
        covers=(first, upto),
        now=now,
        head=head,
        published=published,
        customer=customer,
        transcript=transcript,
        language=language,
        spent=spent,
        withdrawn=all(one.withdrawn for one in waiting),
        care=tuple(care),
        request=beside.added_to(
            request_of(
                services.tools,
                all_at_once(config),
                turns,
                now=now,
                language=language,
                channel=head.channel,
                customer=details,
                summary=transcript.summary,
                care=care,
            )
        ),
        beside=beside,
    )


def asked_of(tools: Catalogue, config: DeskConfig, question: Question) -> Request:
    """What a model is asked of a question, by the desk as `config` has it."""
    return question.beside.added_to(
        request_of(
            tools,
            config,
            question.request.turns,
            now=question.now,
            language=question.language,
            channel=question.head.channel,
            customer=question.request.briefing.customer,
            summary=question.transcript.summary,
            care=question.care,
        )
    )


def request_of(
    tools: Catalogue,
    config: DeskConfig,
    turns: tuple[Turn, ...],
    *,
    now: datetime,
    language: str,
    channel: str,
    customer: dict[str, str],
    summary: str = "",
    care: Sequence[Care] = (),
) -> Request:
    """What a model is asked to answer these turns at a desk; `now` is the desk's own time."""
    local, choice = now.isoformat(timespec="minutes"), config.agent.model
    names = names_of(config, customer=customer, language=language, channel=channel, now=local)
    facts = facts_of(config, now)
    return Request(
        model=choice.model or choice.profile,
        system=system_prompt(config, names, facts, summary, words_of(care, config.desk.timezone)),
        turns=turns,
        tools=specs(tools, config),
        temperature=choice.temperature,
        max_tokens=choice.max_tokens,
        briefing=Briefing(
            desk_name=config.desk.name,
            agent_name=config.agent.name,
            languages=config.desk.languages,
            language=language,
            now=local,
            customer=customer,
            greeting=render(config.agent.greeting, names) if config.agent.greeting else "",
            facts=facts,
            promises=tuple(promise for one in care for promise in one.promises),
        ),
    )


async def _spent(store: TenantStore, conversation: str, config: DeskConfig) -> float:
    """What the conversation cost so far, read only where a trigger of the desk is over money."""
    if not any("money" in trigger.condition for trigger in config.behavior.escalation.triggers):
        return 0.0
    return await spent_on(store, conversation)
