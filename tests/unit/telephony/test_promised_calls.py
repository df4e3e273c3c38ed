"""Promised calls: people make them, or the desk where its file says so; people where it reached nobody."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from shared.desk.callback_work import cancel, let_desk_call, reschedule
from shared.desk.calls.dial import cancel_planned
from shared.desk.calls.promised import called_by_desk
from shared.domain.callbacks import Callback
from shared.domain.colleagues import Actor
from shared.domain.errors import Permanent, PreconditionFailed
from shared.domain.instants import stamp
from shared.ports import Put
from tests.unit.telephony.conftest import CUSTOMER

MEERA = Actor(id="meera", name="Meera", role="supervisor")
CB1 = ("acme", "cb1")


async def promise(line):
    """A call the desk promised, which is due now."""
    promised = Callback(
        id="cb1",
        desk="front",
        conversation="talk",
        customer="asha",
        phone=CUSTOMER,
        about="a price",
        due=stamp(line.clock.now()),
        created_at="",
    )
    await line.customer_is()
    await line.say("hello")
    promised = msgspec.structs.replace(promised, conversation=line.conversation)
    await line.store.commit([Put("callbacks/cb1", msgspec.to_builtins(promised))])
    alarm = {"tenant": "acme", "callback": "cb1"}
    await line.services.ports.timers.set("cb1", line.clock.now(), "ring_callback", alarm)
    await line.rings()


async def test_people_make_promised_calls_unless_the_file_says_otherwise(line):
    """The default asks for a person."""
    await promise(line)
    (kept,) = await line.documents("callbacks")

    assert ("due", []) == (kept["state"], line.livekit.dialled)


async def test_the_desk_makes_promised_calls_where_its_file_says_so(line):
    """It calls, and what it promised is done."""
    await line.rules(callbacks="desk")
    await promise(line)
    (calling,) = await line.documents("callbacks")
    (planned,) = await line.planned()
    await line.over(planned.call, "completed")
    await line.rings()
    (kept,) = await line.documents("callbacks")

    assert ("calling", "done") == (calling["state"], kept["state"])
    assert "cb1" == (await line.call(planned.call)).errand
    assert kept["note"].startswith("The desk called: completed")


async def test_a_promised_call_the_desk_could_not_make_is_peoples(line):
    """Nobody answered three times: somebody of ours is asked, as for any promise."""
    await line.rules(callbacks="desk", attempts=1)
    await promise(line)
    (planned,) = await line.planned()
    await line.over(planned.call, "no_answer")
    await line.rings()
    (kept,) = await line.documents("callbacks")

    assert "due" == kept["state"]
    assert kept["handover"]


async def test_a_promised_call_outside_the_hours_of_calling_is_peoples(line):
    """They agreed to this time; the desk's own hours make it no other."""
    await line.rules(callbacks="desk", hours={"daily": "09:00-20:00"})
    await promise(line)
    (kept,) = await line.documents("callbacks")

    assert "due" == kept["state"]
    assert [] == await line.planned()


async def asked_of_the_desk(line, once="1"):
    """A call that is due, which a colleague has the desk make."""
    about = {"purpose": "a price", "number": CUSTOMER, "once": once, "by": MEERA}
    return await let_desk_call(line.services, *CB1, "front", **about)


async def test_a_call_that_people_have_the_desk_make_is_made_by_nobody_else(line):
    """It is the desk's from then on, nobody is looked for any more, and once made it is done."""
    await promise(line)
    planned = await asked_of_the_desk(line)
    assert planned == await asked_of_the_desk(line)
    (calling,) = await line.documents("callbacks")
    assert ("calling", "back_to_ai") == (calling["state"], (await line.head()).state)
    with pytest.raises(Permanent, match="already"):
        await asked_of_the_desk(line, "2")

    await line.rings()
    (planned,) = await line.planned()
    await line.over(planned.call, "completed")
    await line.rings()

    (kept,) = await line.documents("callbacks")
    assert "done" == kept["state"]


@pytest.mark.parametrize("moved", [True, False])
async def test_a_call_that_is_cancelled_or_moved_is_not_made_by_the_desk(line, moved):
    """What it had planned is called off in the same commit; while it rings, that is said instead."""
    await promise(line)
    later = line.clock.now() + timedelta(hours=1)
    await asked_of_the_desk(line)
    if moved:
        await reschedule(line.services, *CB1, due=later, by=MEERA)
    else:
        await cancel(line.services, *CB1, by=MEERA)
    await line.rings()

    assert ["cancelled"] == [one.state for one in await line.planned()]
    assert [] == line.livekit.dialled


async def test_a_call_is_not_cancelled_while_it_rings(line):
    """Whoever wants it to end hangs up."""
    await line.rules(callbacks="desk")
    await promise(line)

    with pytest.raises(Permanent, match="right now"):
        await cancel(line.services, *CB1, by=MEERA)


async def test_a_call_of_the_desks_that_is_called_off_is_peoples_again(line):
    """The promise stands, whoever was to keep it."""
    await promise(line)
    planned = await asked_of_the_desk(line)

    await cancel_planned(line.services, "acme", planned.id)
    await line.rings()

    (kept,) = await line.documents("callbacks")
    assert ("due", "handover") == (kept["state"], (await line.head()).state)


async def test_the_desk_plans_no_call_that_was_cancelled_meanwhile(line):
    """The promise and its call change in one commit, or neither does."""
    await promise(line)
    await line.rules(callbacks="desk")
    document = await line.store.get("callbacks/cb1")
    promised = msgspec.convert(document.data, Callback)
    config = (await line.running()).config

    with pytest.raises(PreconditionFailed):
        await called_by_desk(line.services, "acme", promised, replace(document, version="0"), config)

    assert [] == await line.planned()
