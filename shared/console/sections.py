"""The console's sections, in the order of its navigation, and who sees each."""

from dataclasses import dataclass

from shared.domain.colleagues import Role


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the navigation; it is shown as soon as there is a page at its path."""

    name: str  # what a page says it belongs to
    title: str
    path: str  # below /console/{tenant}
    icon: str
    key: str  # pressed after g
    least: Role = "human_agent"
    seldom: bool = False  # on a phone it stands under More


SECTIONS = (
    Section("inbox", "Inbox", "/inbox", "inbox", "i"),
    Section("calls", "Calls", "/calls", "phone", "c"),
    Section("campaigns", "Campaigns", "/campaigns", "send", "m", "supervisor", seldom=True),
    Section("surveys", "Surveys", "/surveys", "note", "v", "supervisor", seldom=True),
    Section("runs", "Runs", "/runs", "flow", "r"),
    Section("tickets", "Tickets", "/tickets", "ticket", "t"),
    Section("supervisor", "Supervisor", "/supervisor", "pulse", "s", "supervisor", seldom=True),
    Section("desks", "Desks", "/desks", "desk", "d", "supervisor", seldom=True),
    Section("people", "People", "/people", "people", "p", "supervisor", seldom=True),
)
