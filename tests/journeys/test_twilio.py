"""A customer texts a number at Twilio, the desk answers."""

import base64
import hashlib
import hmac
from pathlib import Path

import pytest
from house import SECRET, House, opened, until

from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving
from tests.standins.twilio_api import TwilioApi

DESK = """
version: "1.0"
tenant: {id: bell, name: Bell Salon}
desk:
  {id: bell, name: Bell Salon, timezone: Europe/London, facts: {Parking: "Free behind the house."}}
agent: {name: Bea}
channels:
  sms: {phone_number: "+447700900123"}
  whatsapp: {provider: twilio, phone_number: "+447700900124"}
"""


POOL = "MG00000000000000000000000000000001"
POOLED = """
version: "1.0"
tenant: {id: bell, name: Bell Salon}
desk:
  {id: bell, name: Bell Salon, timezone: Europe/London, facts: {Parking: "Free behind the house."}}
channels:
  sms: {messaging_service_sid: %(pool)s%(own)s}
  whatsapp: {provider: twilio, messaging_service_sid: %(pool)s%(own)s}
"""


def signed(url: str, form: dict[str, str], token: str) -> str:
    """The signature Twilio puts beside a form."""
    text = url + "".join(f"{key}{form[key]}" for key in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


async def test_text_messages_and_whatsapp_through_twilio_are_answered(tmp_path: Path) -> None:
    """Both of Twilio's webhooks, signed over our public address, bring one reply each."""
    configs = tmp_path / "configs" / "bell"
    configs.mkdir(parents=True)
    (configs / "bell.yaml").write_text(DESK)
    twilio, graph = TwilioApi(), GraphApi(app_secret=SECRET)
    async with (
        serving(twilio.app) as url,
        opened(
            tmp_path / "data",
            graph,
            url,
            FRONTDESK_CONFIGS=str(tmp_path / "configs"),
            TWILIO_ACCOUNT_SID=twilio.account_sid,
            TWILIO_AUTH_TOKEN=twilio.auth_token,
            TWILIO_API_URL=url,
        ) as house,
    ):
        for path, prefix, to in (("sms", "", "+447700900123"), ("whatsapp", "whatsapp:", "+447700900124")):
            form = {
                "MessageSid": f"SM{path:0>32}",
                "AccountSid": twilio.account_sid,
                "From": f"{prefix}+447700900999",
                "To": f"{prefix}{to}",
                "Body": "Where can I park?",
                "NumMedia": "0",
            }
            address = f"{house.process.settings.address}/webhooks/twilio/{path}"
            headers = {"X-Twilio-Signature": signed(address, form, twilio.auth_token)}
            before = len(twilio.accepted)
            answer = await house.http.post(f"{house.url}/webhooks/twilio/{path}", data=form, headers=headers)
            assert 200 == answer.status_code, answer.text
            assert "<Response/>" == answer.text
            await until(lambda before=before: len(twilio.accepted) > before)
            assert "Free behind the house" in str(twilio.accepted[-1]), twilio.accepted

        customers = await house.documents("customers", "bell")
        assert ["+447700900999"] == [customer["phone"] for customer in customers]


@pytest.mark.parametrize("own", ["", ", auth_token: '${TOKEN}'"], ids=["platform's token", "its own"])
async def test_a_messaging_service_is_enough_to_be_reached(tmp_path: Path, own: str) -> None:
    """A desk that names a messaging service alone answers on all its numbers, and hears what became of it."""
    configs = tmp_path / "configs" / "bell"
    configs.mkdir(parents=True)
    (configs / "bell.yaml").write_text(POOLED % {"pool": POOL, "own": own})
    twilio = TwilioApi(auth_token="bells-own" if own else "twilio-token")
    environment = {
        "FRONTDESK_CONFIGS": str(tmp_path / "configs"),
        "TWILIO_ACCOUNT_SID": twilio.account_sid,
        "TWILIO_AUTH_TOKEN": "platforms" if own else twilio.auth_token,
        "bell__TOKEN": twilio.auth_token,
    }
    async with (
        serving(twilio.app) as url,
        opened(
            tmp_path / "data", GraphApi(app_secret=SECRET), url, TWILIO_API_URL=url, **environment
        ) as house,
    ):
        for path, prefix in (("sms", ""), ("whatsapp", "whatsapp:")):
            ours = {"MessagingServiceSid": POOL, "AccountSid": twilio.account_sid}
            form = {"From": f"{prefix}+447700900999", "To": f"{prefix}+447700900125", **ours}
            form |= {"MessageSid": f"SM{path:0>32}", "Body": "Where can I park?", "NumMedia": "0"}
            before = len(twilio.accepted)
            assert 200 == await _posted(house, f"/webhooks/twilio/{path}", form, twilio.auth_token)
            await until(lambda before=before: len(twilio.accepted) > before)
            sent = twilio.accepted[-1]
            assert (POOL, None) == (sent["messaging_service_sid"], sent["from"])

            asked = dict(twilio.callbacks)[sent["sid"]].partition("?")[2].partition("#")[0]
            report = {"From": form["To"], "To": form["From"], "MessageSid": sent["sid"], **ours}
            report |= {"MessageStatus": "delivered"}
            posted = await _posted(house, f"/webhooks/twilio/{path}?{asked}", report, twilio.auth_token)
            assert 200 == posted

        async def delivered() -> bool:
            told = [
                one["status"]
                for head in await house.heads("bell")
                for one in await house.documents(f"conversations/{head}/messages", "bell")
            ]
            return ["delivered", "delivered"] == [one for one in told if one != "received"]

        await until(delivered)


async def test_a_service_of_ones_own_vouches_for_no_others_number(tmp_path: Path) -> None:
    """A desk's own token signs for its service alone, whatever number of another desk's it writes."""
    (tmp_path / "configs" / "bell").mkdir(parents=True)
    desk = DESK.replace("id: bell", "id: other").replace("Bell", "Other")
    pooled = POOLED % {"pool": POOL, "own": ", auth_token: '${TOKEN}'"}
    for name, text in (("bell", pooled), ("other", desk)):
        (tmp_path / "configs" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "configs" / name / f"{name}.yaml").write_text(text)
    twilio = TwilioApi(auth_token="bells-own")
    environment = {
        "FRONTDESK_CONFIGS": str(tmp_path / "configs"),
        "TWILIO_ACCOUNT_SID": twilio.account_sid,
        "TWILIO_AUTH_TOKEN": "platforms",
        "bell__TOKEN": "bells-own",
    }
    async with (
        serving(twilio.app) as url,
        opened(
            tmp_path / "data", GraphApi(app_secret=SECRET), url, TWILIO_API_URL=url, **environment
        ) as house,
    ):
        form = {"MessageSid": "SM1", "From": "+447700900999", "To": "+447700900123", "Body": "Hello"}
        refused = await _posted(house, "/webhooks/twilio/sms", form, "bells-own")
        assert 401 == refused
        form |= {"MessagingServiceSid": POOL, "MessageSid": "SM2"}
        assert 200 == await _posted(house, "/webhooks/twilio/sms", form, "bells-own")
        await until(lambda: len(twilio.accepted) > 0)
        assert 1 == len(await house.heads("bell"))
        assert [] == await house.heads("other")


async def _posted(house: House, path: str, form: dict[str, str], token: str) -> int:
    """The status that a form signed with this token is answered with."""
    headers = {"X-Twilio-Signature": signed(f"{house.process.settings.address}{path}", form, token)}
    return (await house.http.post(f"{house.url}{path}", data=form, headers=headers)).status_code
