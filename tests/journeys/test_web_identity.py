"""A business's own site says who is signed in, and the desks of the business know them again."""

import hashlib
import hmac
import secrets
from pathlib import Path

import httpx
from house import SECRET, House, opened, until

from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving

DESK = """
version: "1.0"
tenant: {id: bell, name: Bell Salon}
desk: {id: %(id)s, name: Bell Salon, timezone: Europe/London}
channels:
  webchat: {identity_secret: "${SITE_SECRET}"}
"""


async def write(house: House, desk: str, session: str, text: str, **identity: str) -> httpx.Response:
    """What the widget posts, in a session, with the headers made of the site's attributes."""
    headers = {"X-Frontdesk-Session": session}
    if identity:
        headers["X-Frontdesk-Customer"] = identity["customer"]
        headers["X-Frontdesk-Customer-Signature"] = identity["signature"]
    said = {"text": text, "client_message_id": secrets.token_hex(8)}
    return await house.http.post(f"{house.url}/chat/{desk}/messages", json=said, headers=headers)


async def test_a_signed_in_customer_is_one_on_two_devices_and_two_desks(tmp_path: Path) -> None:
    """Signed by the site, two sessions with two desks are one customer; a forged signature is nobody."""
    (tmp_path / "configs" / "bell").mkdir(parents=True)
    for desk in ("salon", "shop"):
        (tmp_path / "configs" / "bell" / f"{desk}.yaml").write_text(DESK % {"id": desk})
    graph = GraphApi(app_secret=SECRET)
    environment = {"FRONTDESK_CONFIGS": str(tmp_path / "configs"), "bell__SITE_SECRET": "hush"}
    async with serving(graph.app) as url, opened(tmp_path / "data", graph, url, **environment) as house:
        laptop, phone = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        signature = hmac.new(b"hush", b"4711", hashlib.sha256).hexdigest()
        assert 202 == (await write(house, "salon", laptop, "Hello")).status_code
        for desk, session in (("salon", laptop), ("shop", phone)):
            answer = await write(house, desk, session, "Hello", customer="4711", signature=signature)
            assert 202 == answer.status_code, answer.text
        forged = await write(house, "shop", phone, "Hello", customer="4712", signature=signature)
        assert 401 == forged.status_code
        assert "HMAC-SHA256" in forged.json()["detail"]

        async def recognised() -> bool:
            found = [one for one in await house.documents("customers", "bell") if "merged_into" not in one]
            return [("4711", 3, 2)] == [
                (one.get("external_id"), one["messages"], one["conversations"]) for one in found
            ]

        await until(recognised)
