"""Who the business is: the tenant whose data it is, and the desk that answers for it."""

from functools import cached_property

from pydantic import Field

from shared.config.block import Block, Colour, Currency, Email, Id, Language, Line, Phone, Url, Words, Zone
from shared.config.hours import Hours
from shared.domain.hours import OpeningHours


class Tenant(Block):
    """The business as the agency knows it."""

    id: Id = Field(description="The tenant's id, the folder of its desks; never changes.")
    name: Line = Field(description="The business's name as people say it.")


class Theme(Block):
    """How the desk looks in the widget and the console."""

    colour: Colour = Field("#1f6feb", description='The main colour, "#rrggbb" in quotes.')
    initials: str = Field("", max_length=3, description="Up to three letters in the logo's place.")


class Desk(Block):
    """One front desk: what it is for, where it stands, when it is open."""

    id: Id = Field(description="The desk's id, unique in the installation: it stands in /chat/{desk}.")
    name: Line = Field(description="The desk's name as customers see it.")
    use_case: str = Field("front_desk", description="What it is for, e.g. customer_support, inbound_sales.")
    vertical: str = Field("", description="The trade, e.g. diagnostics, b2b_saas, restaurant.")
    languages: tuple[Language, ...] = Field(
        ("en",), min_length=1, description="Languages it answers in; the first is the default."
    )
    timezone: Zone = Field("UTC", description="IANA time zone of hours, slots and promises.")
    currency: Currency = Field("USD", description="Currency of the prices it tells.")
    address: Words | None = Field(None, description="Where customers come to.")
    phone: Phone | None = Field(None, description='Number customers may call, quoted: "+91…".')
    emergency_number: str | None = Field(
        None, pattern=r"^[0-9]{2,6}$", description='What to call where a life is in danger, quoted: "112".'
    )
    email: Email | None = Field(None, description="Address customers may write to.")
    website: Url | None = Field(None, description="The business's own site.")
    facts: dict[str, Words] = Field(
        {}, description="Short facts the agent always knows, e.g. parking, payment."
    )
    hours: Hours | None = Field(None, description="Opening hours; left out = always open.")
    theme: Theme = Field(default_factory=Theme, description="Colour and initials.")

    @cached_property
    def opening(self) -> OpeningHours:
        """The opening hours to reckon with; always open where the file gives none."""
        return self.hours.opening(self.timezone) if self.hours else OpeningHours(self.timezone)
