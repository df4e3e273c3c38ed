"""A live page's stream: drawn at once, then what changed and no more, until its reader may not see it."""

import asyncio

import pytest

from shared.console.follow import follow, part
from shared.domain.errors import Transient


class Page:
    """Two parts, and how often they were drawn."""

    def __init__(self):
        self.rows, self.count, self.drawn, self.broken = "<li>one", "1", 0, False

    async def draw(self):
        self.drawn += 1
        if self.broken:
            raise Transient("out of reach")
        return {"rows": self.rows, "count": self.count}


@pytest.fixture
def page():
    return Page()


@pytest.fixture
async def stream(house, page):
    """A function that opens a stream, closed afterwards."""
    opened = []

    def begin(*, signed_in=True, beat=15.0, note=None, rings=()):
        async def still():
            return signed_in

        keys = ("inbox/sunrise", "conversation/1")
        more = {"note": note, "rings": dict(rings), "still": still, "beat": beat}
        opened.append(follow(house.ports.live, keys, page.draw, **more))
        return opened[-1]

    yield begin
    for one in opened:
        await one.aclose()


async def take(stream, count=1):
    async with asyncio.timeout(10):
        return [(await anext(stream)).decode() for _ in range(count)]


async def test_everything_is_drawn_at_the_beginning_and_then_what_changed(stream, page, house):
    """A part that is as it was is not sent again."""
    live = stream()
    assert ["event: rows\ndata: <li>one\n\n", "event: count\ndata: 1\n\n"] == await take(live, 2)

    page.rows = "<li>one\n<li>two"
    await house.ports.live.notify("inbox/sunrise")

    assert ["event: rows\ndata: <li>one\ndata: <li>two\n\n"] == await take(live)


async def test_a_burst_is_one_drawing(stream, page, house):
    """However often it is woken meanwhile, a page is drawn a few times a second at most."""
    live = stream()
    await take(live, 2)
    page.count = "2"
    for _ in range(50):
        await house.ports.live.notify("conversation/1")
    await take(live)

    assert page.drawn <= 4


async def test_a_passing_note_is_drawn_as_the_page_says(stream, house):
    """What is not in the store, a partial sentence for one, comes through."""
    live = stream(note=lambda told: {"typing": f"<p>{told['text']}"})
    await take(live, 2)
    noted = asyncio.create_task(take(live))
    while not noted.done():
        await house.ports.live.notify("conversation/1", {"text": "One mo"})
        await asyncio.sleep(0.02)

    assert ["event: typing\ndata: <p>One mo\n\n"] == await noted


async def test_a_ring_is_passed_on_and_draws_nothing(stream, page, house):
    """At the beginning, so that a reader who comes back asks, and whenever its key is woken."""
    live = stream(rings={"notices/sunrise/asha": "notices"})
    assert "event: notices\ndata: \n\n" in await take(live, 3)
    drawn = page.drawn
    await house.ports.live.notify("notices/sunrise/asha")

    assert (["event: notices\ndata: \n\n"], drawn) == (await take(live), page.drawn)


async def test_a_stream_ends_when_its_reader_is_signed_out(stream):
    """At the next beat, so that a session that ended shows nothing more."""
    live = stream(signed_in=False, beat=0.01)
    told = [chunk async for chunk in live]

    assert [b"event: rows", b"event: count"] == [chunk.split(b"\n")[0] for chunk in told]


async def test_a_stream_that_is_never_quiet_ends_as_well(stream, house):
    """Its reader is asked after by the clock, not by the silence of what it follows."""
    live = stream(signed_in=False, beat=0.05, note=lambda told: {"typing": told["text"]})

    async def talk():
        while True:
            await house.ports.live.notify("conversation/1", {"text": "One mo"})
            await house.ports.live.notify("inbox/sunrise", {"text": "ment"})
            await asyncio.sleep(0.01)

    talking = asyncio.create_task(talk())
    async with asyncio.timeout(10):
        told = [chunk async for chunk in live]
    talking.cancel()

    assert len(told) < 100


async def test_a_quiet_stream_beats(stream):
    """A comment goes over an idle line, so that no proxy closes it."""
    live = stream(beat=0.01)
    assert ": beat\n\n" == (await take(live, 3))[2]


async def test_what_cannot_be_drawn_now_is_drawn_later(stream, page, house):
    """A store that is out of reach for a moment does not end the stream."""
    page.broken = True
    live = stream()
    first = asyncio.create_task(take(live))
    while not page.drawn:  # noqa: ASYNC110 - a drawing that fails has no event
        await asyncio.sleep(0.01)
    page.broken = False
    await house.ports.live.notify("inbox/sunrise")

    assert ["event: rows\ndata: <li>one\n\n"] == await first


def test_html_is_never_read_as_a_further_event():
    """Every line of a part is data, whatever stands in it."""
    assert b"event: rows\ndata: a\ndata: event: b\ndata: \n\n" == part("rows", "a\nevent: b\n")
