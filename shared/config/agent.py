"""How the agent speaks and which model it thinks with."""

from typing import Literal

from pydantic import Field

from shared.config.block import Block, Id, Line, Template, Words

Profile = Literal["fast", "balanced", "powerful"]


class ModelChoice(Block):
    """A profile the router fills, or a model by name with its stand-ins."""

    profile: Profile = Field(
        "balanced", description="fast, balanced or powerful; the router picks the model."
    )
    model: Line | None = Field(None, description="Pins one model of the catalogue.")
    fallbacks: tuple[Line, ...] = Field((), description="Models tried in order when the pinned one is out.")
    temperature: float = Field(0.4, ge=0, le=2, description="0 = always the likeliest word.")
    max_tokens: int = Field(1200, ge=16, le=32_000, description="Longest answer, in tokens.")

    @property
    def wanted(self) -> tuple[str, ...]:
        """What a route is made over: the pinned model with its stand-ins, else the profile."""
        return (self.model, *self.fallbacks) if self.model else (self.profile,)


class Specialist(Block):
    """One member of a team: what it is for, and what it may use. What it leaves out is the agent's."""

    name: Id = Field(description="Its name, used in traces.")
    handles: Words = Field(description="The messages it takes, in a sentence the chooser reads.")
    intents: tuple[Id, ...] = Field((), description="Intents that are its own, e.g. booking, price.")
    personality: Words | None = Field(None, description="How it sounds, in place of the agent's.")
    objectives: tuple[Words, ...] = Field((), description="What it tries to reach, in place of the agent's.")
    guidelines: tuple[Words, ...] = Field((), description="Rules of its own, after the agent's.")
    system_prompt: Template | None = Field(None, description="A template in place of the agent's.")
    tools: tuple[Line, ...] = Field((), description="Tools it may use; empty = the desk's.")
    knowledge: tuple[Line, ...] = Field((), description="Files of knowledge.files it reads; empty = all.")
    model: ModelChoice | None = Field(None, description="The model behind it, where not the agent's.")
    backup: Id | None = Field(
        None, description="Who answers in its place when it fails or is unwell; the general one if left out."
    )
    general: bool = Field(False, description="Takes what nobody else takes; one of a team.")


class Agent(Block):
    """The agent a customer talks to, on every channel alike."""

    name: Line = Field("Assistant", description="What it calls itself.")
    type: Line = Field("front desk assistant", description="Its role in a few words.")
    personality: Words = Field("friendly, clear and brief", description="How it sounds.")
    context: Words | None = Field(None, description="The business in a sentence.")
    objectives: tuple[Words, ...] = Field((), description="What it tries to reach, the most important first.")
    guidelines: tuple[Words, ...] = Field((), description="Rules it keeps.")
    system_prompt: Template | None = Field(
        None, description="A Jinja template in place of the built-in prompt; the fields above fill it."
    )
    greeting: Template | None = Field(None, description="Its first words where a customer only says hello.")
    off_topic: Words | None = Field(
        None,
        description="What it says to questions that are not the business's; WhatsApp requires a refusal.",
    )
    model: ModelChoice = Field(default_factory=ModelChoice, description="The model behind it.")
    team: tuple[Specialist, ...] = Field(
        (), description="Specialists chosen message by message; empty = none."
    )
    workflow: Id | None = Field(
        None, description="A workflow of this file that answers in the agent's place: its finish's reply."
    )
