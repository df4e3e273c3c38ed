"""Who may reach what: one place, by role and business; and who may change whom."""

import pytest
from starlette.requests import Request

from shared.desk.staff import follow_up
from shared.domain.errors import Permanent
from shared.security.access import Access, Denied, ForeignPage, demand_token
from shared.security.people import find
from shared.security.staff import Staff, everyone, known


@pytest.fixture
def access(platform):
    """A function that gives a person's access as it is now."""

    async def of(person):
        return Access((await find(platform, person.id))[0], "session", "csrf", platform)

    return of


@pytest.fixture
def staff_of(access, ports):
    """A function that gives the people of a business into a person's hands."""

    async def of(person):
        return Staff(await access(person), "sunrise", ports, follow_up)

    return of


async def test_a_person_reaches_the_businesses_they_have_a_role_in(invite, access):
    """Another business's name gives no store."""
    mine = await access(await invite())

    assert "sunrise" == mine.tenant("sunrise").tenant
    with pytest.raises(Denied, match="no access to 'olive'"):
        mine.tenant("olive")


@pytest.mark.parametrize(
    ("role", "least", "let_in"),
    [
        ("human_agent", "human_agent", True),
        ("human_agent", "supervisor", False),
        ("supervisor", "supervisor", True),
        ("supervisor", "owner", False),
        ("owner", "supervisor", True),
    ],
)
async def test_a_role_may_what_those_below_it_may(invite, access, role, least, let_in):
    """Owner, supervisor, agent, in this order."""
    person = await access(await invite(role=role))
    if let_in:
        assert person.tenant("sunrise", least)
    else:
        with pytest.raises(Denied, match="needs the role"):
            person.tenant("sunrise", least)


async def test_an_owner_of_the_agency_reaches_every_business_and_the_platform(own, invite, access):
    """And nobody else reaches the platform, not even a business's owner."""
    agency = await access(await own())
    business = await access(await invite(role="owner"))

    assert "olive" == agency.tenant("olive", "owner").tenant
    assert agency.agency()
    assert ("Mira Sen", "owner") == (agency.actor("olive").name, agency.actor("olive").role)
    with pytest.raises(Denied):
        business.agency()


@pytest.mark.parametrize("name", ["", "a/b", "..", "."])
async def test_a_name_that_is_none_reaches_nothing(own, access, name):
    """A tenant's name never leads out of its part of the store."""
    agency = await access(await own())
    with pytest.raises(Permanent):
        agency.tenant(name)


async def test_a_supervisor_changes_agents_and_no_others(invite, staff_of, platform):
    """They neither appoint supervisors nor touch those who are."""
    boss = await invite(role="supervisor", email="boss@sunrise.example", name="Boss")
    peer = await invite(role="supervisor", email="peer@sunrise.example", name="Peer")
    agent = await invite()
    staff = await staff_of(boss)

    changed = await staff.change(agent.id, role="human_agent", skills=("hi",), capacity=7)
    assert (("hi",), 7) == (changed.skills, changed.capacity)
    for identity, role in ((agent.id, "supervisor"), (peer.id, "human_agent")):
        with pytest.raises(Denied):
            await staff.change(identity, role=role, skills=(), capacity=5)
    assert "human_agent" == (await find(platform, agent.id))[0].rights["sunrise"]


async def test_an_owner_appoints_and_the_right_follows_at_once(own, invite, access, staff_of, platform):
    """Role on the platform and role the business knows change in one commit."""
    agent = await invite()
    staff = await staff_of(await own())
    await staff.change(agent.id, role="supervisor", skills=(), capacity=5)

    assert "supervisor" == (await access(agent)).role("sunrise")
    assert ["supervisor"] == [one.role for one in await everyone(platform.tenant("sunrise"))]


