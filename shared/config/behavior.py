"""What the desk does around an answer: waiting, remembering, handing over, asking, following up."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.config.block import Block, Condition, Id, Line, Template, Words
from shared.config.hours import Hours
from shared.config.message_prices import OwnPrices
from shared.domain.content import ChannelName
from shared.domain.effects import Priority

Action = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""What is to be done, in a word with underscores, e.g. create_ticket."""


class PiiCollection(Block):
    """Which personal details the desk may ask for."""

    enabled: bool = Field(True, description="Whether it may ask at all.")
    fields: tuple[Id, ...] = Field(("name", "phone", "email"), description="Which ones.")


class EscalationTrigger(Block):
    """When a person is called in, and how urgently."""

    condition: Condition = Field(description="A JMESPath boolean over the facts, e.g. sentiment < `0.3`.")
    action: Action = Field(
        "human_agent_transfer",
        description="What is done first where nobody comes, e.g. urgent_human_callback.",
    )
    type: Line = Field("human_agent", description="Which kind of handoff of the list below.")
    priority: Priority = Field("medium", description="urgent, high, medium or low.")


class Handoff(Block):
    """One kind of person to hand over to."""

    type: Line = Field("human_agent", description="Its name, which triggers use.")
    timeout: int = Field(30, ge=1, le=86_400, description="Seconds a person has to accept.")
    fallback: Action = Field("create_ticket", description="What is done when nobody does.")
    departments: tuple[Line, ...] = Field((), description="Who may accept, as skills of human agents.")
    specialization: tuple[Line, ...] = Field((), description="Special skills that come first.")


class HumanUnavailable(Block):
    """What is said and done when nobody is there."""

    action: Action = Field(description="e.g. create_ticket, schedule_callback, offer_alternative.")
    auto_reply: Template | None = Field(None, description="What the customer is told.")


class Escalation(Block):
    """Handing over to people."""

    enabled: bool = Field(True, description="Whether the desk hands over.")
    mode: Literal["warm_transfer", "create_ticket"] = Field(
        "warm_transfer", description="A person joins, or a ticket waits for one."
    )
    triggers: tuple[EscalationTrigger, ...] = Field(
        (EscalationTrigger(condition="wants_human"),), description="In order; the first that holds acts."
    )
    handoff: tuple[Handoff, ...] = Field((Handoff(),), description="Kinds of persons.")
    human_unavailable: tuple[HumanUnavailable, ...] = Field(
        (), description="Tried in order when nobody is there."
    )
    hours: Hours | None = Field(None, description="When people are there; the desk's hours if left out.")
    hand_back_after: int = Field(
        7200,
        ge=0,
        le=2_592_000,
        description="Seconds without a word of a person until the desk answers again; 0 = never.",
    )
    reassign_after: int = Field(
        600, ge=0, le=86_400, description="Seconds a person may be silent while the customer waits; 0 = ever."
    )


class Question(Block):
    """One question of a survey."""

    id: Id = Field(description="Its name in results.")
    text: Words = Field(description="The question.")
    type: Literal["multiple_choice", "rating", "text"] = Field("text", description="How it is answered.")
    options: tuple[Line, ...] = Field((), description="Answers to choose from.")
    scale: Annotated[str, StringConstraints(pattern=r"^\d{1,2}-\d{1,2}$")] | None = Field(
        None, description='Lowest and highest mark, "1-5".'
    )
    trigger: Id = Field("post_service", description="After what it is asked, e.g. post_booking.")
    optional: bool = Field(False, description="Whether it may be left unanswered.")
    template: Line | None = Field(
        None, description="The approved template that asks it when the reply window is closed."
    )
    parameters: tuple[Template, ...] = Field((), description="What fills the template's places, in order.")


class Surveys(Block):
    """Questions asked after something happened."""

    enabled: bool = Field(True, description="Whether they are asked.")
    questions: tuple[Question, ...] = Field((), description="In order.")
    answer_within: int = Field(
        172_800, ge=60, le=2_592_000, description="Seconds for which typed words may answer a question."
    )


class CrossSellTrigger(Block):
    """When something more may be offered."""

    condition: Condition = Field(description="A JMESPath boolean over the facts.")
    action: Action = Field("suggest_product", description="What is done, e.g. suggest_family_packages.")


