"""The web chat's doors: what is taken, from whom, and what is answered."""

from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from shared.api import sent_files
from shared.api.chat_files import MOST_SENT, body_within
from shared.api.problems import Refused
from shared.domain.content import Attachment
from shared.domain.events import MessageReceived
from shared.security import chat_limits
from shared.security.chat_limits import ChatLimit

OTHER = "T3RoZXIgdmlzaXRvcidzIHNlY3JldCB2YWx1ZTEyMzQ"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32
HELLO = {"text": "Hello", "client_message_id": "c0ffee-0001"}


async def test_settings_say_how_the_widget_looks_and_begins(house):
    """Name, colours, opening line, starters, languages and the model's banner, from the published file."""
    async with house.browser(session=None) as browser:
        settings = (await browser.get("/chat/front/settings")).json()

    assert settings["name"] == "Front"
    assert settings["colours"] == {"accent": "#0f766e"}
    assert settings["opening_line"] == "Namaste!"
    assert settings["starters"] == ["What are your hours?"]
    assert settings["languages"] == ["en", "hi"]
    assert settings["model_banner"].startswith("Offline model")
    assert settings["version"] == 1


async def test_a_message_is_accepted_and_told_on_the_bus(house):
    """202 with the ids everybody will use; the fact carries the visitor's digest, never the secret."""
    async with house.browser() as browser:
        answer = await browser.post("/chat/front/messages", json=HELLO)

    assert answer.status_code == 202
    conversation = house.conversation()
    assert answer.json()["conversation_id"] == conversation.id
    (body,) = await house.published()
    fact = MessageReceived.decode(body)
    assert (fact.channel, fact.account, fact.content.text) == ("webchat", "front", "Hello")
    assert fact.message_id == answer.json()["message_id"]
    assert browser.headers["X-Frontdesk-Session"].encode() not in body


