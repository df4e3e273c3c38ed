"""What starts a workflow without anybody asking: words, facts, and the clock."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.config.block import Block, Condition, Id, Line
from shared.config.crons import Cron
from shared.config.operations import EventName

Phrase = Annotated[str, StringConstraints(min_length=2, max_length=200)]


class Schedule(Block):
    """By the clock at the desk."""

    cron: Cron = Field(
        description='Minute, hour, day, month, weekday, as cron writes them: "0 9 * * mon-fri".'
    )
    input: dict[str, Line] = Field({}, description="What a run started by it is given.")


class Triggers(Block):
    """Any of these starts a run; none = it is started by the API, an agent or another run."""

    message: Condition | None = Field(None, description="A customer's message of which this holds.")
    intent: tuple[Line, ...] = Field((), description="A message of one of these intents.")
    phrase: tuple[Phrase, ...] = Field((), description="A message that contains one of these.")
    event: tuple[EventName, ...] = Field((), description="Facts by their dotted names, e.g. booking.made.")
    about: Id | None = Field(
        None,
        description="The key of a fact that names what a run is about, e.g. booking: a later fact that "
        "begins a run takes the place of the one under way; any other is told to it as a signal.",
    )
    ends: tuple[EventName, ...] = Field(
        (), description="Facts about the same thing that end its run, e.g. booking.cancelled."
    )
    schedule: tuple[Schedule, ...] = Field((), description="Times.")
    agent: bool = Field(False, description="An agent may start it with start_workflow.")
    once_per: Literal["conversation", "customer"] | None = Field(
        None, description="Not begun while one of it is under way for the same one."
    )

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if self.ends and not self.about:
            raise ValueError("facts that end a run of nothing; write about: the key that names it")
        return self