class Product(Block):
    """Something to offer."""

    id: Id = Field(description="Its name.")
    name: Line | None = Field(None, description="What customers call it.")
    price: float | None = Field(None, ge=0, description="In the desk's currency.")
    conditions: tuple[Condition, ...] = Field((), description="All must hold for it to be offered.")
    description: Words | None = Field(None, description="What it is, in a sentence.")


class CrossSell(Block):
    """Offering more, at a fitting moment."""

    enabled: bool = Field(True, description="Whether more is offered.")
    triggers: tuple[CrossSellTrigger, ...] = Field((), description="When.")
    products: tuple[Product, ...] = Field((), description="What.")


class FollowUp(Block):
    """Writing or calling later, about something that happened or did not."""

    id: Id | None = Field(
        None,
        description="Its name, by which it is known that it spoke, whatever is changed of it; left out: its "
        "condition and action.",
    )
    condition: Condition = Field(description="A JMESPath boolean over the facts, e.g. silent_hours >= `24`.")
    action: Action = Field("send_message", description="e.g. send_message, send_email, schedule_call.")
    delay: int = Field(0, ge=0, le=7_776_000, description="Seconds to wait once it holds.")
    channel: ChannelName | None = Field(
        None, description="Where, if it is open; else, and if left out, the cheapest way that is."
    )
    message: Template | None = Field(None, description="What is said.")
    template: Line | None = Field(
        None, description="The approved template that says it when the reply window is closed."
    )
    parameters: tuple[Template, ...] = Field((), description="What fills the template's places, in order.")
    kind: Literal["service", "marketing"] | None = Field(
        None,
        description="service: what they need; marketing: under the cap of behavior.outreach. "
        "Left out: service for what the business reports, else marketing.",
    )


class FollowUps(Block):
    """Rules for following up."""

    enabled: bool = Field(True, description="Whether the desk follows up.")
    triggers: tuple[FollowUp, ...] = Field((), description="In order; the first that holds acts.")

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [one.id for one in self.triggers if one.id]
        if twice := next((one for one in ids if ids.count(one) > 1), None):
            raise ValueError(f"two rules of the id {twice!r}; give each an id of its own")
        return self


class Outreach(Block):
    """Speaking first: when customers may be reached, and how often with what they did not ask for."""

    hours: Hours | None = Field(
        None, description="When, by the customer's own clock; daily 09:00-20:00 if left out."
    )
    most_per_day: int = Field(1, ge=0, le=20, description="Unasked messages or calls to one customer a day.")
    most_per_week: int = Field(3, ge=0, le=100, description="And in seven days.")
    prices: OwnPrices = Field(default_factory=OwnPrices, description="What messages cost by your contracts.")


class LanguageFollowing(Block):
    """Answering in the customer's language."""

    enabled: bool = Field(True, description="Change to the customer's language where desk.languages has it.")
    after_messages: int = Field(1, ge=1, le=10, description="How many messages in it before changing.")


class CannedReply(Block):
    """Words a person sends often, kept for a click."""

    id: Id = Field(description="Its name, by which it is found, e.g. directions.")
    title: Line = Field(description="What a list of them shows.")
    text: Template = Field(description="What is said.")


class Behavior(Block):
    """Everything around an answer."""

    debounce_seconds: float = Field(1.5, ge=0, le=30, description="Wait for more words before answering.")
    debounce_max_seconds: float = Field(6, ge=0, le=120, description="But never longer than this.")
    history_messages: int = Field(50, ge=2, le=500, description="Messages the model is shown.")
    history_tokens: int = Field(8000, ge=500, le=200_000, description="Or so many tokens, whichever is less.")
    max_rounds: int = Field(10, ge=1, le=30, description="Tool rounds in one turn.")
    pii_collection: PiiCollection = Field(default_factory=PiiCollection, description="Personal details.")
    escalation: Escalation = Field(default_factory=Escalation, description="Handing over.")
    canned_replies: tuple[CannedReply, ...] = Field((), description="Words people send often.")
    surveys: Surveys = Field(default_factory=Surveys, description="Asking afterwards.")
    cross_sell: CrossSell = Field(default_factory=CrossSell, description="Offering more.")
    follow_ups: FollowUps = Field(default_factory=FollowUps, description="Following up.")
    retargeting: FollowUps = Field(default_factory=FollowUps, description="Winning back, same form.")
    outreach: Outreach = Field(default_factory=Outreach, description="Speaking first.")
    language_following: LanguageFollowing = Field(
        default_factory=LanguageFollowing, description="Answering in the customer's language."
    )
