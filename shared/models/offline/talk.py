"""Where a talk stands: everything is re-read from its turns, so the talk itself is the only memory."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.models.chat_model import Request, ToolCall, Turn
from shared.models.offline.hearing import Heard, hear
from shared.models.offline.phrases import asked_with, row_named, says
from shared.models.offline.quoting import names, passages_of
from shared.models.offline.slots import count, fits, take, told
from shared.models.offline.toolbox import Argument, Toolbox, ToolView, toolbox
from shared.models.offline.vocabulary import vocabulary
from shared.models.offline.when import When, merged, when

_WRITTEN = ("text", "query", "reason")  # arguments in the customer's own words
_PERSONAL = ("name", "phone", "email", "company")
_MATTER = re.compile(r"service|purpose|treatment|procedure|occasion|product|item|test")
_SUBJECT = 80  # letters of a short line


@dataclass(slots=True)
class Flow:
    """A tool being filled for the customer over as many messages as it takes."""

    tool: str
    request: str  # the customer's words that called for it
    values: dict[str, object] = field(default_factory=dict)
    needs: set[str] = field(default_factory=set)  # arguments its refusal asked for
    asked: str = ""  # the argument our last sentence asked for
    aside: int = 0  # questions answered beside it
    misses: int = 0  # how often in a row our question got no answer


@dataclass(slots=True)
class Talk:
    """What is known after the turns read so far."""

    box: Toolbox
    now: datetime
    languages: tuple[str, ...]
    language: str  # to answer in
    default: str  # where the customer's is none of the desk's
    told: dict[str, str]
    flow: Flow | None = None
    wish: When = field(default_factory=When)
    people: int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    exact: str = ""  # the one just chosen because it is what was wished for
    bookings: tuple[tuple[str, str], ...] = ()  # the customer's own, where we asked which one is meant
    zone: str = ""  # of the offered times, where the customer's may be another
    begins: tuple[str, ...] = ()  # when slots begin, where the wished time is none of these
    provider: str = ""  # the tool that offered them
    offered_human: bool = False
    topic: tuple[str, ...] = ()  # what the last question was about
    item: str = ""  # the row of a table that answered it
    asked_price: bool = False
    before: str = ""  # the customer's last message but this one
    puzzled: int = 0  # answers in a row that did not know
    settled: str = ""  # the tool that settled what was chosen
    failed: frozenset[str] = frozenset()  # choices that were refused
    greeted: bool = False

    def missing(self) -> Argument | None:
        """The first argument the open flow still needs from the customer or a provider."""
        view, flow = self.flow_view, self.flow
        if flow is None or view is None:
            return None
        wanted = (one for one in view.arguments if _wanted(one, view) or one.name in flow.needs)
        return next((one for one in wanted if one.name not in flow.values), None)

    def asked(self) -> Argument | None:
        """The argument the customer was asked for last, and has not told yet."""
        view, flow = self.flow_view, self.flow
        if view is None or flow is None:
            return None
        return (view.argument(flow.asked) if flow.asked not in flow.values else None) or self.missing()

    @property
    def flow_view(self) -> ToolView | None:
        """The tool of the open flow."""
        return self.box.views.get(self.flow.tool) if self.flow else None

    @property
    def person(self) -> ToolView | None:
        """The tool that fetches a person."""
        return self.box.doing("human")

    def open(self, view: ToolView, request: str, heard: Heard) -> Flow:
        """Begin to fill a tool, with all the talk already holds."""
        flow = self.flow = Flow(tool=view.spec.name, request=request)
        self.fill(heard)
        for argument in view.arguments:
            if argument.name in flow.values or "details" in view.acts:
                continue  # what is only to be noted is noted once
            value = self.remembered(argument) or self._about(argument, heard) or written(argument, request)
            if value is not None:
                flow.values[argument.name] = value
        return flow

    def fill(self, heard: Heard, asked: Argument | None = None) -> set[str]:
        """Put what the message says into the open flow; the names of what it filled."""
        view, flow = self.flow_view, self.flow
        if flow is None or view is None:
            return set()
        found: dict[str, object] = {}
        for argument in view.arguments:
            if argument.kind in _WRITTEN or argument.kind == "choice":
                continue
            value = take(argument, heard, self.now, asked=bool(asked and asked.name == argument.name))
            if value is not None:
                found[argument.name] = value
        if (
            asked
            and asked.kind in _WRITTEN
            and not found
            and (text := take(asked, heard, self.now, asked=True))
        ):
            for argument in view.arguments:
                if argument.kind == asked.kind and (_wanted(argument, view) or argument is asked):
                    found.setdefault(argument.name, short(argument, str(text)))
        flow.values |= found
        return set(found)

    def _about(self, argument: Argument, heard: Heard) -> str | None:
        """What is to be booked or done, in a few words: from this message, or what we spoke of before."""
        if argument.name == "about":
            return self.item or None
        if argument.kind != "text" or argument.required or not _MATTER.search(argument.name):
            return None
        if not vocabulary().things.isdisjoint(heard.words):
            return None
        return " ".join(heard.matter)[:100] or self.item or None

    def remembered(self, argument: Argument) -> object | None:
        """What an earlier message, or the desk's own record, says of an argument."""
        if argument.kind in _PERSONAL:
            return self.told.get(argument.kind)
        if argument.kind == "date":
            return self.wish.day.isoformat() if self.wish.day else None
        if argument.kind == "time":
            return self.wish.times[0] if self.wish.times else None
        if argument.kind == "count" and (
            "party" in argument.name or "people" in argument.name or "guest" in argument.name
        ):
            return self.people
        if argument.kind == "enum" and self.wish.period in argument.options:
            return self.wish.period
        return None

    def learn(self, turn: Turn) -> None:
        """Read a tool's result."""
        call, failed = turn.call, "error" in (turn.result or {})
        if call is None:
            return
        if passages := passages_of(turn.result):
            rows = names(passages, hear(str(next(iter(call.arguments.values()), ""))))
            self.item = rows[0] if len(rows) == 1 else " ".join(self.topic) if rows else ""
        if self._asked_which(call, turn) or self._no_number(turn):
            return
        if turn.choices and not failed:
            self.zone = str((turn.result or {}).get("zone") or "")
            begins = (turn.result or {}).get("begins")
            self.begins = tuple(map(str, begins)) if isinstance(begins, list) else ()
            self.choices, self.provider = turn.choices, call.name
            self.choose_exactly()
        if self.flow is None or self.flow.tool != call.name:
            return
        if failed:
            self._take_back(call, turn)
        else:
            view = self.flow_view
            if view and view.of_kind("choice"):
                self.settled, self.choices, self.wish = call.name, (), When()
            self.flow = None

    def _asked_which(self, call: ToolCall, turn: Turn) -> bool:
        """Read the customer's own bookings out of a result that asks which is meant, or has none."""
        theirs = (turn.result or {}).get("bookings")
        if not isinstance(theirs, list):
            return False
        view = self.flow_view
        asked = view.of_kind("booking") if view else None
        if self.flow is None or asked is None or self.flow.tool != call.name or not turn.choices:
            self.flow = None
            return True
        self.bookings = turn.choices
        self.flow.needs.add(asked.name)
        self.flow.values.pop(asked.name, None)
        return True

    def _no_number(self, turn: Turn) -> bool:
        """Forget a phone number nobody can call, where it was only to be noted."""
        noting, call = self.box.doing("details"), turn.call
        complaint = str((turn.result or {}).get("error", ""))
        if not (noting and call and call.name == noting.spec.name and complaint.startswith("phone:")):
            return False
        self.told.pop("phone", None)
        view = self.flow_view
        asked = view.of_kind("phone") if view and view is not noting else None
        if self.flow and asked:
            self.flow.values.pop(asked.name, None)
        return bool(self.flow and view is not noting)

    def choose_exactly(self) -> None:
        """Where the one time the customer wished for is among those offered, it is their choice."""
        missing = self.missing()
        if self.flow is None or missing is None or missing.kind != "choice" or not self.wish.times:
            return
        exact = [one for one in self.choices if one[0] not in self.failed and fits(one, self.wish, self.now)]
        if len(exact) == 1:
            self.flow.values[missing.name] = exact[0][0]
            self.exact = exact[0][1]

    def _take_back(self, call: ToolCall, turn: Turn) -> None:
        """After a refusal: forget the value that was refused, so that it is asked for again."""
        view, flow = self.flow_view, self.flow
        if view is None or flow is None:
            return
        complaint = str((turn.result or {}).get("error", ""))
        blamed = view.argument(complaint.split(":", maxsplit=1)[0].strip())
        if blamed is not None and blamed.name in flow.values:
            flow.values.pop(blamed.name)
            flow.needs.add(blamed.name)
            self.told.pop(blamed.kind, None)
        elif asking := re.search(r"\bneeds?\b(.*)", complaint):
            named = {one.name for one in view.arguments if re.search(rf"\b{one.name}\b", asking[1])}
            flow.needs |= named - set(flow.values)
        chosen = view.of_kind("choice")
        if chosen and chosen.name in flow.needs:
            self.failed |= {str(call.arguments.get(chosen.name))}
            self.choices = turn.choices or tuple(one for one in self.choices if one[0] not in self.failed)
        if self.missing() is None:
            self.flow = None

    def said(self, turn: Turn) -> None:
        """Read what the desk answered."""
        if turn.calls or not turn.text:
            return
        self.greeted = True
        if (row := row_named(turn.text)) and not self.item.startswith(row):
            self.item = row
        self.offered_human = says("offer_human", turn.text)
        doubtful = any(says(key, turn.text) for key in ("unknown", "unknown_again", "unclear", "not_caught"))
        self.puzzled = self.puzzled + 1 if doubtful else 0
        if turn.choices and self._consumer_of(turn.choices):
            self.choices = turn.choices
        view = self.flow_view
        if self.flow is None or view is None:
            return
        asked = {
            one.name
            for one in view.arguments
            if one.name not in self.flow.values and asked_with(one, turn.text)
        }
        self.flow.needs |= asked
        self.flow.asked = next(iter(sorted(asked)), "")
        if turn.choices and any(one.kind == "booking" and one.name in asked for one in view.arguments):
            self.bookings, self.choices = turn.choices, ()
        self.exact = ""
        choosing = bool(turn.choices) or any(
            says(key, turn.text) for key in ("choose", "none_free", "ask_choice")
        )
        if self.missing() is None or not (asked or choosing):
            if view.of_kind("choice") and (says("booked", turn.text) or says("rebooked", turn.text)):
                self.settled, self.choices, self.wish = view.spec.name, (), When()
            self.flow = None  # it was carried out or left; its result is not among the turns any more

    def _consumer_of(self, choices: Sequence[tuple[str, str]]) -> bool:
        missing = self.missing()
        if missing is not None and missing.kind != "choice":
            return False
        ids = {choice[0] for choice in choices}
        return ids != {"yes", "no"} and any(view.of_kind("choice") for view in self.box.views.values())

    def notice(self, heard: Heard) -> None:
        """Keep what any message tells by the way: language, personal details, day and number of people."""
        if heard.language:
            self.language = self._answering(heard.language)
        self.told |= told(heard)
        moment = when(heard, self.now)
        if moment:
            afresh = heard.does("book", "availability") and bool(moment.day)
            self.wish = moment if afresh else merged(self.wish, moment)
        people = count(heard, PEOPLE)
        self.people = people or self.people

    def _answering(self, heard: str) -> str:
        spoken = {language.split("-")[0] for language in self.languages}
        return (
            heard
            if heard in ("en", "hi", "hi-Latn") and heard.split("-", maxsplit=1)[0] in spoken
            else self.default
        )