async def test_the_same_client_message_id_is_the_same_message(house):
    """A repeat, and a repeat after other messages, gets the first one's id and tells the same fact."""
    async with house.browser() as browser:
        first = await browser.post("/chat/front/messages", json=HELLO)
        other = await browser.post("/chat/front/messages", json={**HELLO, "client_message_id": "c0ffee-0002"})
        again = await browser.post("/chat/front/messages", json=HELLO)

    assert first.json() == again.json()
    assert other.json()["message_id"] != first.json()["message_id"]
    events = [MessageReceived.decode(body).event_id for body in await house.published()]
    assert events[0] == events[2] != events[1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),  # nothing
        (b"not json", 400),
        (b"[]", 400),  # no object
        (b'{"text": NaN, "client_message_id": "c0ffee-0001"}', 400),
        (b"[" * 5000, 400),  # nested beyond sense
        (b'{"text": "  ", "client_message_id": "c0ffee-0001"}', 400),  # empty words
        (b'{"text": "hello"}', 400),  # no id to repeat it under
        (b'{"text": "hello", "client_message_id": "../../x"}', 400),
        (b'{"text": "\\ud800", "client_message_id": "c0ffee-0001"}', 400),  # a lone surrogate
        (b'{"text": "hello", "client_message_id": "c0ffee-0001", "attachments": ["unknown"]}', 422),
        (b'{"text": "hello", "client_message_id": "c0ffee-0001", "attachments": [".."]}', 400),
        (b'{"text": "' + b"x" * 9000 + b'", "client_message_id": "c0ffee-0001"}', 400),  # too many words
        (b"x" * 70_000, 413),  # too many bytes
    ],
)
async def test_a_bad_message_is_refused_with_a_problem_and_told_to_nobody(house, body, status):
    """Every refusal is RFC 9457 and says what was wrong; nothing reaches the bus."""
    async with house.browser() as browser:
        answer = await browser.post("/chat/front/messages", content=body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"]
    assert await house.published() == []


@pytest.mark.parametrize("session", [None, "short", "a" * 40, "with spaces in it, and commas too"])
@pytest.mark.parametrize("path", ["messages", "attachments", "events", "attachments/0"])
async def test_without_a_secret_session_nothing_is_served(house, session, path):
    """A missing, short or guessable session is 401 on every path but the settings."""
    method = "POST" if path in ("messages", "attachments") else "GET"
    async with house.browser(session=session) as browser:
        answer = await browser.request(method, f"/chat/front/{path}", content=b"{}")

    assert answer.status_code == 401


async def test_a_visitor_who_writes_too_fast_is_slowed_down(house):
    """429 says when to go on; another visitor is not affected."""
    async with house.browser() as browser:
        statuses = []
        for number in range(13):
            answer = await browser.post(
                "/chat/front/messages", json={**HELLO, "client_message_id": f"hurry-{number:04}"}
            )
            statuses.append(answer.status_code)
        elsewhere = await browser.post(
            "/chat/front/messages", json=HELLO, headers={"X-Frontdesk-Session": OTHER}
        )

    assert statuses == [202] * 12 + [429]
    assert int(answer.headers["retry-after"]) >= 1
    assert elsewhere.status_code == 202


async def test_a_new_session_does_not_evade_the_desks_own_limit(house):
    """All visitors of a desk share a limit; a problem says so, and when to go on. Other desks have theirs."""
    burst, taken = chat_limits.DESK_MESSAGES.burst, 0
    async with house.browser() as browser:
        while taken < 3 * burst:
            session = {"X-Frontdesk-Session": f"{OTHER[:-4]}{taken:04}"}
            refused = await browser.post("/chat/front/messages", json=HELLO, headers=session)
            if refused.status_code != 202:
                break
            taken += 1
        elsewhere = await browser.post(
            "/chat/other/messages", json=HELLO, headers={"X-Frontdesk-Session": OTHER}
        )

    assert taken >= burst
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["title"] == "Too Many Requests"
    assert "busy" in refused.json()["detail"]
    assert int(refused.headers["retry-after"]) >= 1
    assert elsewhere.status_code == 202


def test_a_hundred_honest_visitors_never_meet_the_desks_limit():
    """A hundred people who each open with three messages and then write every six seconds are all let in."""
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    limit = ChatLimit(lambda: now, chat_limits.MESSAGES, chat_limits.DESK_MESSAGES)
    people = [f"visitor-{number}" for number in range(100)]
    for person in people * 3:
        limit.take("front", person)
    for _ in range(100):
        now += timedelta(seconds=6)
        for person in people:
            limit.take("front", person)


async def test_a_desk_that_does_not_chat_is_not_found(house):
    """An unknown desk is a 404 in words, on every path."""
    async with house.browser() as browser:
        answer = await browser.get("/chat/nobody/settings")

    assert answer.status_code == 404
    assert "nobody" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("origin", "local", "allowed"),
    [
        ("https://sunrise.example", False, True),  # named in the file
        ("https://sunrise.example.evil.test", False, False),
        ("http://sunrise.example", False, False),  # another scheme is another origin
        ("https://sunrise.example:8443", False, False),  # and another port
        ("http://127.0.0.1:8080", False, True),  # our own page
        ("http://localhost:3000", False, False),
        ("http://localhost:3000", True, True),  # on a laptop any local page
        ("http://127.0.0.1:5173", True, True),
        ("null", True, False),
    ],
)
async def test_only_pages_the_desk_names_may_speak_with_it(house, origin, local, allowed):
    """Exact origins of the file, our own page, and local ones where the backend is embedded."""
    async with house.browser(local=local) as browser:
        asked = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-frontdesk-session",
        }
        before = await browser.options("/chat/front/messages", headers=asked)
        posted = await browser.post("/chat/front/messages", json=HELLO, headers={"Origin": origin})

    assert before.status_code == (204 if allowed else 403)
    assert posted.status_code == (202 if allowed else 403)
    assert posted.headers.get("access-control-allow-origin") == (origin if allowed else None)
    assert "access-control-allow-credentials" not in posted.headers
    assert "Origin" in posted.headers["vary"]
    if allowed:
        assert "X-Frontdesk-Session" in before.headers["access-control-allow-headers"]


async def test_a_foreign_page_may_read_its_refusals(house):
    """A problem reaches an allowed page's script, as any answer does."""
    async with house.browser() as browser:
        answer = await browser.post(
            "/chat/front/messages", json={}, headers={"Origin": "https://sunrise.example"}
        )

    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == "https://sunrise.example"


