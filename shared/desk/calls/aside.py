"""Words beside the turns of a call, as they are asked for: a greeting, a goodbye, sorry for a broken line.

A model alone puts them into words; words that are given are said by the voice, and never come here. Nothing
is answered by it, and no tool acts.
"""

from contextlib import AsyncExitStack

import msgspec

from shared.config.versions import Published
from shared.desk.calls.situation import beside_of
from shared.desk.calls.turn import Say
from shared.desk.commit import head_path, read_head
from shared.desk.question import ask
from shared.desk.services import Services
from shared.desk.showing import hosts_of
from shared.desk.spending import within_budget
from shared.domain.calls import Call
from shared.domain.errors import NotThere
from shared.models.chat_model import Turn
from shared.models.guard import check
from shared.models.router import OFFLINE
from shared.security.tenancy import TenantStore

MOST_TOKENS = 120
PATIENCE = 6.0

NOW = "(The caller is on the line. Speak now.)"
"""What a model that is asked for words without a question is asked with."""


async def say_aside(
    services: Services, store: TenantStore, call: Call, published: Published, *, wanted: str, say: Say
) -> None:
    """Say what is `wanted`. Raises Transient or Permanent where no model puts it into words."""
    head = read_head(await store.get(head_path(call.conversation)))
    if head is None:
        raise NotThere(f"conversation {call.conversation} of call {call.id} is unknown")
    question = await ask(
        services,
        store,
        call.conversation,
        head=head,
        published=published,
        upto=head.pending,
        beside=beside_of(call, published, head),
    )
    route = services.models.route("fast")
    if route.chain[0].name == OFFLINE:
        await say(question.request.briefing.greeting or f"{published.config.desk.name}.")
        return
    request = msgspec.structs.replace(
        question.request,
        system=f"{question.request.system}\n\n{wanted}",
        turns=(*question.request.turns, Turn(role="customer", text=NOW)),
        tools=(),
        max_tokens=MOST_TOKENS,
        timeout=PATIENCE,
    )
    async with AsyncExitStack() as after:
        allowed = await after.enter_async_context(
            within_budget(
                services,
                store,
                config=published.config,
                conversation=call.conversation,
                request=request,
                routes=(route,),
            )
        )
        await allowed
        answer = await route.answer(request)
    await say(check(answer.text, direction="out", hosts=hosts_of(services, published.config)).text)
