"""What people write in a conversation: replies, templates, notes, files; and the words they are offered."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api.chat_files import MOST_SENT, body_within
from shared.api.problems import Refused
from shared.console.conversation import called
from shared.console.frame import Frame
from shared.console.inbox import Inbox
from shared.console.visit import Visit
from shared.desk.attach import attach, attachments_named
from shared.desk.canned import canned_replies, templates
from shared.desk.commit import message_path, read_message
from shared.desk.inbox import row
from shared.desk.note import note
from shared.desk.send_again import send_again
from shared.desk.services import Services
from shared.desk.speak import speak
from shared.desk.suggest import suggest
from shared.domain.content import Template
from shared.domain.identity import new_id

MOST = 10  # files of one message
SHOWN = ("image/png", "image/jpeg", "image/webp", "image/gif", "audio/", "video/")
"""Kinds a browser shows in the page; all others it saves, so that a customer's file never runs here."""

_PLACE = re.compile(r"\{\{\s*(\d{1,2})\s*\}\}")


@dataclass(frozen=True, slots=True)
class Saying:
    """What the composer does."""

    services: Services
    inbox: Inbox

    async def say(self, visit: Visit) -> Response:
        """POST say: a note where `kind` says so, otherwise words and files for the customer."""
        conversation, form = _named(visit), visit.form
        client_id = form["client_id"] or new_id()
        place = (self.services, visit.tenant, conversation)
        if form["kind"] == "note":
            await note(*place, text=form["text"], client_id=client_id, by=visit.actor)
            return await self.inbox.done(visit, conversation)
        files = await attachments_named(visit.store, conversation, form.all("files")[:MOST])
        await speak(*place, client_id=client_id, by=visit.actor, text=form["text"], attachments=files)
        return await self.inbox.done(visit, conversation)

    async def again(self, visit: Visit) -> Response:
        """POST again/{seq}: what nobody knows to have arrived, once more."""
        conversation, seq = _named(visit), visit.request.path_params["seq"]
        await send_again(self.services, visit.tenant, conversation, seq, by=visit.actor)
        return await self.inbox.done(visit, conversation)

    async def ask_template(self, visit: Visit) -> Response:
        """GET template: the desk's templates to choose from."""
        conversation = _named(visit)
        offered = await templates(self.services, visit.tenant, conversation)
        found = await row(self.services, visit.tenant, conversation)
        shown: dict[str, Any] = {
            "offered": [(one, places(one.text)) for one in offered],
            "conversation": conversation,
            "name": called(found.customer if found else None),
            "query": self.inbox.wanted(visit).query(),
        }
        if visit.partial:
            return visit.fragment("console/templates.html", **shown)
        return visit.page(
            "console/act.html", section="inbox", body="console/templates.html", act="Template", **shown
        )

    async def template(self, visit: Visit) -> Response:
        """POST template: one of the desk's, with its places filled in."""
        conversation, form = _named(visit), visit.form
        chosen = Template(
            name=form["name"], language=form["language"], parameters=tuple(form.all("parameters"))
        )
        await speak(
            self.services,
            visit.tenant,
            conversation,
            client_id=form["client_id"] or new_id(),
            by=visit.actor,
            template=chosen,
        )
        return await self.inbox.done(visit, conversation, closes="act")

    async def canned(self, visit: Visit) -> Response:
        """GET canned: the desk's own replies, as this customer would read them."""
        offered = await canned_replies(self.services, visit.tenant, _named(visit))
        return visit.fragment("console/canned.html", offered=offered)

    async def suggest(self, visit: Visit) -> Response:
        """POST suggest: what the desk would say, for a person to change and send."""
        return JSONResponse({"text": await suggest(self.services, visit.tenant, _named(visit))})

    async def attach(self, visit: Visit) -> Response:
        """POST files: the body is the file, its name a header; the answer names it for `say`."""
        request = visit.request
        kept = await attach(
            self.services,
            visit.tenant,
            _named(visit),
            content=await body_within(request, MOST_SENT),
            media_type=request.headers.get("content-type", "").partition(";")[0]
            or "application/octet-stream",
            file_name=unquote(request.headers.get("x-file-name", ""))[:200],
            by=visit.actor,
        )
        return JSONResponse(
            {"id": kept.media_id, "name": kept.file_name, "kind": kept.kind, "size": kept.size}
        )

    async def file(self, visit: Visit) -> Response:
        """GET files/{seq}/{number}: a file of a message, shown where that is safe, else saved."""
        request = visit.request
        seq, number = request.path_params["seq"], request.path_params["number"]
        document = await visit.store.get(message_path(_named(visit), seq))
        message = read_message(document) if document else None
        attachments = message.content.attachments if message and not message.withdrawn else ()
        blob = attachments[number].blob if number < len(attachments) else None
        found = await self.services.ports.blobs.get(blob) if blob else None
        if found is None:
            raise Refused(404, "There is no such file any more.")
        content, media_type = found
        inline = media_type.startswith(SHOWN)
        name = quote(attachments[number].file_name or f"file-{seq}-{number}")
        headers = {
            "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{name}",
            "Cache-Control": "private, max-age=3600",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(
            content, media_type=media_type if inline else "application/octet-stream", headers=headers
        )


def places(text: str) -> list[str]:
    """The places of a template that are to be filled in, in their order."""
    return sorted(set(_PLACE.findall(text)), key=int)


def _named(visit: Visit) -> str:
    name: str = visit.request.path_params["conversation"]
    return name


def routes(frame: Frame, saying: Saying) -> list[Route]:
    """What the composer asks for."""
    at = "/inbox/{conversation}"
    return [
        frame.post(f"{at}/say", saying.say),
        frame.post(f"{at}/again/{{seq:int}}", saying.again),
        frame.get(f"{at}/template", saying.ask_template),
        frame.post(f"{at}/template", saying.template),
        frame.get(f"{at}/canned", saying.canned),
        frame.post(f"{at}/suggest", saying.suggest),
        frame.post(f"{at}/files", saying.attach),
        frame.get(f"{at}/files/{{seq:int}}/{{number:int}}", saying.file),
    ]
