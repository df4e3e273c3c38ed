"""Who the business's own site says a visitor is: believed where signed, else refused with the fix."""

import hashlib
import hmac
from dataclasses import replace
from urllib.parse import quote

import pytest

from shared.backends.embedded.secrets import EmbeddedSecrets
from shared.domain.events import MessageReceived
from tests.unit.web.conftest import ORIGIN, WEBCHAT, desk_file, publish

HELLO = {"text": "Hello", "client_message_id": "c0ffee-0001"}
SECRET = "only the site's server knows"


def signed(customer, secret=SECRET):
    """The headers the widget makes of a site's two attributes."""
    signature = hmac.new(secret.encode(), customer.encode(), hashlib.sha256).hexdigest()
    return {"X-Frontdesk-Customer": quote(customer), "X-Frontdesk-Customer-Signature": signature}


@pytest.fixture
async def site(house):
    """The doors of a desk whose site signs."""
    house.ports = replace(house.ports, secrets=EmbeddedSecrets({"sunrise__SITE_SECRET": SECRET}))
    text = desk_file("front", "sunrise", **WEBCHAT, identity_secret="${SITE_SECRET}")
    await publish(house.versions, text, "sunrise/reception.yaml")
    return house


@pytest.mark.parametrize("customer", ["4711", "asha@example.com", "आशा राव"])
async def test_a_signed_id_goes_with_the_message(site, customer):
    """What the site signed is the sender's external id, in whatever letters; without it there is none."""
    async with site.browser() as browser:
        told = await browser.post("/chat/front/messages", json=HELLO, headers=signed(customer))
        nobody = await browser.post(
            "/chat/front/messages", json={**HELLO, "client_message_id": "c0ffee-0002"}
        )

    assert [202, 202] == [told.status_code, nobody.status_code]
    facts = [MessageReceived.decode(body) for body in await site.published()]
    assert [customer, None] == [fact.sender.external_id for fact in facts]


@pytest.mark.parametrize(
    ("headers", "mend"),
    [
        (signed("4711", "another secret"), "HMAC-SHA256"),
        ({**signed("4711"), "X-Frontdesk-Customer": "4712"}, "HMAC-SHA256"),
        ({"X-Frontdesk-Customer": "4711"}, "data-customer-signature"),
        ({"X-Frontdesk-Customer": "4711", "X-Frontdesk-Customer-Signature": "ü".encode()}, "on your server"),
        ({"X-Frontdesk-Customer-Signature": "0" * 64}, "data-customer must be"),
        (signed("x" * 201), "1 to 200"),
        (signed("two\nlines"), "one line"),
    ],
)
@pytest.mark.parametrize("path", ["settings", "messages"])
async def test_an_id_that_is_not_signed_is_refused_with_what_to_mend(site, path, headers, mend):
    """401 as a problem the site's own page may read; nothing reaches the bus, and no secret is told."""
    async with site.browser() as browser:
        method = "POST" if path == "messages" else "GET"
        sent = {**headers, "Origin": ORIGIN}
        answer = await browser.request(method, f"/chat/front/{path}", json=HELLO, headers=sent)

    assert (401, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert mend in answer.json()["detail"]
    assert SECRET not in answer.text
    assert ORIGIN == answer.headers["access-control-allow-origin"]
    assert "X-Frontdesk-Customer-Signature" in answer.headers["access-control-allow-headers"]
    assert [] == await site.published()


async def test_a_desk_without_the_secret_says_so(site):
    """Where the file names no secret, or one that is not set, an id is refused, whatever signs it."""
    async with site.browser() as browser:
        unnamed = await browser.get("/chat/other/settings", headers=signed("4711"))
        site.ports = replace(site.ports, secrets=EmbeddedSecrets({}))
    async with site.browser() as browser:
        unset = await browser.get("/chat/front/settings", headers=signed("4711", ""))

    assert [401, 401] == [unnamed.status_code, unset.status_code]
    assert "name a secret in channels.webchat.identity_secret" in unnamed.json()["detail"]
    assert "is not set" in unset.json()["detail"]
