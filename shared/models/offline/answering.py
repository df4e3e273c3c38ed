"""From a request to its answer: read the talk, decide what the newest message calls for, call or speak."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from shared.models.chat_model import Answer, Briefing, Request, ToolCall, Turn
from shared.models.offline.hearing import hear
from shared.models.offline.moves import Move, moves
from shared.models.offline.phrases import label, listed, question, say
from shared.models.offline.reporting import Choices, Report, offer, report
from shared.models.offline.talk import Talk, begin
from shared.models.offline.toolbox import Argument, ToolView
from shared.models.offline.vocabulary import vocabulary

_MOST_ROUNDS = 4
_PATIENCE = 2  # answers in a row that did not know, before a person is fetched
_MOST_OPTIONS = 10
_ABILITIES = ("search", "availability", "book", "human")


@dataclass(slots=True)
class Reply:
    """An answer being put together."""

    words: list[str] = field(default_factory=list)
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    choices: Choices = ()
    confidence: float = 1.0

    def add(self, text: str, choices: Choices = (), confidence: float = 1.0) -> None:
        """Say this too."""
        if text and text not in self.words:
            self.words.append(text)
        self.choices = choices or self.choices
        self.confidence = min(self.confidence, confidence)


def answer(request: Request) -> Answer:
    """The answer to a talk: words, or tools to call. Always the same for the same request."""
    talk = begin(request)
    turns = gathered(request.turns)
    last = max((at for at, turn in enumerate(turns) if turn.role == "customer"), default=-1)
    for turn in turns[: max(last, 0)]:
        read(talk, turn, request.briefing)
    if last < 0:
        return _finished(_greeted(talk, request.briefing), request)
    todo = moves(talk, turns[last].text, request.briefing)
    since = turns[last + 1 :]
    for turn in since:
        if turn.role == "tool":
            talk.learn(turn)
    return _finished(_reply(talk, todo, since, request.briefing), request)


def read(talk: Talk, turn: Turn, briefing: Briefing) -> None:
    """Bring the talk up to date with one turn that is past."""
    match turn.role:
        case "customer":
            moves(talk, turn.text, briefing)
        case "tool":
            talk.learn(turn)
        case "desk":
            talk.said(turn)


def gathered(turns: Sequence[Turn]) -> list[Turn]:
    """The turns with messages a customer sent in one go made one."""
    joined: list[Turn] = []
    for turn in turns:
        if turn.role == "customer" and joined and joined[-1].role == "customer":
            joined[-1] = msgspec.structs.replace(turn, text=f"{joined[-1].text}\n{turn.text}".strip())
        else:
            joined.append(turn)
    return joined


def _reply(talk: Talk, todo: list[Move], since: Sequence[Turn], briefing: Briefing) -> Reply:
    reply = Reply()
    results = [turn for turn in since if turn.role == "tool" and turn.call]
    rounds = sum(bool(turn.calls) for turn in since)
    reports = {id(turn): report(turn, talk) for turn in results}
    unknown = any(one.unknown for one in reports.values())
    for move in todo:
        _do(move, talk, reply, results, reports, briefing)
    if unknown:
        _at_a_loss(talk, reply, results)
    done = [(turn.call.name, turn.call.arguments) for turn in results if turn.call]
    reply.calls = [call for call in reply.calls if call not in done] if rounds < _MOST_ROUNDS else []
    if not reply.calls and not reply.words:
        for one in reports.values():
            reply.add(one.text, one.choices, one.confidence)
    if not reply.calls and not reply.words:
        reply.add(say(talk.language, "ok" if results else "failed"), confidence=0.2)
    return reply


def _do(
    move: Move, talk: Talk, reply: Reply, results: list[Turn], reports: dict[int, Report], briefing: Briefing
) -> None:
    match move.kind:
        case "say":
            _speak(move, talk, reply, briefing)
        case "fact":
            _tell_fact(move, talk, reply)
        case "search":
            _look_up(move, talk, reply, results, reports)
        case "flow":
            _go_on(talk, reply, results, reports)
        case "reask":
            _ask_on(talk, reply)


def _speak(move: Move, talk: Talk, reply: Reply, briefing: Briefing) -> None:
    values = {
        "agent": briefing.agent_name or briefing.desk_name,
        "desk": briefing.desk_name or briefing.agent_name,
        "abilities": _abilities(talk, briefing),
    }
    if move.key == "greeting":
        reply.add(_greeting(talk, briefing))
        return
    doubtful = move.key in ("unclear", "not_caught", "cannot_change")
    reply.add(say(talk.language, move.key, **values), confidence=0.3 if doubtful else 1.0)
    for key in move.extra:
        _offer_person(talk, reply) if key == "offer_human" else reply.add(say(talk.language, key))


def _greeting(talk: Talk, briefing: Briefing) -> str:
    own = briefing.greeting
    if own and not talk.greeted and talk.language == talk.default:
        return own
    if not briefing.agent_name:
        return say(talk.language, "greeting", agent=briefing.desk_name)
    return say(talk.language, "greeting_desk", agent=briefing.agent_name, desk=briefing.desk_name)


def _greeted(talk: Talk, briefing: Briefing) -> Reply:
    reply = Reply()
    reply.add(_greeting(talk, briefing))
    return reply


def _tell_fact(move: Move, talk: Talk, reply: Reply) -> None:
    value = move.text.strip().rstrip(".।")
    if move.key in ("hours", "address", "contact"):
        reply.add(say(talk.language, move.key, value=value), confidence=0.95)
    else:
        name = label(talk.language, move.key)
        reply.add(say(talk.language, "fact", label=name[:1].upper() + name[1:], value=value), confidence=0.9)


def _look_up(move: Move, talk: Talk, reply: Reply, results: list[Turn], reports: dict[int, Report]) -> None:
    search = talk.box.search
    argument = search.of_kind("query") if search else None
    if search is None or argument is None:
        return
    call = (search.spec.name, {argument.name: move.text[:500]})
    found = next(
        (turn for turn in results if turn.call and (turn.call.name, turn.call.arguments) == call), None
    )
    if found is None:
        reply.calls.append(call)
        return
    told = reports[id(found)]
    reply.add(told.text, told.choices, told.confidence)


def _go_on(talk: Talk, reply: Reply, results: list[Turn], reports: dict[int, Report]) -> None:
    """Advance the open tool: fetch what it can be chosen from, ask for what is missing, or call it."""
    view, last = talk.flow_view, results[-1] if results else None
    refused = last is not None and "error" in (last.result or {})
    if talk.flow is None or view is None:
        acted = [
            turn
            for turn in results
            if turn.call and talk.box.views.get(turn.call.name) is not talk.box.search
        ]
        if acted:
            told = reports[id(acted[-1])]
            reply.add(told.text, told.choices, told.confidence)
        return
    missing = talk.missing()
    if missing is None:
        reply.calls.append(
            (view.spec.name, {name: value for name, value in talk.flow.values.items() if value != ""})
        )
    elif missing.kind == "choice":
        _let_choose(talk, reply, missing, results, reports)
    else:
        if (
            refused
            and last is not None
            and missing.name in str((last.result or {}).get("error", "")).split(":")[0]
        ):
            reply.add(say(talk.language, "not_caught"), confidence=0.5)
        if talk.exact:
            reply.add(say(talk.language, "free", label=talk.exact))
        _ask(talk, reply, missing)


def _let_choose(
    talk: Talk, reply: Reply, missing: Argument, results: list[Turn], reports: dict[int, Report]
) -> None:
    """Offer what a provider found, taking the one that is just what was asked for; or ask the provider."""
    provider = talk.box.views.get(missing.provider)
    found = next(
        (
            turn
            for turn in reversed(results)
            if provider and turn.call and turn.call.name == provider.spec.name
        ),
        None,
    )
    last = results[-1] if results else None
    if talk.failed and talk.choices and last is not None and "error" in (last.result or {}):
        told = report(last, talk)
        reply.add(told.text, told.choices or talk.choices, 0.7)
    elif found is not None and not talk.choices:
        reply.add(reports[id(found)].text, confidence=0.7)
    elif talk.choices and (found is not None or provider is None or not talk.wish):
        told = offer(talk, talk.choices)
        reply.add(told.text, told.choices, told.confidence)
    elif provider is not None:
        reply.calls.append((provider.spec.name, _for_provider(talk, provider)))
    else:
        _ask(talk, reply, missing)


def _for_provider(talk: Talk, provider: ToolView) -> dict[str, object]:
    """What the talk already says of a provider's arguments."""
    known: dict[str, object] = {}
    given = talk.flow.values if talk.flow else {}
    for argument in provider.arguments:
        value = given.get(argument.name) or talk.remembered(argument)
        if value not in (None, ""):
            known[argument.name] = value
    return known


