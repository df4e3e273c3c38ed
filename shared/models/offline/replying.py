"""An answer being put together: moves carried out with the results the turn's tools have brought so far."""

from shared.models.chat_model import Briefing, Turn
from shared.models.offline.hearing import hear
from shared.models.offline.move import Move
from shared.models.offline.phrases import label, listed, question, say
from shared.models.offline.reporting import Choices, Report, offer, report
from shared.models.offline.talk import Talk
from shared.models.offline.toolbox import Argument, ToolView
from shared.models.offline.vocabulary import Act, vocabulary

_MOST_ROUNDS = 4  # of calls in one turn
_PATIENCE = 2  # answers in a row that did not know, before a person is fetched; misses before one is offered
_MOST_OPTIONS = 10
_LIMITS = ("top", "limit", "max_results")
_MOST_FOUND = 10
_SURE = 0.6  # of an answer, not to look again in other words
_ABILITIES: tuple[Act, ...] = ("book", "human")
_ABOUT_THE_DESK = ("hours", "address", "contact", "promised")

Call = tuple[str, dict[str, object]]


class Reply:
    """Words, calls and choices of one answer."""

    def __init__(self, talk: Talk, briefing: Briefing, since: tuple[Turn, ...]) -> None:
        """`since` are the turns after the customer's newest message: our calls and their results."""
        self.talk, self.briefing = talk, briefing
        self.results = [turn for turn in since if turn.role == "tool" and turn.call]
        self.reports = [report(turn, talk) for turn in self.results]
        self.rounds = sum(bool(turn.calls) for turn in since)
        self.words: list[str] = []
        self.calls: list[Call] = []
        self.choices: Choices = ()
        self.confidence = 1.0
        self.unknown = False  # whether something said is that we do not know

    def carry_out(self, todo: list[Move]) -> None:
        """Do all the moves; then see that something is said."""
        for move in todo:
            self._do(move)
        if self.unknown and not self.calls:
            self._at_a_loss()
        if self.calls or self.words:
            return
        for one in self.reports:
            self.add(one)
        if not self.words:
            self.say("ok" if self.results else "failed", confidence=0.2)

    def _do(self, move: Move) -> None:
        match move.kind:
            case "say":
                self._speak(move)
            case "fact":
                self._tell_fact(move)
            case "search":
                self._look_up(move)
            case "note":
                self._note(move)
            case "flow":
                self._go_on()
            case "reask":
                self._ask_again()

    def greet(self) -> None:
        """The desk's own greeting at the beginning, ours later or in another language."""
        own, talk = self.briefing.greeting, self.talk
        agent, desk = self.briefing.agent_name, self.briefing.desk_name
        if own and not talk.greeted and talk.language == talk.default:
            self.add(Report(own, confidence=1.0))
        elif agent and desk:
            self.say("greeting_desk", agent=agent, desk=desk)
        else:
            self.say("greeting", agent=agent or desk)

    def add(self, told: Report) -> None:
        """Say this too, once."""
        if told.text and told.text not in self.words:
            self.words.append(told.text)
        self.choices = told.choices or self.choices
        self.confidence = min(self.confidence, told.confidence)
        self.unknown = self.unknown or told.unknown

    def say(self, key: str, choices: Choices = (), *, confidence: float = 1.0, **values: str) -> None:
        """Say one of our sentences."""
        self.add(Report(say(self.talk.language, key, **values), choices, confidence))

    def call(self, name: str, arguments: dict[str, object]) -> None:
        """Call a tool, unless this turn did so already or has called often enough."""
        call = (name, arguments)
        done = [(turn.call.name, turn.call.arguments) for turn in self.results if turn.call]
        if self.rounds < _MOST_ROUNDS and call not in done and call not in self.calls:
            self.calls.append(call)

    def _speak(self, move: Move) -> None:
        if move.key == "greeting":
            self.greet()
        else:
            sure = move.key not in ("unclear", "not_caught", "cannot_change")
            agent, desk = self.briefing.agent_name, self.briefing.desk_name
            self.say(
                move.key,
                confidence=1.0 if sure else 0.3,
                agent=agent or desk,
                desk=desk or agent,
                details=move.text,
                abilities=self._abilities(),
            )
        if move.offer_person:
            self._offer_person()

    def _tell_fact(self, move: Move) -> None:
        value = move.text.strip().rstrip(".।")
        if move.key in _ABOUT_THE_DESK:
            self.say(move.key, confidence=0.95, value=value)
        else:
            name = label(self.talk.language, move.key)
            self.say("fact", confidence=0.9, label=name[:1].upper() + name[1:], value=value)

    def _look_up(self, move: Move) -> None:
        search = self.talk.box.search
        argument = search.of_kind("query") if search else None
        if search is None or argument is None:
            return
        found: list[Report] = []
        for query in filter(None, (move.text, move.other)):
            arguments: dict[str, object] = {argument.name: query[:500]}
            arguments |= {one.name: _MOST_FOUND for one in search.arguments if one.name in _LIMITS}
            told = self._result_of(search.spec.name, arguments)
            if told is None:
                self.call(search.spec.name, arguments)
                return
            found.append(told)
            if told.confidence >= _SURE:
                break
        if found:
            self.add(max(found, key=lambda told: told.confidence))
        if move.offer_person:
            self._offer_person()

    def _note(self, move: Move) -> None:
        """Keep a phone number, where a tool notes details, and say whether it is one."""
        details = self.talk.box.doing("details")
        phone = details.of_kind("phone") if details else None
        if details is not None and phone is not None:
            call: Call = (details.spec.name, {phone.name: move.other})
            found = (
                turn for turn in self.results if turn.call and (turn.call.name, turn.call.arguments) == call
            )
            turn = next(found, None)
            if turn is None:
                self.call(*call)
                return
            if str((turn.result or {}).get("error", "")).startswith(f"{phone.name}:"):
                self.say("phone_again", confidence=0.5, number=move.other)
                return
        self.say("taken_down", details=move.text)

    def _result_of(self, name: str, arguments: dict[str, object]) -> Report | None:
        """What this turn's call of that kind brought, if it was made."""
        for turn, told in zip(self.results, self.reports, strict=True):
            if turn.call and (turn.call.name, turn.call.arguments) == (name, arguments):
                return told
        return None

    def _go_on(self) -> None:
        """Advance the open tool: fetch what it chooses from, ask for what is missing, or call it."""
        view, flow, missing = self.talk.flow_view, self.talk.flow, self.talk.missing()
        if flow is None or view is None:
            acted = [told for turn, told in zip(self.results, self.reports, strict=True) if self._acted(turn)]
            if acted:
                self.add(acted[-1])
        elif missing is None:
            self.call(view.spec.name, {name: value for name, value in flow.values.items() if value != ""})
        elif missing.kind == "choice":
            self._let_choose(missing)
        elif missing.kind == "booking":
            self.say("ask_booking", self.talk.bookings)
        else:
            if missing.name in self._refusal().split(":", maxsplit=1)[0]:
                call = self.results[-1].call
                given = str(call.arguments.get(missing.name, "")) if call else ""
                key = "phone_again" if missing.kind == "phone" else "not_caught"
                self.say(key, confidence=0.5, number=given)
            if self.talk.exact:
                self.say("free", label=self.talk.exact)
            self._ask(missing)

    def _acted(self, turn: Turn) -> bool:
        search = self.talk.box.search
        return turn.call is not None and not (search and turn.call.name == search.spec.name)

    def _refusal(self) -> str:
        """The error of the newest result, if it is one."""
        return str((self.results[-1].result or {}).get("error", "")) if self.results else ""

    def _let_choose(self, missing: Argument) -> None:
        """Offer what a provider found, or ask the provider."""
        talk, provider = self.talk, self.talk.box.views.get(missing.provider)
        pairs = zip(self.results, self.reports, strict=True)
        found = [
            told for turn, told in pairs if provider and turn.call and turn.call.name == provider.spec.name
        ]
        if talk.failed and self._refusal():
            self.add(self.reports[-1])
        elif found and not talk.choices:
            self.add(found[-1])
        elif talk.choices and (found or provider is None or not talk.wish):
            self.add(offer(talk, talk.choices))
        elif provider is not None:
            self.call(provider.spec.name, self._for_provider(provider))
        else:
            self._ask(missing)

    def _for_provider(self, provider: ToolView) -> dict[str, object]:
        """What the talk already says of a provider's arguments."""
        given = self.talk.flow.values if self.talk.flow else {}
        known = {one.name: given.get(one.name) or self.talk.remembered(one) for one in provider.arguments}
        return {name: value for name, value in known.items() if value not in (None, "")}

    def _ask(self, missing: Argument) -> None:
        choices: Choices = ()
        if missing.kind == "enum":
            options = missing.options[:_MOST_OPTIONS]
            choices = tuple((one, one.replace("_", " ").capitalize()) for one in options)
        elif missing.kind == "boolean":
            choices = self._yes_no()
        self.add(Report(question(self.talk.language, missing), choices, 0.8))
        if self.talk.flow and self.talk.flow.misses >= _PATIENCE:
            self._offer_person()

    def _ask_again(self) -> None:
        missing = self.talk.asked()
        if missing is None or self.calls:
            return
        if missing.kind == "choice" and self.talk.choices:
            self.say("choose", self.talk.choices)
        elif missing.kind == "booking":
            self.say("ask_booking", self.talk.bookings)
        else:
            self._ask(missing)

    def _at_a_loss(self) -> None:
        """We do not know: offer a person; after too many times fetch one."""
        person = self.talk.person
        if person is None or self.talk.missing() is not None:
            return
        if any(turn.call and turn.call.name == person.spec.name for turn in self.results):
            self.add(self.reports[-1])
        elif self.talk.puzzled >= _PATIENCE:
            flow = self.talk.open(person, f"The desk could not answer: {self.talk.before}", hear(""))
            if self.talk.missing() is None:
                self.call(person.spec.name, dict(flow.values))
        else:
            self._offer_person()

    def _offer_person(self) -> None:
        if self.talk.person is not None:
            self.say("offer_human", self._yes_no())

    def _yes_no(self) -> Choices:
        return (("yes", say(self.talk.language, "yes")), ("no", say(self.talk.language, "no")))

    def _abilities(self) -> str:
        """What the desk can do, from its tools and facts."""
        can, box = vocabulary().languages[self.talk.language].can, self.talk.box
        told = [can["search"]] if box.search else []
        told += [can["hours"]] if self.briefing.facts or not box.views else []
        told += [can[act] for act in _ABILITIES if box.doing(act)]
        return listed(self.talk.language, told)
