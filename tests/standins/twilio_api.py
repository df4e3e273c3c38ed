"""Twilio's Messages resource on a loopback port: takes, lists and refuses as the vendor does.

Run it by itself with `python -m tests.standins.twilio_api --port 8091`.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.faults import Faults, after, before, control
from tests.standins.serving import serving

_KNOWN = {
    "To",
    "From",
    "MessagingServiceSid",
    "Body",
    "MediaUrl",
    "StatusCallback",
    "ContentSid",
    "ContentVariables",
}


class Refused(Exception):
    """A refusal with Twilio's code."""

    def __init__(self, code: int, status: int = 400) -> None:
        super().__init__(str(code))
        self.code, self.status = code, status


@dataclass
class TwilioApi:
    """The vendor's state: what it took and was told to do wrong."""

    account_sid: str = "ACstandin"
    auth_token: str = "twilio-token"
    accepted: list[dict[str, Any]] = field(default_factory=list)  # message resources, oldest first
    callbacks: list[tuple[str, str]] = field(default_factory=list)  # sid, the address for its statuses
    closed: set[str] = field(default_factory=set)  # WhatsApp recipients whose 24 hours are over
    media: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def app(self) -> Starlette:
        """The server's routes."""
        messages = "/2010-04-01/Accounts/{sid}/Messages"
        return Starlette(
            routes=[
                Route("/_control/accepted", self._accepted),
                Route("/_control/faults", self._faults, methods=["POST", "DELETE"]),
                Route("/_control/window", self._window, methods=["POST"]),
                Route(f"{messages}.json", self._create, methods=["POST"]),
                Route(f"{messages}.json", self._list),
                Route(messages + "/{message}/Media/{media}", self._bytes),
            ]
        )

    async def _create(self, request: Request) -> Response:
        fault = self.faults.next(request.url.path)
        if trouble := await before(fault, request):
            return trouble
        try:
            self._authorised(request)
            if fault and fault.kind == "error":
                return _refusal(Refused(fault.code))
            form = parse_qsl((await request.body()).decode(), keep_blank_values=True)
            message = self._take(form)
        except Refused as refused:
            return _refusal(refused)
        return await after(fault, request, JSONResponse(message, status_code=201))

    def _take(self, form: list[tuple[str, str]]) -> dict[str, Any]:
        fields = dict(form)
        _need(not set(fields) - _KNOWN, 20001)
        _need(fields.get("To"), 21604)
        _need(fields.get("From") or fields.get("MessagingServiceSid"), 21603)
        _need(any(fields.get(name) for name in ("Body", "MediaUrl", "ContentSid")), 21619)
        _need(len(fields.get("Body", "")) <= 1600, 21617)
        _need(fields["To"] not in self.closed or "ContentSid" in fields, 63016)
        message = {
            "sid": f"SM{next(self._numbers):032x}",
            "to": fields["To"],
            "from": fields.get("From"),
            "messaging_service_sid": fields.get("MessagingServiceSid"),
            "body": fields.get("Body", ""),
            "num_media": str(sum(name == "MediaUrl" for name, _ in form)),
            "media": [value for name, value in form if name == "MediaUrl"],
            "content": {key: value for key, value in fields.items() if key.startswith("Content")},
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(datetime.now(UTC)),
            "error_code": None,
        }
        self.accepted.append(message)
        if fields.get("StatusCallback"):
            self.callbacks.append((message["sid"], fields["StatusCallback"]))
        return message

    async def _list(self, request: Request) -> Response:
        fault = self.faults.next(request.url.path)
        if trouble := await before(fault, request):
            return trouble
        try:
            self._authorised(request)
        except Refused as refused:
            return _refusal(refused)
        asked = request.query_params
        found = [
            message
            for message in reversed(self.accepted)
            if asked.get("To") in (None, message["to"]) and asked.get("From") in (None, message["from"])
        ]
        return JSONResponse({"messages": found[: int(asked.get("PageSize", "50"))], "next_page_uri": None})

    async def _bytes(self, request: Request) -> Response:
        try:
            self._authorised(request)
            _need(request.path_params["media"] in self.media, 20404, 404)
        except Refused as refused:
            return _refusal(refused)
        content, media_type = self.media[request.path_params["media"]]
        return Response(content, media_type=media_type)

    def hold(self, content: bytes, media_type: str) -> str:
        """Keep bytes as if a customer had sent them; gives the path they are served at."""
        media = f"ME{next(self._numbers):032x}"
        self.media[media] = (content, media_type)
        return f"/2010-04-01/Accounts/{self.account_sid}/Messages/MM1/Media/{media}"

    def _authorised(self, request: Request) -> None:
        pair = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        _need(request.headers.get("authorization") == f"Basic {pair}", 20003, 401)

    async def tell(self, url: str, fields: dict[str, str]) -> int:
        """POST a signed form as Twilio does; gives the status it was answered with."""
        address = url.partition("#")[0]
        headers = {"x-twilio-signature": sign(address, list(fields.items()), self.auth_token)}
        async with httpx.AsyncClient(trust_env=False) as http:
            return (await http.post(address, data=fields, headers=headers)).status_code

    async def report(self, sid: str, status: str) -> int:
        """Tell how far a message came, at the address its sender gave."""
        url = dict(self.callbacks)[sid]
        message = next(one for one in self.accepted if one["sid"] == sid)
        fields = {"MessageSid": sid, "MessageStatus": status, "From": message["from"], "To": message["to"]}
        return await self.tell(url, fields)

    async def _accepted(self, _: Request) -> Response:
        return JSONResponse({"accepted": self.accepted, "callbacks": self.callbacks})

    async def _faults(self, request: Request) -> Response:
        return await control(request, self.faults)

    async def _window(self, request: Request) -> Response:
        """`{recipient, open}`: whether free text may still go to a WhatsApp recipient."""
        asked = json.loads(await request.body())
        (self.closed.discard if asked["open"] else self.closed.add)(asked["recipient"])
        return JSONResponse({"closed": sorted(self.closed)})


def _need(holds: Any, code: int, status: int = 400) -> None:
    if not holds:
        raise Refused(code, status)


def _refusal(refused: Refused) -> Response:
    url = f"https://www.twilio.com/docs/errors/{refused.code}"
    body = {"code": refused.code, "message": "refused", "more_info": url, "status": refused.status}
    return JSONResponse(body, status_code=refused.status)


def sign(url: str, fields: list[tuple[str, str]], auth_token: str) -> str:
    """Twilio's signature of an address and a form."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


async def main() -> None:
    """Serve until stopped."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=8091)
    options.add_argument("--account-sid", default="ACstandin")
    options.add_argument("--auth-token", default="twilio-token")
    chosen = options.parse_args()
    api = TwilioApi(account_sid=chosen.account_sid, auth_token=chosen.auth_token)
    async with serving(api.app, chosen.port) as url:
        print(url, flush=True)  # noqa: T201 - its one line of output
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
