"""The page of one run: its picture, what it did and waits for, and what people may do with it."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console import run_words
from shared.console.frame import Frame
from shared.console.people_named import people_named
from shared.console.run_picture import ICONS, picture
from shared.console.typed import value_of
from shared.console.visit import Visit, tell
from shared.desk.runs.again import AGAIN, fork, retry
from shared.desk.runs.control import cancel, pause, resume
from shared.desk.runs.failed_at import failures
from shared.desk.runs.laid_aside import beginning
from shared.desk.runs.signal import decide_approval, signal
from shared.desk.runs.undo import UNDOING
from shared.desk.runs.view import come_to, find_run, standing
from shared.desk.services import Services
from shared.desk.wake import runs_key
from shared.domain.errors import NotThere, Permanent
from shared.domain.identity import new_id
from shared.domain.runs import OVER, Run
from shared.security.staff import everyone

FORMS = {
    "decide": "Decide",
    "cancel": "Cancel the run",
    "retry": "Go on from a step",
    "fork": "Fork",
    "signal": "Send a signal",
}


@dataclass(frozen=True, slots=True)
class RunPage:
    """The page, its forms, and what they do; whatever they change comes back by the page's stream."""

    services: Services

    async def one(self, visit: Visit) -> Response:
        """GET /runs/{run}."""
        shown = await self._shown(visit, await self._found(visit))
        return visit.page("console/run.html", section="runs", **shown)

    async def events(self, visit: Visit) -> Response:
        """GET /runs/{run}/events: the run anew, whenever it comes to another point."""

        async def draw() -> Mapping[str, str]:
            return {
                "run": visit.draw(
                    "console/run_body.html", **await self._shown(visit, await self._found(visit))
                )
            }

        return visit.follow([runs_key(visit.tenant)], draw)

    async def ask(self, visit: Visit) -> Response:
        """GET /runs/{run}/ask/{what}?step=&approved=: one of the forms."""
        what = visit.request.path_params["what"]
        if what not in FORMS:
            raise Refused(404, "There is no such form; open the run.")
        run, query = await self._found(visit), visit.request.query_params
        shown: dict[str, Any] = {
            **await self._shown(visit, run),
            "what": what,
            "step": query.get("step", ""),
            "approved": query.get("approved", ""),
            "asked": next((one for one in run_words.questions(run) if one.node == query.get("step")), None),
        }
        if visit.partial:
            return visit.fragment("console/run_ask.html", **shown)
        return visit.page(
            "console/act.html", section="runs", body="console/run_ask.html", act=FORMS[what], **shown
        )

    async def decide(self, visit: Visit) -> Response:
        """POST /runs/{run}/decide: `step`, `approved` (yes or no), `note`."""
        approved = visit.form["approved"] == "yes"
        await decide_approval(
            *self._place(visit),
            visit.form["step"],
            approved=approved,
            note=visit.form["note"],
            by=visit.actor,
        )
        return self._done(visit, "Approved." if approved else "Refused.")

    async def signal(self, visit: Visit) -> Response:
        """POST /runs/{run}/signals: `name` and `value`, words or JSON."""
        form = visit.form
        if not form["name"]:
            raise Refused(422, "Name the signal.")
        value = value_of(form.whole("value"))
        await signal(*self._place(visit), form["name"], value, once=form["once"])
        return self._done(visit, "It is told.")

    async def cancel(self, visit: Visit) -> Response:
        """POST /runs/{run}/cancel: `undo` is yes or no."""
        undo = visit.form["undo"] != "no"
        await cancel(*self._place(visit), undo=undo)
        return self._done(visit, "Cancelled; what was done is undone." if undo else "Cancelled.")

    async def pause(self, visit: Visit) -> Response:
        """POST /runs/{run}/pause."""
        await pause(*self._place(visit))
        return self._done(visit, "It begins no further step.")

    async def resume(self, visit: Visit) -> Response:
        """POST /runs/{run}/resume."""
        await resume(*self._place(visit))
        return self._done(visit, "It goes on.")

    async def retry(self, visit: Visit) -> Response:
        """POST /runs/{run}/retry: from `step`, or from where it failed where that is empty."""
        await retry(*self._place(visit), visit.form["step"])
        return self._done(visit, "It goes on from there.")

    async def fork(self, visit: Visit) -> Response:
        """POST /runs/{run}/fork: from `step`; its page is the other run's."""
        other = await fork(*self._place(visit), visit.form["step"])
        return visit.go(visit.path(f"/runs/{other.id}"), toast="This is the fork; the first run stays.")

    def _place(self, visit: Visit) -> tuple[Services, str, str]:
        return self.services, visit.tenant, visit.request.path_params["run"]

    async def _found(self, visit: Visit) -> Run:
        try:
            return await find_run(visit.store, visit.request.path_params["run"])
        except NotThere as error:
            raise Refused(404, "There is no such run any more; look at the list of runs.") from error

    def _done(self, visit: Visit, toast: str) -> Response:
        if not visit.partial:
            return visit.go(visit.path(f"/runs/{visit.request.path_params['run']}"), toast=toast)
        return tell(Response(status_code=204), toast, closes="act")

    async def _shown(self, visit: Visit, run: Run) -> dict[str, Any]:
        definition, state = await standing(self.services, visit.store, run)
        if state is None and (run.seed or run.seed_at):
            with contextlib.suppress(Permanent):  # it is kept no more, which the run says itself
                state = await beginning(self.services, run)
        shape = definition.shape
        over, kept = run.status in OVER, state is not None or run.status not in OVER
        outputs, trace = come_to(run, state)
        states = run_words.step_states(shape, run, state)
        return {
            "one": run,
            "run": run_words,
            "picture": picture(shape, states),
            "icons": ICONS,
            "trace": trace,
            "given": run.input or (state["input"] if state else {}),
            "outputs": outputs,
            "questions": run_words.questions(run),
            "people": await people_named(visit.store, [run.customer]),
            "names": {one.id: one.name for one in await everyone(visit.store)},
            "over": over,
            "failed": failures(state, trace),
            "steps": [step for step, how in states.items() if how not in ("", "skipped")] if kept else [],
            "again": kept and run.status in AGAIN,
            "undoes": any(node.compensate for node in shape.nodes.values()),
            "undoing": UNDOING,
            "once": new_id(),
        }


def routes(frame: Frame, services: Services) -> list[Route]:
    """The page at /runs/{run}, and what its forms do."""
    page, at = RunPage(services), "/runs/{run}"
    return [
        frame.get(at, page.one),
        frame.get(f"{at}/events", page.events),
        frame.get(f"{at}/ask/{{what}}", page.ask),
        frame.post(f"{at}/decide", page.decide),
        frame.post(f"{at}/signals", page.signal),
        frame.post(f"{at}/cancel", page.cancel),
        frame.post(f"{at}/pause", page.pause),
        frame.post(f"{at}/resume", page.resume),
        frame.post(f"{at}/retry", page.retry, least="supervisor"),
        frame.post(f"{at}/fork", page.fork, least="supervisor"),
    ]
