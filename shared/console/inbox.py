"""The inbox: the list, the conversation that is open, its customer; the three stay true by one stream."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from shared.console import run_words
from shared.console.call_view import WORDS
from shared.console.conversation import Talk, called, card, talk
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.console.wanted import STATES, VIEWS, Wanted, wanted
from shared.desk.commit import live_key
from shared.desk.inbox import Row, counts, row, rows
from shared.desk.inbox_hint import inbox_key
from shared.desk.runs.run_list import runs_of
from shared.desk.services import Services
from shared.desk.wake import runs_key
from shared.domain.instants import stamp
from shared.domain.runs import OVER, Run
from shared.domain.states import FROZEN
from shared.ports import Data

LIST, OPENED = ("views", "rows"), ("talk", "card")
"""What is drawn anew, each by its own template, into the element of the same id."""
_RUNS = 8  # of a conversation, beside it


@dataclass(frozen=True, slots=True)
class Inbox:
    """The page and its parts."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /inbox and /inbox/{conversation}: the page, or to htmx its parts."""
        conversation = visit.request.path_params.get("conversation", "")
        if visit.partial and "hx-history-restore-request" not in visit.request.headers:
            return await self.anew(visit, conversation, moves=True)
        sought = self.wanted(visit)
        shown = await self._shown(visit, conversation, sought)
        running = await self.services.versions.running(visit.tenant)
        desks = [(one.desk, one.config.desk.name) for one in running]
        status = 404 if conversation and shown["talk"] is None else 200
        return visit.page("console/inbox.html", status, section="inbox", desks=desks, **shown)

    async def events(self, visit: Visit) -> Response:
        """GET /inbox/events: the stream of the page; `open` names the conversation that is open."""
        conversation, sought = visit.request.query_params.get("open", ""), self.wanted(visit)
        opened = [live_key(visit.tenant, conversation), runs_key(visit.tenant)] if conversation else []
        keys, before = [inbox_key(visit.tenant), *opened], list[tuple[Row | None, Sequence[Run]]]()

        async def draw() -> Mapping[str, str]:
            """The list, and the conversation where it is another than it was: most hints are of others."""
            found = await row(self.services, visit.tenant, conversation) if conversation else None
            runs = await self._runs(visit, conversation) if conversation else ()
            same, before[:] = before == [(found, runs)], [(found, runs)]
            return await self._drawn(visit, conversation, sought, LIST if same else LIST + OPENED)

        def note(told: Data) -> Mapping[str, str]:
            if told.get("event") != "partial":
                return {}
            return {"partial": visit.draw("console/inbox_partial.html", text=str(told.get("text", "")))}

        return visit.follow(keys, draw, note=note if conversation else None)

    async def anew(
        self, visit: Visit, conversation: str, *, moves: bool = False, toast: str = "", closes: str = ""
    ) -> Response:
        """Every part anew, for htmx; where the reader `moves` to another conversation, its stream too."""
        sought = self.wanted(visit)
        drawn = await self._drawn(visit, conversation, sought)
        stream: dict[str, Any] = {"stream": self._stream(visit, conversation, sought), "moves": moves}
        template = "console/inbox_parts.html"
        return visit.fragment(template, toast=toast, closes=closes, parts=list(drawn.values()), **stream)

    async def done(self, visit: Visit, conversation: str, toast: str = "", *, closes: str = "") -> Response:
        """The answer to a change: the parts anew, or, without htmx, the conversation's page."""
        if visit.partial:
            return await self.anew(visit, conversation, toast=toast, closes=closes)
        return visit.go(visit.path(f"/inbox/{conversation}{self.wanted(visit).query()}"), toast=toast)

    def wanted(self, visit: Visit) -> Wanted:
        """What the address wants; agents begin with their own, others with all."""
        return wanted(visit.request.query_params, "all" if visit.may("supervisor") else "mine")

    async def _drawn(
        self, visit: Visit, conversation: str, sought: Wanted, parts: tuple[str, ...] = LIST + OPENED
    ) -> dict[str, str]:
        opens = "talk" in parts
        shown = await self._shown(visit, conversation, sought, opens=opens) | {"swaps": True}
        return {part: visit.draw(f"console/inbox_{part}.html", **shown) for part in parts}

    async def _shown(
        self, visit: Visit, conversation: str, sought: Wanted, *, opens: bool = True
    ) -> dict[str, Any]:
        """What the templates need; a conversation that is gone is shown as none while others are."""
        found, numbers, opened = await asyncio.gather(
            rows(self.services, visit.tenant, sought.filter(visit.actor.id), limit=sought.rows),
            counts(self.services, visit.tenant, visit.actor.id),
            self._open(visit, conversation if opens else "", sought),
        )
        return {
            "sought": sought,
            "views": VIEWS,
            "states": STATES,
            "held": FROZEN,
            "called": called,
            "call": WORDS,
            "rows": found,
            "counts": numbers,
            "open": conversation,
            "talk": opened,
            "card": await card(self.services, visit, opened) if opened else None,
            "runs": await self._runs(visit, opened.id) if opened else (),
            "run": run_words,
            "startable": opens and await self._startable(visit),
            "now": stamp(self.services.ports.clock.now()),
            "stream": self._stream(visit, conversation, sought),
            "swaps": False,
        }

    async def _open(self, visit: Visit, conversation: str, sought: Wanted) -> Talk | None:
        return await talk(self.services, visit, conversation, sought) if conversation else None

    async def _runs(self, visit: Visit, conversation: str) -> Sequence[Run]:
        """The newest runs of a conversation, those under way first."""
        found = (await runs_of(visit.store, conversation=conversation, limit=_RUNS)).runs
        return sorted(found, key=lambda one: one.status in OVER)

    async def _startable(self, visit: Visit) -> bool:
        """Whether there is a workflow to start."""
        return any(one.config.workflows for one in await self.services.versions.running(visit.tenant))

    def _stream(self, visit: Visit, conversation: str, sought: Wanted) -> str:
        also = f"&open={conversation}" if conversation else ""
        return visit.path(f"/inbox/events{sought.query()}{also}")


def routes(frame: Frame, inbox: Inbox) -> list[Route]:
    """The page at /inbox, its stream, and one conversation opened in it."""
    return [
        frame.get("/inbox", inbox.show),
        frame.get("/inbox/events", inbox.events),
        frame.get("/inbox/{conversation}", inbox.show),
    ]
