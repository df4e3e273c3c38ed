"""What a message wants of a booking that stands: to cancel it, to move it, or which one is meant."""

import re

from shared.models.offline.hearing import Heard, hear
from shared.models.offline.move import Move
from shared.models.offline.slots import fits, selected
from shared.models.offline.talk import Talk
from shared.models.offline.vocabulary import Act
from shared.models.offline.when import when

_ACTS: tuple[Act, ...] = ("rebook", "unbook")
_NEW_TIME = re.compile(r"\bto\b(.*)", re.IGNORECASE | re.DOTALL)  # "from Monday to Tuesday"


def standing(talk: Talk, heard: Heard) -> list[Move]:
    """The moves where one of the customer's bookings is to change, or is named because we asked which."""
    if named := _named(talk, heard):
        return named
    act = next((act for act in _ACTS if heard.does(act)), "")
    if not act or heard.does("policy"):  # what cancelling would cost is a question
        return []
    view = talk.flow_view
    if view is not None and (view.of_kind("choice") or view is talk.box.doing(act)) and talk.missing():
        if act not in view.acts and "rebook" not in view.acts:
            return []  # what is being booked now: that is left or chosen anew
        if act in view.acts:
            return []
    return change(talk, heard, act)


def change(talk: Talk, heard: Heard, act: Act) -> list[Move]:
    """Begin to cancel or move a booking; where no tool does it, say so and offer a person."""
    view = talk.box.doing(act)
    if view is None:
        return [Move("say", "cannot_change", offer_person=True)]
    told = _NEW_TIME.search(heard.text) if act == "rebook" else None
    later = hear(told[1]) if told else heard
    meant = later if when(later, talk.now) else heard
    talk.choices, talk.bookings, talk.wish = (), (), when(meant, talk.now)
    talk.open(view, heard.text, meant)
    return [Move("flow")]


def _named(talk: Talk, heard: Heard) -> list[Move]:
    missing = talk.missing()
    if talk.flow is None or missing is None or missing.kind != "booking" or not talk.bookings:
        return []
    moment = when(heard, talk.now)
    fitting = [one for one in talk.bookings if moment and fits(one, moment, talk.now)]
    choice = selected(talk.bookings, heard, talk.now) or (fitting[0] if len(fitting) == 1 else None)
    if choice is None:
        return []
    talk.flow.values[missing.name] = choice[0]
    return [Move("flow")]
