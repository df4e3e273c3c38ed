"""A customer texts a number at Twilio, the desk answers."""

import base64
import hashlib
import hmac
from pathlib import Path

from house import SECRET, opened, until

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
