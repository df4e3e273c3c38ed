"""People are told what is theirs: in their browser, and by webhooks that prove who calls."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from shared.backends.embedded.secrets import EmbeddedSecrets
from shared.config.operations import Notification
from shared.desk.notices import notices
from shared.desk.notify import notify_people
from shared.desk.speak import speak
from shared.desk.take import take
from shared.desk.webhooks import signed, wants
from shared.domain.errors import NotConnected, Permanent, Transient
from shared.domain.events import Happened
from shared.security.egress import Blocked
from tests.unit.people.conftest import TENANT

SECRET = "whsec_plJ3nmyCDGBKInavdOK15jsl"


def fact(what="handover.late", **data):
    return Happened(
        event_id=f"event-{what}",
        tenant=TENANT,
        what=what,
        at="2026-11-23T04:30:00.000000Z",
        conversation="talk",
        data={"desk": "front", **data},
    )


@asynccontextmanager
async def hooked(shift, *, statuses=(), events=("handover.*",), at="https://203.0.114.7"):
    """A business's own system that is told what happens at the desk, and what it was told.

    The internet between is left out: whatever address is called at last, this system answers.
    """
    taken, answers = [], list(statuses)

    async def hook(request):
        taken.append((dict(request.headers), await request.body()))
        return Response(status_code=answers.pop(0) if answers else 204)

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        wanted = {"url": f"{at}/hook", "secret": "${HOOK_SECRET}", "events": list(events)}
        await shift.publish(monitoring={"notifications": [wanted]})
        services = shift.services
        shift.services = replace(
            services,
            ports=replace(services.ports, secrets=EmbeddedSecrets({f"{TENANT}__HOOK_SECRET": SECRET})),
            addresses={**services.addresses, "meta": "http://127.0.0.1:9009"},
            http=http,
            public_url="https://desk.example",
        )
        yield taken


async def test_a_webhook_is_signed_and_links_to_the_conversation(shift):
    """Id, time and body are under the signature, and the body opens the conversation with a click."""
    async with hooked(shift) as taken:
        await notify_people(shift.services, fact(promise="answer"))

    ((headers, body),) = taken
    told = msgspec.json.decode(body)
    assert ("handover.late", "answer") == (told["type"], told["data"]["promise"])
    assert told["data"]["link"] == f"https://desk.example/console/{TENANT}/inbox/talk"
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert signed(SECRET, headers["webhook-id"], at, body).items() <= headers.items()


def test_the_signature_is_that_of_standard_webhooks():
    """An example published for the scheme comes out the same."""
    body = b'{"event_type":"ping","data":{"success":true}}'
    at = datetime.fromtimestamp(1731705121, UTC)

    proof = signed(SECRET, "msg_loFOjxBNrRLzqYUf", at, body)["webhook-signature"]

    assert "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=" == proof


async def test_a_webhook_is_called_once_however_often_the_fact_is_told(shift):
    """What was taken is not told again; what was refused is, until it is taken."""
    async with hooked(shift, statuses=(500, 204)) as taken:
        with pytest.raises(Transient, match="500"):
            await notify_people(shift.services, fact())
        await notify_people(shift.services, fact())
        await notify_people(shift.services, fact())

    assert 2 == len(taken)
    assert taken[0][0]["webhook-id"] == taken[1][0]["webhook-id"]


async def test_facts_that_an_address_does_not_want_are_not_told_it(shift):
    """A list of names decides, and another desk's facts are not this one's."""
    async with hooked(shift, events=("ticket.late",)) as taken:
        await notify_people(shift.services, fact())
        await notify_people(shift.services, fact("ticket.late", desk="another"))

    assert [] == taken


@pytest.mark.parametrize("inside", ["http://127.0.0.1:9009", "https://127.0.0.1", "https://10.0.0.7"])
async def test_an_address_inside_is_never_called(shift, inside):
    """A business's file cannot make us call our own network, nor what an operator's settings trust there."""
    async with hooked(shift, at=inside) as taken:
        with pytest.raises(Blocked):
            await notify_people(shift.services, fact())

    assert [] == taken


async def test_a_secret_that_is_not_set_is_said_by_name(shift):
    """The letter that is laid aside says what to set."""
    async with hooked(shift):
        ports = replace(shift.services.ports, secrets=EmbeddedSecrets({}))
        with pytest.raises(NotConnected, match=f"set {TENANT}__HOOK_SECRET"):
            await notify_people(replace(shift.services, ports=ports), fact())


@pytest.mark.parametrize("kept", ["HOOK_SECRET", "olive__HOOK_SECRET"])
async def test_nothing_is_signed_with_anothers_secret(shift, kept):
    """The platform's own secret and another tenant's of the same name never sign, and nobody is called."""
    async with hooked(shift) as taken:
        ports = replace(shift.services.ports, secrets=EmbeddedSecrets({kept: SECRET}))
        with pytest.raises(NotConnected):
            await notify_people(replace(shift.services, ports=ports), fact())

    assert [] == taken


def test_a_secret_of_the_wrong_form_is_refused():
    """What begins like a key of the scheme must be one."""
    with pytest.raises(Permanent, match="base64"):
        signed("whsec_***", "id", datetime.now(UTC), b"")
    assert signed("plain words", "id", datetime.now(UTC), b"")["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize(
    ("events", "wanted"),
    [(("ticket.late",), True), (("ticket.*",), True), (("*",), True), (("tick.*",), False)],
)
def test_events_are_named_whole_or_by_their_beginning(events, wanted):
    """`ticket.*` is every fact of tickets."""
    entry = Notification(url="https://shop.example/hook", secret="${HOOK_SECRET}", events=events)

    assert wanted == wants(entry, "ticket.late")


async def test_who_is_offered_a_customer_is_told_in_their_browser_once(shift):
    """With why, and a link that opens the conversation."""
    await shift.comes("arun")
    await shift.comes("priya")

    event = fact("handover.offered", to="arun", reason="asked for a person")

    await notify_people(shift.services, event)
    await notify_people(shift.services, event)

    (notice,) = await notices(shift.store, "arun")
    assert ("A customer waits for you", "asked for a person") == (notice.title, notice.text)
    assert notice.link.endswith(f"/console/{TENANT}/inbox/talk")
    assert () == await notices(shift.store, "priya")
    assert () == await notices(shift.store, "arun", after=notice.at)


async def test_a_broken_promise_is_told_to_supervisors_and_to_whoever_has_it(shift):
    """Others have no part in it, and nobody is told what they did themselves."""
    for name, role in (("arun", "human_agent"), ("priya", "human_agent"), ("meera", "supervisor")):
        await shift.comes(name, role=role)

    await notify_people(shift.services, fact("handover.late", assignee="arun"))
    await notify_people(shift.services, fact("ticket.assigned", assignee="priya", by="priya", ticket="t1"))

    assert [1, 0, 1] == [len(await notices(shift.store, name)) for name in ("arun", "priya", "meera")]


async def test_who_could_take_what_waits_is_told(shift):
    """Everybody who is there and has the skill, and nobody else."""
    await shift.publish(behavior={"escalation": {"handoff": [{"timeout": 600, "departments": ["billing"]}]}})
    await shift.comes("priya", skills=("billing",), capacity=1)
    busy = msgspec.structs.replace(await shift.colleague("priya"), holding=("other",))
    await shift.put("colleagues/priya", busy)
    await shift.comes("arun")
    await shift.asks()
    (waiting,) = await shift.told("handover.waiting")

    await notify_people(shift.services, waiting)

    assert [1, 0] == [len(await notices(shift.store, name)) for name in ("priya", "arun")]


async def test_a_failed_reply_is_told_to_whoever_has_the_conversation(shift):
    """They can write again, or call."""
    arun = await shift.comes("arun")
    await shift.asks()
    await shift.rings()
    await take(*shift.place, by=arun)
    failed = msgspec.structs.replace(fact("reply.failed"), conversation=shift.conversation)

    await notify_people(shift.services, failed)

    assert "reply.failed" in [notice.what for notice in await notices(shift.store, "arun")]


@pytest.mark.parametrize(("more", "told"), [({}, 1), ({"handover": "h1"}, 0)])
async def test_a_ticket_that_the_desk_writes_is_told_to_supervisors(shift, more, told):
    """However urgent; one that stands for a handover is told with it, and not twice."""
    await shift.comes("meera", role="supervisor")

    await notify_people(shift.services, fact("ticket.created", ticket="t1", priority="urgent", **more))

    found = await notices(shift.store, "meera")
    assert ["A ticket was written"] * told == [one.title for one in found]


@pytest.mark.parametrize(("role", "told"), [("supervisor", ["meera"]), ("human_agent", ["arun", "meera"])])
async def test_a_decision_is_told_to_everybody_who_may_make_it(shift, role, told):
    """The notice names the workflow and opens the run, for those whose role reaches that far."""
    await shift.comes("arun")
    await shift.comes("meera", role="supervisor")

    await notify_people(
        shift.services, fact("run.asks", run="r1", role=role, reason="refund", workflow="refund")
    )

    heard = {name: await notices(shift.store, name) for name in ("arun", "meera")}
    assert told == [name for name, found in heard.items() if found]
    (notice,) = heard["meera"]
    assert ("A decision waits for you", "refund") == (notice.title, notice.text)
    assert notice.link.endswith(f"/console/{TENANT}/runs/r1")


async def test_a_colleague_is_told_that_their_customer_wrote_and_that_others_have_it_now(shift):
    """Once for each stretch of waiting; who is silent for too long hears that they lost it."""
    await shift.publish(behavior={"escalation": {"reassign_after": 120}})
    arun = await shift.comes("arun")
    await shift.asks()
    await take(*shift.place, by=arun)

    await speak(*shift.place, client_id="1", by=arun, text="How can I help?")
    await shift.customer_writes("It hurts")
    await shift.customer_writes("Are you there?")
    await speak(*shift.place, client_id="2", by=arun, text="I am.")
    await shift.passes(30)
    await shift.customer_writes("So?")
    await shift.passes(150)

    wrote, lost = await shift.told("customer.wrote"), await shift.told("conversation.requeued")
    for event in (*wrote, *lost):
        await notify_people(shift.services, event)
    assert ["A conversation of yours waits for somebody else", *["Your customer wrote"] * 2] == [
        one.title for one in await notices(shift.store, "arun")
    ]
