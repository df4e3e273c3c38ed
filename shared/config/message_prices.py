"""What a business pays for one message by its own contracts, where its file says so."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.config.block import Block

_Code = Annotated[str, StringConstraints(pattern=r"^([1-9]\d{0,6}|other)$")]
Rates = dict[_Code, Annotated[float, Field(ge=0, le=100)]]
"""USD by the country code a number begins with, e.g. "91"; `other` for the rest."""


class TemplatePrices(Block):
    """Of an approved template, all charges together, by what it is for."""

    marketing: Rates = Field({}, description='What nobody asked for, by country code: {"91": 0.0107}.')
    utility: Rates = Field({}, description="What they need, e.g. a reminder, by country code.")


class OwnPrices(Block):
    """USD for one message; what is left out is estimated from a dated price list."""

    whatsapp: TemplatePrices = Field(default_factory=TemplatePrices, description="One template.")
    sms: Rates = Field({}, description="One text of up to 160 characters, by country code.")
    email: Annotated[float, Field(ge=0, le=100)] | None = Field(None, description="One mail.")
    phone: Rates = Field({}, description="A minute of a call, by country code.")
