"""Signing in: what is kept, who is let in, how often one may try, and how long it lasts."""

import asyncio

import pytest

from shared.domain.errors import Permanent
from shared.ports import Query
from shared.security import passwords
from shared.security.attempts import Attempts, Limit, TooMany
from shared.security.browsers import browser_name
from shared.security.people import address, find
from shared.security.sessions import csrf_of, same_csrf
from shared.security.sign_in import HERE_MOST, WrongPassword
from tests.unit.security.conftest import PASSWORD


async def sign_in(door, email="asha@sunrise.example", password=PASSWORD, caller="10.0.0.1"):
    return await door.sign_in(email, password, caller=caller, browser="Firefox on Mac")


async def test_neither_password_nor_token_stands_in_the_store(door, invite, platform):
    """A person's document has an argon2id hash; no session's document has its token."""
    person = await invite()
    token = await sign_in(door)
    kept = await platform.query("sessions", Query())

    assert (await find(platform, person.id))[0].password.startswith("$argon2id$")
    assert [person.id] == [one.data["person"] for one in kept.documents]
    assert token.split(".")[1] not in str([(one.name, one.data) for one in kept.documents])
    assert not same_csrf(csrf_of(token), kept.documents[0].name)


async def test_a_sessions_csrf_token_is_never_written_twice_the_same(door, invite):
    """Two writings of it are the same token; another session's, a part, or no token at all is not."""
    await invite()
    mine, other = await sign_in(door), await sign_in(door)
    first, second = csrf_of(mine), csrf_of(mine)

    assert first != second
    assert same_csrf(first, second)
    for wrong in (csrf_of(other), second[:-2], second[:-1], "", "00" * 32, "no token", "é"):
        assert not same_csrf(wrong, first)


async def test_an_address_is_found_however_it_is_written(door, invite):
    """Capitals and space around an address make no other person."""
    person = await invite()
    token = await sign_in(door, email=" Asha@Sunrise.EXAMPLE ")

    assert person.id == (await door.sessions.find(token)).person.id


@pytest.mark.parametrize(
    ("email", "password"),
    [("asha@sunrise.example", "another phrase"), ("nobody@sunrise.example", PASSWORD)],
)
async def test_what_is_wrong_is_not_said(door, invite, email, password):
    """A wrong password and an unknown address are refused in the same words."""
    await invite()
    with pytest.raises(WrongPassword) as refused:
        await sign_in(door, email, password)

    assert str(WrongPassword()) == str(refused.value)


async def test_whoever_guesses_must_wait_and_the_right_password_too(door, invite, clock):
    """After so many attempts from one place even the right password waits; elsewhere it does not."""
    await invite()
    for _ in range(HERE_MOST):
        with pytest.raises(WrongPassword):
            await sign_in(door, password="wrong")

    with pytest.raises(TooMany, match="Wait 15 minutes"):
        await sign_in(door)
    await sign_in(door, caller="10.0.0.2")
    clock.later(minutes=16)
    await sign_in(door)


async def test_attempts_at_once_count_as_many(platform, clock):
    """Of twenty at the same time five are let through."""
    attempts, limit = Attempts(platform, clock), [Limit(("one",), 5)]
    outcomes = await asyncio.gather(*(attempts.count(limit) for _ in range(20)), return_exceptions=True)

    assert 5 >= sum(outcome is None for outcome in outcomes) >= 1
    assert all(isinstance(outcome, TooMany) for outcome in outcomes if outcome is not None)


async def test_a_session_slides_and_ends(door, invite, clock):
    """Used within fourteen days it goes on; unused for longer it is over."""
    await invite()
    token = await sign_in(door)
    for _ in range(3):
        clock.later(days=13)
        assert await door.sessions.find(token)
    clock.later(days=14, seconds=1)

    assert await door.sessions.find(token) is None


@pytest.mark.parametrize("token", ["", "x", ".", "a.b", "../people/x.y", "x" * 300 + ".y"])
async def test_a_token_that_is_none_opens_nothing(door, token):
    """Whatever a cookie holds, it is a session of ours or none."""
    assert await door.sessions.find(token) is None


async def test_a_token_is_worth_nothing_under_another_name(door, invite):
    """The random part of one person's token does not sign in another person."""
    mine = await invite()
    other = await invite(email="dev@sunrise.example", name="Dev")
    token = await sign_in(door)

    assert await door.sessions.find(token.replace(mine.id, other.id)) is None


async def test_signing_out_elsewhere_leaves_this_browser(door, invite):
    """All sessions of a person end but the one named."""
    person = await invite()
    here, there = await sign_in(door), await sign_in(door)
    await door.sessions.end_all(person.id, but=(await door.sessions.find(here)).id)

    assert await door.sessions.find(here)
    assert await door.sessions.find(there) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 10"),
        ("x" * 300, "at most 256"),
        ("aaaaaaaaaaaa", "same few"),
        ("asha@sunrise.example", "your own"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password, why):
    """Too short, too long, repeated, or one's own address."""
    with pytest.raises(Permanent, match=why):
        passwords.demand_good(password, "Asha Rao", "asha@sunrise.example")


@pytest.mark.parametrize("text", ["", "asha", "a@b", "a b@c.de", "<x@y.zz>", "a@@b.cd", "a@b.c"])
def test_what_is_no_address_is_refused(text):
    """An address has one @, a domain with a dot, and no brackets or space."""
    with pytest.raises(Permanent, match="is not an e-mail address"):
        address(text)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605.1", "Safari on Mac"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("curl/8", "A browser"),
    ],
)
def test_browsers_have_names_people_know(told, name):
    """What a browser says of itself becomes a name, or the honest word that it is unknown."""
    assert name == browser_name(told)


async def test_everywhere_means_every_session(door, invite):
    """Whoever had the password and signed in hundreds of times is out of all of them, in one go."""
    person = await invite()
    kept, *others = [await door.sessions.begin(person.id, "Firefox on Mac") for _ in range(205)]
    await door.sessions.end_all(person.id, but=(await door.sessions.find(kept)).id)

    assert [None] * 204 == [await door.sessions.find(one) for one in others]
    assert person.id == (await door.sessions.find(kept)).person.id
