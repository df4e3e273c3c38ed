"""Twilio's Messages resource, by which texts and WhatsApp messages go out and are looked up alike.

Credentials: `account_sid`, `auth_token`. The account's id is our number, or a messaging service (MG…).
Source: twilio.com/docs/messaging/api/message-resource.
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from shared.channels.fit import misfit
from shared.channels.media_types import true_type
from shared.channels.shape import Account, Dispatch, Limits, Outcome, Rejected, Sent, Unknown
from shared.channels.twilio_errors import failure
from shared.channels.twilio_signature import RETRIES
from shared.channels.vendor_call import body_of, call, credential, wait_of
from shared.channels.vendor_json import Item, mappings, text
from shared.domain.content import Attachment, Outgoing
from shared.domain.errors import Permanent, Transient
from shared.domain.events import Failure
from shared.security.egress import origin_of, safe_fetch

if TYPE_CHECKING:
    import httpx

_HOSTS = (".twilio.com", ".twiliocdn.com")
_CLOCKS = timedelta(seconds=5)  # how far Twilio's clock may be behind ours
_GIVEN_UP = ("failed", "undelivered", "canceled")


async def send(
    http: "httpx.AsyncClient",
    account: Account,
    dispatch: Dispatch,
    limits: Limits,
    *,
    prefix: str,
    files: int,
) -> Outcome:
    """Hand one message to Twilio, once. `prefix` stands before numbers, `files` is how many one carries."""
    if problem := misfit(dispatch.message, limits, attachments=files) or _linkless(dispatch.message):
        return Rejected(problem)
    response = await call(
        http,
        "POST",
        _address(account),
        data=_form(account, dispatch, prefix),
        auth=(credential(account, "account_sid"), credential(account, "auth_token")),
    )
    if isinstance(response, Unknown):
        return response
    body = body_of(response)
    if response.is_success:
        return Sent(text(body, "sid")) if text(body, "sid") else Unknown("Twilio named no message")
    return _refusal(response, body)


async def lookup(
    http: "httpx.AsyncClient", account: Account, dispatch: Dispatch, since: datetime, *, prefix: str
) -> Sent | None:
    """The message with our words to this customer since then, or None. Raises Transient or Permanent."""
    query = {"To": prefix + dispatch.to, "PageSize": "50"}
    if not account.id.startswith("MG"):
        query["From"] = prefix + account.id
    response = await call(
        http,
        "GET",
        _address(account),
        params=query,
        auth=(credential(account, "account_sid"), credential(account, "auth_token")),
    )
    if isinstance(response, Unknown) or response.status_code >= 500 or response.status_code == 429:
        raise Transient("Twilio did not say what became of a message; ask again")
    if not response.is_success:
        raise Permanent(f"Twilio refused to look a message up with code {text(body_of(response), 'code')}")
    found = mappings(body_of(response), "messages")
    return next((Sent(text(one, "sid")) for one in found if _is_it(one, dispatch.message, since)), None)


async def fetch(
    http: "httpx.AsyncClient", account: Account, attachment: Attachment, limits: Limits
) -> tuple[bytes, str]:
    """The bytes a customer sent and their true type; from Twilio's hosts alone, with our credentials."""
    url = attachment.url or ""
    host = urlsplit(url).hostname or ""
    if origin_of(url) != origin_of(account.api_url) and not f".{host}".endswith(_HOSTS):
        raise Permanent("the media's address is not one of Twilio's; it was not fetched")
    fetched = await safe_fetch(
        http,
        url,
        headers={"authorization": _basic(account)},
        most=limits.media.get(attachment.kind, 0),
        seconds=30,
        trusted=[account.api_url],
    )
    if fetched.status >= 500 or fetched.status == 429:
        raise Transient(f"Twilio answered {fetched.status} for a customer's media")
    if fetched.status != 200:
        raise Permanent(f"Twilio answered {fetched.status} for a customer's media")
    return fetched.content, true_type(fetched.content, attachment.media_type, attachment.kind)


def _address(account: Account) -> str:
    sid = quote(credential(account, "account_sid"), safe="")
    return f"{account.api_url.rstrip('/')}/2010-04-01/Accounts/{sid}/Messages.json"


def _basic(account: Account) -> str:
    pair = f"{credential(account, 'account_sid')}:{credential(account, 'auth_token')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _form(account: Account, dispatch: Dispatch, prefix: str) -> Item:
    """The fields of a send; the address for statuses carries our key back."""
    message = dispatch.message
    form: Item = {"To": prefix + dispatch.to}
    if account.id.startswith("MG"):
        form["MessagingServiceSid"] = account.id
    else:
        form["From"] = prefix + account.id
    if account.callback_url:
        mark = "&" if "?" in account.callback_url else "?"
        form["StatusCallback"] = f"{account.callback_url}{mark}key={quote(dispatch.key, safe='')}{RETRIES}"
    if message.template:
        form["ContentSid"] = message.template.name
        values = {str(place): value for place, value in enumerate(message.template.parameters, start=1)}
        form["ContentVariables"] = json.dumps(values)
        return form
    if message.text:
        form["Body"] = message.text
    if message.attachments:
        form["MediaUrl"] = [one.url for one in message.attachments]
    return form


def _linkless(message: Outgoing) -> Failure | None:
    if all(attachment.url for attachment in message.attachments):
        return None
    return Failure(code="misfit", title="Twilio fetches media by a link; give one", action="fix_config")


def _refusal(response: "httpx.Response", body: Item) -> Outcome:
    """A refusal is certain; an error of Twilio's own is not, and can be looked up."""
    if response.status_code >= 500:
        return Unknown(f"Twilio answered {response.status_code}")
    code = text(body, "code") or {429: "20429", 401: "20003", 403: "20003"}.get(response.status_code, "")
    return Rejected(failure(code, text(body, "message"), retry_after=wait_of(response)))


def _is_it(found: Item, message: Outgoing, since: datetime) -> bool:
    """Whether a message of Twilio's list is ours: outbound, of that time, with these words."""
    try:
        created = parsedate_to_datetime(text(found, "date_created"))
    except ValueError:
        return False
    if created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    same = message.template is not None or text(found, "body").strip() == message.text.strip()
    outbound = text(found, "direction").startswith("outbound") and text(found, "status") not in _GIVEN_UP
    return same and outbound and created >= since.replace(microsecond=0) - _CLOCKS