PEOPLE = Argument(name="people", kind="count", required=False, label="people", schema={})


def begin(request: Request) -> Talk:
    """The talk before its first turn."""
    briefing = request.briefing
    known = {kind: value for kind in _PERSONAL if (value := briefing.customer.get(kind))}
    language = briefing.language if briefing.language == "hi-Latn" else briefing.language.split("-")[0]
    language = language if language in ("en", "hi", "hi-Latn") else "en"
    return Talk(
        box=toolbox(request.tools),
        now=_instant(briefing.now),
        languages=(*briefing.languages, briefing.language),
        language=language,
        default=language,
        told=known,
    )


def written(argument: Argument, request: str) -> str | None:
    """An argument in the customer's own words, where their request already says enough."""
    if argument.kind in ("reason", "query"):
        return short(argument, request) if argument.required else None
    if argument.kind != "text" or not argument.required:
        return None
    return short(argument, request) if len(hear(request).matter) >= 2 else None


def short(argument: Argument, text: str) -> str:
    """The text cut to what the argument holds: a subject is one line, a text as long as it may be."""
    limit = argument.schema.get("maxLength")
    most = limit if isinstance(limit, int) else 400
    if argument.name in ("subject", "title"):
        most = min(most, _SUBJECT)
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rsplit(" ", 1)[0] + "…"


def _wanted(argument: Argument, view: ToolView) -> bool:
    """Whether we ask for it: what the schema requires or words a question for, and whom a choice is for."""
    chosen_for = argument.kind == "name" and view.of_kind("choice") is not None
    return argument.required or bool(argument.asking) or chosen_for


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