async def test_a_file_is_kept_as_what_it_is_and_comes_back_to_its_session_alone(house):
    """The type is read from the bytes; another session, and another desk, finds nothing."""
    async with house.browser() as browser:
        named = {"X-File-Name": "..%2Fmy%20scan.png", "Content-Type": "application/x-evil"}
        kept = await browser.post("/chat/front/attachments", content=PNG, headers=named)
        identity = kept.json()["id"]
        mine = await browser.get(f"/chat/front/attachments/{identity}")
        theirs = await browser.get(
            f"/chat/front/attachments/{identity}", headers={"X-Frontdesk-Session": OTHER}
        )
        elsewhere = await browser.get(f"/chat/other/attachments/{identity}")

    assert kept.status_code == 201
    expected = {"kind": "image", "media_type": "image/png", "name": "my scan.png", "size": len(PNG)}
    assert kept.json() == {"id": identity, **expected}
    assert mine.content == PNG
    assert mine.headers["content-type"] == "image/png"
    assert mine.headers["x-content-type-options"] == "nosniff"
    assert theirs.status_code == elsewhere.status_code == 404


async def test_a_message_carries_the_files_it_names(house):
    """An uploaded file travels whole in the fact; one of another session is refused."""
    async with house.browser() as browser:
        pdf = await browser.post("/chat/front/attachments", content=b"%PDF-1.7 results")
        said = {**HELLO, "text": "", "attachments": [pdf.json()["id"]]}
        answer = await browser.post("/chat/front/messages", json=said)
        stolen = await browser.post("/chat/front/messages", json=said, headers={"X-Frontdesk-Session": OTHER})
        served = await browser.get(f"/chat/front/attachments/{pdf.json()['id']}")

    assert answer.status_code == 202
    (body,) = await house.published()
    (attachment,) = MessageReceived.decode(body).content.attachments
    assert attachment.media_type == "application/pdf"
    assert await house.ports.blobs.get(attachment.blob) == (b"%PDF-1.7 results", "application/pdf")
    assert stolen.status_code == 422
    assert served.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"<html><script>alert(1)</script></html>", 415),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 415),
        (b"MZ\x90\x00 a program", 415),
        (b"PK\x03\x04 an archive", 415),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 10_000_001, 413),
        (b"%PDF-" + b"0" * 20_000_001, 413),
    ],
)
async def test_only_pictures_and_pdfs_of_a_size_are_kept(house, content, status):
    """What a browser might run, what nobody knows and what is too large is refused, whatever it claims."""
    async with house.browser() as browser:
        answer = await browser.post(
            "/chat/front/attachments", content=content, headers={"Content-Type": "image/png"}
        )

    assert answer.status_code == status


async def test_what_a_visitor_uploaded_has_no_public_address(house):
    """Vendors fetch what people send by its address; a visitor's own file is their session's alone."""
    app, conversation = Starlette(routes=sent_files.routes(house)), house.conversation().id
    async with house.browser() as browser:
        kept = await browser.post("/chat/front/attachments", content=b"%PDF-1.7 results")
    given = f"/files/sunrise/{conversation}/{kept.json()['id']}"
    link = f"conversations/{conversation}/attachments/sent"
    blob = f"sunrise/{conversation}/sent"
    await house.ports.blobs.put(blob, b"%PDF-1.7 offer", "application/pdf")
    sent = Attachment(kind="document", media_type="application/pdf", blob=blob, url="https://desk.example/x")
    await house.tenant("sunrise").create(link, msgspec.to_builtins(sent))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as vendor:
        theirs, ours = await vendor.get(given), await vendor.get(f"/files/sunrise/{conversation}/sent")

    assert (404, 200) == (theirs.status_code, ours.status_code)
    assert b"%PDF-1.7 offer" == ours.content


async def test_a_body_that_says_it_is_too_large_is_not_read():
    """The length a request claims is enough to refuse it, before a byte of it is held."""

    async def receive():
        raise AssertionError

    scope = {"type": "http", "method": "POST", "headers": [(b"content-length", b"25000001")]}
    with pytest.raises(Refused, match="25,000,000 bytes"):
        await body_within(Request(scope, receive), MOST_SENT)
