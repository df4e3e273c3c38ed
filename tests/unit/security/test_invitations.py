"""Links that let somebody in: once, for a while, to what they say and to nothing else."""

import asyncio

import pytest

from shared.domain.errors import Permanent
from shared.security.invitations import AlreadyHere, Gone
from shared.security.people import AGENCY, find
from shared.security.staff import everyone
from tests.unit.security.conftest import PASSWORD


async def test_a_colleague_joins_the_business_that_invited_them(invite, platform):
    """They have the role there and nowhere else, and the business knows their skills and capacity."""
    person = await invite(role="supervisor")
    [colleague] = await everyone(platform.tenant("sunrise"))

    assert {"sunrise": "supervisor"} == person.rights
    assert (person.id, "Asha Rao", ("billing",), 3) == (
        colleague.id, colleague.name, colleague.skills, colleague.capacity,
    )  # fmt: skip


async def test_the_first_owners_link_works_as_long_as_there_is_no_owner(invitations):
    """Each start prints one; when one of them was used the others are worthless."""
    first, second = [await invitations.for_owner(first=True) for _ in range(2)]
    owner = await invitations.accept(first, name="Mira", email="mira@agency.example", password=PASSWORD)

    assert {AGENCY: "owner"} == owner.rights
    assert not await invitations.owner_missing()
    with pytest.raises(Gone):
        await invitations.accept(second, name="Eve", email="eve@else.example", password=PASSWORD)


async def test_of_two_who_use_a_link_at_once_one_comes_in(invitations, platform):
    """A link is used once, however close the clicks are."""
    token = await invitations.for_owner(first=True)
    outcomes = await asyncio.gather(
        *(
            invitations.accept(token, name=f"N{i}", email=f"n{i}@agency.example", password=PASSWORD)
            for i in range(3)
        ),
        return_exceptions=True,
    )

    assert 2 == sum(isinstance(outcome, Gone) for outcome in outcomes)


@pytest.mark.parametrize("days", [7, 8])
async def test_an_old_link_is_worthless(invitations, clock, days):
    """A colleague's link lasts seven days."""
    token = await invitations.for_colleague(
        "sunrise", "asha@sunrise.example", role="human_agent", skills=(), capacity=5, by="Mira"
    )
    clock.later(days=days)
    with pytest.raises(Gone):
        await invitations.read(token)


async def test_a_withdrawn_link_is_worthless_and_another_business_cannot_withdraw_it(invitations):
    """Only the business that invited takes it back."""
    token = await invitations.for_colleague(
        "sunrise", "asha@sunrise.example", role="human_agent", skills=(), capacity=5, by="Mira"
    )
    [(identity, _)] = await invitations.of("sunrise")
    await invitations.withdraw("olive", identity)
    assert await invitations.read(token)
    await invitations.withdraw("sunrise", identity)
    with pytest.raises(Gone):
        await invitations.read(token)


async def test_a_new_link_replaces_the_one_before(invitations):
    """Of two links for one address at one business the later is good."""
    made = [
        await invitations.for_colleague(
            "sunrise", "asha@sunrise.example", role=role, skills=(), capacity=5, by="Mira"
        )
        for role in ("human_agent", "supervisor")
    ]

    assert 1 == len(await invitations.of("sunrise"))
    assert "supervisor" == (await invitations.read(made[1])).role
    with pytest.raises(Gone):
        await invitations.read(made[0])


async def test_somebody_who_is_here_takes_a_second_business_by_signing_in(invite, invitations, platform):
    """A link never changes the password of somebody who has one; signed in they gain the business."""
    person = await invite()
    token = await invitations.for_colleague(
        "olive", person.email, role="human_agent", skills=(), capacity=5, by="Leo"
    )
    with pytest.raises(AlreadyHere):
        await invitations.accept(token, name="Thief", email="", password="another phrase")
    taken = await invitations.accept_as(token, *await find(platform, person.id))

    assert {"sunrise": "human_agent", "olive": "human_agent"} == taken.rights
    assert person.password == taken.password


async def test_a_link_for_one_address_is_not_anothers(invite, invitations, platform):
    """Who is signed in under another address is told whose link it is."""
    person = await invite()
    token = await invitations.for_colleague(
        "olive", "leo@olive.example", role="owner", skills=(), capacity=5, by="Leo"
    )
    with pytest.raises(Permanent, match=r"leo@olive\.example"):
        await invitations.accept_as(token, *await find(platform, person.id))


async def test_an_owners_link_gives_a_lost_password_anew(own, invitations, door):
    """Whoever runs the machine helps an owner who is locked out, and locks out who was in instead."""
    owner = await own()
    thief = await door.sessions.begin(owner.id, "")
    token = await invitations.for_owner(first=False)
    again = await invitations.accept(
        token, name="Mira Sen", email="mira@agency.example", password="a second phrase"
    )

    assert owner.id == again.id
    assert await door.sessions.find(thief) is None
    assert await door.sign_in(again.email, "a second phrase", caller="x", browser="")


@pytest.mark.parametrize(("name", "password"), [("  ", PASSWORD), ("Mira", "short")])
async def test_a_mistake_in_the_form_leaves_the_link_good(invitations, name, password):
    """Without a name, or with a weak password, one may try again."""
    token = await invitations.for_owner(first=True)
    with pytest.raises(Permanent):
        await invitations.accept(token, name=name, email="mira@agency.example", password=password)

    assert await invitations.accept(token, name="Mira", email="mira@agency.example", password=PASSWORD)