async def test_nobody_changes_or_removes_themselves(invite, staff_of, door):
    """So a business is never left without its last owner by a slip."""
    owner = await invite(role="owner")
    staff = await staff_of(owner)
    with pytest.raises(Denied, match="somebody else"):
        await staff.change(owner.id, role="human_agent", skills=(), capacity=5)
    with pytest.raises(Denied, match="somebody else"):
        await staff.remove(owner.id, door.sessions)


async def test_a_removed_colleague_is_out_everywhere_at_once(own, invite, staff_of, door, platform):
    """Their sessions end, they cannot sign in, and the business lists them no more."""
    agent = await invite()
    token = await door.sessions.begin(agent.id, "")
    await (await staff_of(await own())).remove(agent.id, door.sessions)

    assert await door.sessions.find(token) is None
    with pytest.raises(Permanent, match="removed"):
        await door.sign_in(agent.email, "a phrase to keep", caller="x", browser="")
    assert [] == await everyone(platform.tenant("sunrise"))


async def test_who_has_another_business_keeps_it_when_removed_from_one(
    own, invite, access, staff_of, door, invitations, platform
):
    """Removal is of one business, and so is the end of access."""
    agent = await invite()
    token = await invitations.for_colleague(
        "olive", agent.email, role="human_agent", skills=(), capacity=5, by="Leo"
    )
    await invitations.accept_as(token, *await find(platform, agent.id))
    session = await door.sessions.begin(agent.id, "")
    await (await staff_of(await own())).remove(agent.id, door.sessions)

    left = await access((await door.sessions.find(session)).person)
    assert left.role("olive")
    assert left.role("sunrise") is None


async def test_the_agencys_people_are_not_a_business_to_remove(own, invite, staff_of, door, platform):
    """An owner of a business cannot lock the agency out."""
    agency = await own()
    await known(platform.tenant("sunrise"), agency, "owner")
    staff = await staff_of(await invite(role="owner"))
    with pytest.raises(Denied, match="belongs to the agency"):
        await staff.remove(agency.id, door.sessions)


async def test_somebody_invited_again_is_known_again(own, invite, invitations, staff_of, door, platform):
    """Removed and invited anew they are the same colleague, with what was newly agreed."""
    agent = await invite()
    await (await staff_of(await own())).remove(agent.id, door.sessions)
    token = await invitations.for_colleague(
        "sunrise", agent.email, role="supervisor", skills=("hi",), capacity=2, by="Mira"
    )
    await invitations.accept_as(token, *await find(platform, agent.id))
    [again] = await everyone(platform.tenant("sunrise"))

    assert (agent.id, "supervisor", ("hi",), 2) == (again.id, again.role, again.skills, again.capacity)


async def test_a_supervisor_undoes_no_invitation_of_an_owner(invite, invitations, staff_of):
    """Neither by withdrawing it nor by inviting the same address to something less."""
    boss = await invite(role="supervisor", email="boss@sunrise.example", name="Boss")
    may = (await staff_of(boss)).demand
    about = {"skills": (), "capacity": 5, "by": "Mira"}
    token = await invitations.for_colleague("sunrise", "zoya@sunrise.example", role="owner", **about)
    [(identity, _)] = await invitations.of("sunrise")

    with pytest.raises(Denied):
        await invitations.withdraw("sunrise", identity, may)
    with pytest.raises(Denied):
        await invitations.for_colleague(
            "sunrise", "zoya@sunrise.example", role="human_agent", may=may, **about
        )

    assert "owner" == (await invitations.read(token)).role


@pytest.mark.parametrize(
    ("path", "told"),
    [("/api/v1/runs/r/cancel", "in the header x-csrf-token"), ("/console/sunrise/runs", "^This page")],
)
async def test_a_change_without_the_sessions_token_is_refused_with_what_is_missing(
    invite, access, path, told
):
    """A page is loaded again; a program is told the header."""
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
    with pytest.raises(ForeignPage, match=told):
        demand_token(
            Request({**scope, "scheme": "http", "server": ("here", 80)}), await access(await invite())
        )
