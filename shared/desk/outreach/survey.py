"""Asks customers afterwards, one question after the other."""

from datetime import datetime, timedelta

import msgspec

from shared.config.behavior import Question
from shared.config.schema import DeskConfig
from shared.desk.customers import find
from shared.desk.outreach.heard import ANSWERED, marks, questions_of
from shared.desk.outreach.planning import filled, names_now
from shared.desk.outreach.reach import Wanted, reach
from shared.desk.services import Services
from shared.domain.calendar import Booking
from shared.domain.content import Choice, Template
from shared.domain.events import Happened
from shared.domain.instants import instant
from shared.domain.outreach import Asked, Saying
from shared.tools.agenda import booking

AFTER_BOOKING, AFTER_SERVICE = timedelta(seconds=60), timedelta(hours=1)
_GIVE_UP = timedelta(hours=12)
_MOST_TAPPED = 10
_THANKS = {"en": "Thank you for telling us!", "hi": "बताने के लिए धन्यवाद!"}


async def survey(services: Services, config: DeskConfig, event: Happened) -> None:
    """Ask what follows from a booking, or from an answer; told twice, it is asked once."""
    customer = str(event.data["customer"])
    if event.what == ANSWERED:
        await _go_on(services, config, event, customer)
    if event.what not in ("booking.made", "booking.moved"):
        return
    found = await booking(services.tenant(event.tenant), str(event.data.get("booking", "")))
    if found is None:
        return
    if event.what == "booking.made":
        due = instant(event.at) + AFTER_BOOKING
        await _ask(services, event.tenant, config, "post_booking", customer=customer, about=found, due=due)
    due = instant(found.end) + AFTER_SERVICE
    await _ask(services, event.tenant, config, "post_service", customer=customer, about=found, due=due)


async def _ask(
    services: Services,
    tenant: str,
    config: DeskConfig,
    trigger: str,
    *,
    customer: str,
    about: Booking,
    due: datetime,
) -> None:
    """Have the first question of a trigger asked, as long as the booking stands."""
    if first := questions_of(config, trigger)[:1]:
        wanted = await asking(services, tenant, config, first[0], customer=customer, about=about.ref, due=due)
        stands = f"{about.ref} {about.end}"
        occasion = f"{wanted.occasion} {about.end}" if trigger == "post_service" else wanted.occasion
        await reach(services, tenant, msgspec.structs.replace(wanted, stands=stands, occasion=occasion))


async def asking(
    services: Services,
    tenant: str,
    config: DeskConfig,
    question: Question,
    *,
    customer: str,
    about: str,
    due: datetime | None,
) -> Wanted:
    """One question, in free words, and as its template where it has one for a window that is closed."""
    scale = marks(question)
    text = f"{question.text} ({question.scale})" if len(scale) > _MOST_TAPPED else question.text
    options = tuple(map(str, scale)) if scale else question.options
    tapped = options if len(options) <= _MOST_TAPPED else ()
    choices = tuple(
        Choice(id=f"survey:{question.id}:{place}", title=title) for place, title in enumerate(tapped)
    )
    return Wanted(
        desk=config.desk.id,
        customer=customer,
        purpose=f"survey {question.trigger}",
        occasion=f"{about} {question.id}",
        saying=Saying(
            text=text,
            choices=choices,
            template=await _template(services, tenant, config, question, customer=customer, about=about),
        ),
        asks=Asked(question=question.id, trigger=question.trigger, about=about),
        due=due,
        give_up=due + _GIVE_UP if due else None,
    )


async def _template(
    services: Services, tenant: str, config: DeskConfig, question: Question, *, customer: str, about: str
) -> Template | None:
    """The template that asks a question, filled in for its customer; None where the file names none."""
    known = await find(services.tenant(tenant), customer) if question.template else None
    if known is None or not question.template:
        return None
    spoken = known.language or config.desk.languages[0]
    names = names_now(
        services, config, customer=known, language=spoken, channel="whatsapp", event={"about": about}
    )
    template = filled(config, question.template, question.parameters, spoken, names)
    return template if all(template.parameters) else None  # the vendor refuses one with an empty place


async def _go_on(services: Services, config: DeskConfig, event: Happened, customer: str) -> None:
    """Ask the question behind the one that was answered; behind the last, give thanks."""
    asked = questions_of(config, str(event.data.get("trigger", "")))
    places = [place for place, one in enumerate(asked) if one.id == event.data.get("question")]
    about = str(event.data.get("about", ""))
    if places and places[0] + 1 < len(asked):
        following = asked[places[0] + 1]
        wanted = await asking(
            services, event.tenant, config, following, customer=customer, about=about, due=None
        )
    else:
        thanks = _THANKS.get(config.desk.languages[0][:2], _THANKS["en"])
        wanted = Wanted(
            desk=config.desk.id,
            customer=customer,
            purpose="survey thanks",
            occasion=f"{about} {event.data.get('trigger', '')}",
            saying=Saying(text=thanks),
            overtaken_by=("wrote",),
        )
    await reach(services, event.tenant, wanted)
