"""The canonical form of a desk's file: every key there is, each with what it means."""

from typing import Literal

from pydantic import Field

from shared.config.agent import Agent
from shared.config.agents import AgentSpec, CrewSpec
from shared.config.behavior import Behavior
from shared.config.block import Block, Free, Id, Line, Score, ToolName, Words
from shared.config.business import Desk, Tenant
from shared.config.channels import Channels
from shared.config.operations import Budgets, Experiment, Monitoring, Privacy, Sla
from shared.config.voice import Voice
from shared.config.workflows import Workflow
from shared.domain.content import ChannelName


class Wanted(Block):
    """What is needed and not there yet; kept beside the name so that an issue can be filed from it."""

    description: Words = Field(description="What it should do.")
    required_for: tuple[Line, ...] = Field((), description="Who needs it.")
    issue: Line | None = Field(None, description="The issue that asks for it.")
    complexity: Literal["low", "medium", "high"] | None = Field(None, description="How much work it is.")


class ToolEntry(Block):
    """A tool the desk may use."""

    enabled: bool = Field(True, description="Whether it may be used.")
    type: Line | None = Field(None, description="Its kind, for people, e.g. database, api, messaging.")
    settings: Free = Field({}, description="Settings, in the tool's own form.")
    grant: Literal["never", "once", "each_time"] | None = Field(
        None, description="Of a dangerous tool: never, once (given by publishing), or asked each time."
    )
    integration: Line | None = Field(None, description="The integration it works through.")
    wanted: Wanted | None = Field(None, description="For a tool that does not exist yet.")


class IntegrationEntry(Block):
    """A system of the business the desk is connected to."""

    enabled: bool = Field(True, description="Whether it is used.")
    type: Line | None = Field(None, description="Its kind, e.g. crm, payment, database.")
    settings: Free = Field({}, description="Settings, in the integration's own form.")
    credentials_secret: Line | None = Field(None, description="Name of the secret holding its credentials.")
    wanted: Wanted | None = Field(None, description="For an integration that does not exist yet.")


class Knowledge(Block):
    """What the desk knows beyond this file."""

    files: tuple[Line, ...] = Field(
        (), description="Markdown (.md), text (.txt) and tables (.csv), relative to this file."
    )
    min_score: Score = Field(0.2, description="Below this a passage does not count as found.")
    top: int = Field(4, ge=1, le=20, description="Passages an answer may rest on.")
    cache_seconds: int = Field(1800, ge=0, le=86_400, description="How long a search is remembered.")


class DeskConfig(Block):
    """One desk, whole. Everything but tenant and desk has a default."""

    version: Literal["1.0"] = Field("1.0", description="Version of this form.")
    extends: Line | None = Field(None, description="A file to inherit from, relative to this one.")
    tenant: Tenant = Field(description="The business.")
    desk: Desk = Field(description="The desk.")
    agent: Agent = Field(default_factory=Agent, description="The agent.")
    voice: Voice = Field(default_factory=Voice, description="How it sounds.")
    tools: dict[ToolName, ToolEntry] = Field({}, description="Tools by name.")
    integrations: dict[Id, IntegrationEntry] = Field({}, description="Integrations by name.")
    channels: Channels = Field(default_factory=Channels, description="Where it is reached.")
    knowledge: Knowledge = Field(default_factory=Knowledge, description="What it knows.")
    behavior: Behavior = Field(default_factory=Behavior, description="What it does around an answer.")
    privacy: Privacy = Field(default_factory=Privacy, description="How long things are kept.")
    monitoring: Monitoring = Field(default_factory=Monitoring, description="What is watched.")
    budgets: Budgets = Field(default_factory=Budgets, description="What may be spent.")
    sla: Sla = Field(default_factory=Sla, description="What may be promised.")
    experiments: tuple[Experiment, ...] = Field((), description="What is being tried.")
    agents: dict[Id, AgentSpec] = Field({}, description="Agents of runs, beside those that are shipped.")
    crews: dict[Id, CrewSpec] = Field({}, description="Agents that work together, named like an agent.")
    workflows: dict[Id, Workflow] = Field({}, description="Graphs of the desk's own.")

    @property
    def has_room(self) -> bool:
        """Whether it is called from browsers, at /voice/{desk}."""
        room = self.channels.room
        return self.voice.enabled and room is not None and room.enabled

    def accounts(self) -> tuple[tuple[ChannelName, str], ...]:
        """Every (channel, account) customers reach this desk by; webchat, room and api by the desk's id."""
        own = self.channels
        found: list[tuple[ChannelName, str]] = []
        if own.webchat and own.webchat.enabled:
            found.append(("webchat", self.desk.id))
        if own.room and own.room.enabled:
            found.append(("room", self.desk.id))
        if own.api and own.api.enabled:
            found.append(("api", self.desk.id))
        if own.whatsapp and own.whatsapp.enabled:
            found += [("whatsapp", account) for account in own.whatsapp.accounts]
        if own.instagram and own.instagram.enabled:
            found.append(("instagram", own.instagram.account))
        if own.sms and own.sms.enabled:
            found += [("sms", account) for account in own.sms.accounts]
        if own.email and own.email.enabled:
            found.append(("email", own.email.account))
        if own.phone and own.phone.enabled:
            found += [("phone", number) for number in own.phone.numbers]
        return tuple((channel, account) for channel, account in found if account)