def _ask(talk: Talk, reply: Reply, missing: Argument) -> None:
    choices: Choices = ()
    if missing.kind == "enum":
        choices = tuple((one, one.replace("_", " ").capitalize()) for one in missing.options[:_MOST_OPTIONS])
    elif missing.kind == "boolean":
        choices = _yes_no(talk)
    reply.add(question(talk.language, missing), choices, 0.8)
    if talk.flow and talk.flow.misses >= _PATIENCE:
        _offer_person(talk, reply)


def _ask_on(talk: Talk, reply: Reply) -> None:
    missing = talk.asked()
    if missing is None or reply.calls:
        return
    if missing.kind == "choice" and talk.choices:
        reply.add(say(talk.language, "choose"), talk.choices)
    else:
        _ask(talk, reply, missing)


def _at_a_loss(talk: Talk, reply: Reply, results: list[Turn]) -> None:
    """We do not know: offer a person; after too many times fetch one."""
    person = talk.person
    if person is None or talk.missing() is not None:
        return
    called = any(turn.call and turn.call.name == person.spec.name for turn in results)
    if talk.puzzled >= _PATIENCE and not called:
        said = results[-1].call.arguments if results and results[-1].call else {}
        reason = f"The desk could not answer: {next(iter(said.values()), '')}"
        talk.open(person, reason, hear(""))
        if talk.flow and talk.missing() is None:
            reply.calls.append((person.spec.name, dict(talk.flow.values)))
    elif called:
        reply.add(report(results[-1], talk).text)
    else:
        _offer_person(talk, reply)


