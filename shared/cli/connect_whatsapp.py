"""`connect whatsapp`: proves a desk's number up to a delivered message, and says what to mend."""

import asyncio
import re
import secrets
from argparse import Namespace

import httpx

from shared.bootstrap import Process
from shared.channels import meta_graph
from shared.channels.shape import Rejected, Unknown
from shared.channels.vendor_json import text
from shared.cli.history import known
from shared.cli.layout import say
from shared.cli.shape import FOUND, OK, WrongUse
from shared.desk.channels import PLATFORM_NAMES, Line, line_of
from shared.desk.services import Services
from shared.desk.trial import newest_report, send_trial
from shared.domain.content import Outgoing, Template
from shared.domain.errors import Permanent, Transient
from shared.domain.events import DeliveryReported

_ASKED_EVERY = 0.5  # seconds
_NEEDED = ("access_token", "app_secret")


async def connect_whatsapp(process: Process, chosen: Namespace) -> int:
    """Settings, number, webhook, message, report; each must hold before the next is tried."""
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", chosen.to or ""):
        raise WrongUse(
            f"--to {chosen.to}: write the number as +, country code and digits, e.g. +919812345678"
        )
    services = await process.services()
    tenant = await known(services.versions, chosen.desk)
    try:
        line = await _line(process, services, chosen.desk)
        _told("settings", "token, app secret and verify token are set")
        _told("number", await _number(services, line))
        _told("webhook", await _handshake(process, services))
        key = await _send(services, line, chosen)
    except (Permanent, Transient) as error:
        say(f"failed: {error}", rest="  ")
        return FOUND
    return await _wait(services, tenant, key, chosen.wait)


def _told(step: str, how: str) -> None:
    say(f"ok      {step}: {how}", rest=" " * 8)


async def _line(process: Process, services: Services, desk: str) -> Line:
    """The desk's number with its credentials. Raises Permanent naming what is not set."""
    published = await services.versions.published(desk)
    settings = published.config.channels.whatsapp if published else None
    if published is None or settings is None or not settings.enabled or not settings.account:
        raise Permanent(
            f"settings: the desk {desk} has no WhatsApp number; write channels.whatsapp.phone_number_id "
            "into its file and publish it"
        )
    if settings.provider != "meta":
        raise Permanent("settings: this number is Twilio's, and this command checks Meta's")
    line = await line_of(services, published.config, "whatsapp", settings.account)
    for name in _NEEDED:
        if not line.account.credentials.get(name):
            raise Permanent(
                f"settings: no {name}; set {PLATFORM_NAMES[name]}, or channels.whatsapp.{name} in "
                "the desk's file"
            )
    if not process.settings.meta_verify_token:
        raise Permanent("settings: META_VERIFY_TOKEN is not set; choose a word, here and at Meta alike")
    return line


async def _number(services: Services, line: Line) -> str:
    """Number and name as Meta has them. Raises with Meta's own reason."""
    path = f"{line.account.id}?fields=display_phone_number,verified_name"
    try:
        found = await meta_graph.ask(services.http, line.account, path)
    except Permanent as error:
        raise Permanent(
            f"number: {error}; check META_ACCESS_TOKEN and that it may use phone_number_id {line.account.id}"
        ) from error
    return f"{text(found, 'display_phone_number')}, {text(found, 'verified_name')}"


async def _handshake(process: Process, services: Services) -> str:
    """Do what Meta does when a webhook is entered. Raises Permanent where it would fail."""
    address = f"{process.settings.address}/webhooks/whatsapp"
    challenge = secrets.token_hex(8)
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": process.settings.meta_verify_token,
        "hub.challenge": challenge,
    }
    try:
        answer = await services.http.get(address, params=asked)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Permanent(
            f"webhook: {address} does not answer ({type(error).__name__}); start the server with `make run`, "
            "and set FRONTDESK_PUBLIC_URL to the address that leads to it"
        ) from error
    if answer.status_code == 403:
        raise Permanent(
            f"webhook: the server at {address} has another META_VERIFY_TOKEN; start it with the one set here"
        )
    if answer.status_code != 200 or answer.text != challenge:
        raise Permanent(
            f"webhook: {address} answers with {answer.status_code}, and not as Frontdesk does; check "
            "FRONTDESK_PUBLIC_URL"
        )
    if address.startswith("https://"):
        return f"{address} answers the handshake"
    return f"{address} answers the handshake here, yet Meta calls https alone: set FRONTDESK_PUBLIC_URL"


async def _send(services: Services, line: Line, chosen: Namespace) -> str:
    """Send the test message; the key its reports come under. Raises with Meta's own reason."""
    template = Template(name=chosen.template, language=chosen.language)
    message = Outgoing(text=chosen.text) if chosen.text else Outgoing(template=template)
    key, outcome = await send_trial(services, line, chosen.to.removeprefix("+"), message)
    match outcome:
        case Rejected(failure):
            hint = "; outside 24 hours leave --text out" if failure.action == "template" else ""
            raise Permanent(f"message: Meta refused it with code {failure.code}: {failure.title}{hint}")
        case Unknown(detail):
            raise Transient(f"message: nobody knows whether it was taken: {detail}; look at the phone")
        case sent:
            _told("message", f"Meta took it as {sent.provider_id}")
    return key


async def _wait(services: Services, tenant: str, key: str, seconds: float) -> int:
    """Wait until a report says more than `sent`, and say what came."""
    store, loop = services.tenant(tenant), asyncio.get_running_loop()
    give_up = loop.time() + seconds
    report: DeliveryReported | None = None
    while True:
        report = await newest_report(store, key)
        if (report and report.status != "sent") or loop.time() >= give_up:
            break
        await asyncio.sleep(_ASKED_EVERY)
    if report is None:
        say(
            f"failed: report: none came through our webhook within {seconds:.0f} s; at Meta, enter the "
            "webhook's address and subscribe the app to the field `messages`, then try again",
            rest="  ",
        )
        return FOUND
    if report.status == "failed":
        why = f"code {report.failure.code}: {report.failure.title}" if report.failure else "no reason given"
        say(f"failed: report: Meta could not deliver it, {why}", rest="  ")
        return FOUND
    _told("report", f"{report.status}, told through our webhook")
    return OK
