"""What goes out compressed, and what must not."""

import asyncio
import secrets

import pytest
from house import House

GZIP = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize("path", ["/console/sign-in", "/widget.js", "/static/page.css"])
async def test_pages_and_scripts_come_compressed_to_whoever_takes_it(house: House, path: str) -> None:
    """At most half as much, the same within; whoever takes no gzip gets it plain."""
    plain = await house.http.get(f"{house.url}{path}", headers={"Accept-Encoding": "identity"})
    async with house.http.stream("GET", f"{house.url}{path}", headers=GZIP) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    zipped = await house.http.get(f"{house.url}{path}", headers=GZIP)

    assert (None, "gzip") == (
        plain.headers.get("content-encoding"), zipped.headers["content-encoding"],
    )  # fmt: skip
    assert "Accept-Encoding" in zipped.headers["vary"]
    assert plain.text == zipped.text
    assert len(raw) < len(plain.content) / 2


async def test_an_event_is_sent_as_it_happens_whatever_its_reader_takes(house: House) -> None:
    """A stream is plain and held back by nothing: its first event is there while it goes on."""
    session = {"X-Frontdesk-Session": secrets.token_urlsafe(24)}
    chat = f"{house.url}/chat/krishna"
    said = {"text": "Hello", "client_message_id": secrets.token_hex(8)}
    assert 202 == (await house.http.post(f"{chat}/messages", json=said, headers=session)).status_code

    async with (
        asyncio.timeout(20),
        house.http.stream("GET", f"{chat}/events", headers=GZIP | session) as stream,
    ):
        first = await anext(chunk async for chunk in stream.aiter_raw() if chunk != b": beat\n\n")

    assert "content-encoding" not in stream.headers
    assert first.startswith(b"event: ")


async def test_a_vendor_is_answered_in_plain_words(house: House) -> None:
    """A receiver's answer is not touched, however long it is."""
    asked = {"hub.mode": "subscribe", "hub.verify_token": "shake", "hub.challenge": "1" * 2_000}
    answer = await house.http.get(f"{house.url}/webhooks/whatsapp", params=asked, headers=GZIP)

    assert (200, "1" * 2_000) == (answer.status_code, answer.text)
    assert "content-encoding" not in answer.headers