def _offer_person(talk: Talk, reply: Reply) -> None:
    reply.add(say(talk.language, "offer_human"), _yes_no(talk))


def _yes_no(talk: Talk) -> Choices:
    return (("yes", say(talk.language, "yes")), ("no", say(talk.language, "no")))


def _abilities(talk: Talk, briefing: Briefing) -> str:
    """What the desk can do, from its tools."""
    can = vocabulary().languages[talk.language].can
    able = {act for act in _ABILITIES if act != "search" and talk.box.doing(act)}
    if talk.box.search:
        able.add("search")
    if "book" in able:
        able.discard("availability")
    told = [can[act] for act in _ABILITIES if act in able]
    if briefing.facts:
        told.insert(1, can["hours"])
    return listed(talk.language, told or [can["hours"]])


def _finished(reply: Reply, request: Request) -> Answer:
    calls = tuple(
        ToolCall(id=f"call-{len(request.turns)}-{number}", name=name, arguments=arguments)
        for number, (name, arguments) in enumerate(_distinct(reply.calls), start=1)
    )
    if calls:
        return Answer(calls=calls, model=request.model, stop="tools", confidence=reply.confidence)
    text = " ".join(part for part in reply.words if part)
    return Answer(
        text=text, model=request.model, confidence=round(reply.confidence, 3), choices=reply.choices
    )


def _distinct(calls: list[tuple[str, dict[str, object]]]) -> list[tuple[str, dict[str, object]]]:
    return [call for at, call in enumerate(calls) if call not in calls[:at]]
