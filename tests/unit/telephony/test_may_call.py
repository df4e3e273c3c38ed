"""Who may be called: nobody who refused, and where the desk's file asks for consent, who gave it."""

from datetime import timedelta

import msgspec
import pytest

from shared.desk.calls.dial import dial
from shared.domain.callbacks import Callback
from shared.domain.customers import MAY_CALL, Claim
from shared.domain.errors import Permanent
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.ports import Put
from tests.unit.telephony.conftest import CUSTOMER, OUTBOUND, VOICE

ABOUT = {"purpose": "Their report is ready"}


async def dials(line, **more):
    """Ask for a call, and ring what is due at once."""
    planned = await dial(line.services, "acme", "front", number=CUSTOMER, **ABOUT | more)
    await line.rings()
    return planned


async def rules(line, *, consent):
    """Publish the desk as one that asks for consent, or does not."""
    outbound = {**OUTBOUND, "needs_consent": consent}
    collected = {"pii_collection": {"fields": ["name", "phone", MAY_CALL]}}
    await line.publish(voice={**VOICE, "outbound": outbound}, behavior=collected)


async def said(line, word):
    """The customer of the number said whether they may be called; None: nothing."""
    claimed = {MAY_CALL: Claim(value=word, at="", conversation="talk")} if word else {}
    await line.customer_is(phone=CUSTOMER, claimed=claimed)
    link = {"shape": 1, "customer": "asha"}
    await line.store.commit([Put(f"identities/{digest('identity', f'phone:{CUSTOMER}')}", link)])


@pytest.mark.parametrize("consent", [True, False])
@pytest.mark.parametrize("proof", [f"phone:{CUSTOMER}", f"sms:{CUSTOMER}", f"phone:tel:{CUSTOMER}"])
async def test_whoever_asked_to_be_left_alone_is_not_called(line, proof, consent):
    """STOP on any channel that knows the number means calls too, whatever the file says of consent.

    Before dialling it is asked again.
    """
    await rules(line, consent=False)
    planned = await dial(
        line.services, "acme", "front", number=CUSTOMER, **ABOUT, due=line.clock.now() + timedelta(minutes=1)
    )
    await line.customer_is(preferences={"contact": "none"})
    await rules(line, consent=consent)
    link = {"shape": 1, "customer": "asha"}
    await line.store.commit([Put(f"identities/{digest('identity', proof)}", link)])
    with pytest.raises(Permanent, match="asked not to be contacted"):
        await dials(line)
    await line.passes(61)
    (kept,) = await line.planned()

    assert (planned.id, "refused", "they asked not to be contacted") == (kept.id, kept.state, kept.reason)
    assert [] == line.livekit.dialled


async def test_who_says_no_while_livekit_is_away_is_not_called_once_it_is_back(line):
    """It is asked again at each dialling, also of an attempt that was begun; its room is closed."""
    await rules(line, consent=False)
    line.livekit.away = True
    await dials(line)
    await said(line, "no")
    line.livekit.away = False
    await line.passes(3)
    (kept,) = await line.planned()
    call = await line.call(kept.call)

    assert ("refused", "they said that they may not be called") == (kept.state, kept.reason)
    assert ("ended", "refused", [call.room]) == (call.state, call.outcome, line.livekit.deleted)
    assert [] == line.livekit.dialled


@pytest.mark.parametrize(
    ("consent", "word", "why"),
    [
        (True, "yes", ""),
        (True, None, "have not agreed"),
        (True, "no", "may not be called"),
        (False, None, ""),
        (False, "no", "may not be called"),
    ],
)
async def test_where_the_file_asks_for_consent_only_who_gave_it_is_called(line, consent, word, why):
    """A no counts everywhere; silence is a yes only where the file asks for none."""
    await rules(line, consent=consent)
    await said(line, word)
    if why:
        with pytest.raises(Permanent, match=why):
            await dials(line)
    else:
        await dials(line)

    assert (not why) == bool(line.livekit.dialled)


async def test_a_call_they_asked_for_needs_no_other_consent(line):
    """Who had a call promised is called; an errand that is nobody's promise says nothing."""
    await rules(line, consent=True)
    await said(line, None)
    promised = Callback(
        id="p1", desk="front", conversation="talk", customer="asha", phone=CUSTOMER,
        due=stamp(line.clock.now()), about="their report", created_at=stamp(line.clock.now()),
    )  # fmt: skip
    await line.store.commit([Put("callbacks/p1", msgspec.to_builtins(promised))])
    with pytest.raises(Permanent, match="have not agreed"):
        await dials(line, errand="campaign")
    await dials(line, errand="p1")

    assert 1 == len(line.livekit.dialled)
