"""The events of a conversation and of the board over a real connection."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import msgspec

from shared.config.board import BOARD_KEY
from shared.domain.content import Outgoing
from tests.standins.serving import serving


@asynccontextmanager
async def listening(house, path, *, headers=None, **app):
    """The lines of a stream, as an async iterator."""
    async with (
        serving(house.app(**app)) as address,
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", address + path, headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield response.aiter_lines()


async def event(lines):
    """The next event's name, id and data, comments passed over."""
    fields = {}
    async with asyncio.timeout(5):
        async for line in lines:
            if not line and "event" in fields:
                return fields["event"], fields.get("id"), msgspec.json.decode(fields["data"])
            if ": " in line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
    raise AssertionError("the stream ended")


def chat(house, last=None, **app):
    headers = {"X-Frontdesk-Session": house.session, **({"Last-Event-ID": last} if last else {})}
    return listening(house, "/chat/front/events", headers=headers, **app)


async def test_a_visitor_hears_nothing_of_another_business(house):
    """The same id in another tenant speaks; this visitor's stream stays silent."""
    ours, theirs = house.conversation(), house.conversation(tenant="olive")
    async with chat(house) as lines:
        assert await anext(lines) == ": beat"
        await house.ports.live.notify(theirs.key, {"event": "typing", "on": False})
        await house.ports.live.notify(ours.key, {"event": "typing", "on": True})

        assert ours.id == theirs.id
        assert await event(lines) == ("typing", None, {"on": True})


async def test_what_happens_is_told_as_it_happens(house):
    """Typing and partial answers pass by without an id; what is committed comes with one."""
    conversation = house.conversation()
    async with chat(house) as lines:
        assert await anext(lines) == ": beat"
        await house.ports.live.notify(conversation.key, {"event": "typing", "on": True})
        partial = {"event": "partial", "message_id": "m1", "text": "We are"}
        await house.ports.live.notify(conversation.key, partial)
        await conversation.commit({"outgoing": Outgoing(text="We are open.")})

        assert await event(lines) == ("typing", None, {"on": True})
        assert await event(lines) == ("partial", None, {"message_id": "m1", "text": "We are"})
        name, identity, data = await event(lines)
        assert (name, identity, data["text"]) == ("message", "1", "We are open.")


async def test_a_stream_resumes_after_the_last_event(house):
    """Last-Event-ID is where the reader was; one that makes no sense is as none."""
    conversation = house.conversation()
    await conversation.commit({"outgoing": Outgoing(text="one")})
    await conversation.commit({"outgoing": Outgoing(text="two")})

    async with chat(house, "1") as lines:
        assert (await event(lines))[2]["text"] == "two"
    async with chat(house, "-7 or so") as lines:
        assert (await event(lines))[2]["text"] == "one"


async def test_a_lost_hint_delays_and_loses_nothing(house):
    """A commit nobody was told of is found at the next heartbeat."""
    conversation = house.conversation()
    async with chat(house, beat=0.05) as lines:
        assert await anext(lines) == ": beat"
        house.ports.live._watchers.clear()
        await conversation.commit({"outgoing": Outgoing(text="one")})
        assert (await event(lines))[2]["text"] == "one"


async def test_an_idle_stream_is_closed(house):
    """After its quiet time a stream ends, and the widget decides whether to ask again."""
    async with chat(house, beat=0.05, idle=0.1) as lines, asyncio.timeout(5):
        assert {line async for line in lines} == {": beat", ""}


async def test_nothing_of_one_visitor_reaches_another(house):
    """A stream tells its own session's conversation alone."""
    mine, theirs = house.conversation(), house.conversation("c29tZWJvZHkgZWxzZSdzIHZlcnkgbG9uZyBzZWNyZXQ")
    async with chat(house) as lines:
        assert await anext(lines) == ": beat"
        await theirs.commit({"outgoing": Outgoing(text="for them")})
        await mine.commit({"outgoing": Outgoing(text="for me")})
        assert (await event(lines))[2]["text"] == "for me"


async def test_a_reader_who_leaves_is_forgotten(house):
    """A closed connection leaves no watcher behind."""
    async with chat(house, beat=0.05) as lines:
        await anext(lines)
        assert house.ports.live._watchers
    async with asyncio.timeout(5):
        while house.ports.live._watchers:  # noqa: ASYNC110 - the server lets go in its own time
            await asyncio.sleep(0.01)


async def test_the_board_is_told_anew_when_it_changes(house):
    """The first event is how things stand; each later one follows a change."""
    async with listening(house, "/api/v1/desks/events") as lines:
        name, _, data = await event(lines)
        assert (name, [desk["desk"] for desk in data["items"]]) == ("board", ["front", "other"])
        await house.ports.live.notify(BOARD_KEY)
        assert (await event(lines))[0] == "board"
