"""What a desk's file may name, as bootstrap found it; the validator is handed it and asks nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A model the router knows."""

    provider: str
    ends: date | None = None  # its last day at the vendor
    successor: str | None = None
    realtime: bool = False  # speech to speech
    connected: bool = True  # its provider is installed and has a key


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Names there are, and the Settings model of each where it has one; None = cannot be checked here."""

    tools: "Mapping[str, type[BaseModel] | None] | None" = None
    arguments: "Mapping[str, type[BaseModel]] | None" = None  # what each tool is given
    channels: "Mapping[str, type[BaseModel] | None] | None" = None
    integrations: "Mapping[str, type[BaseModel] | None] | None" = None
    agents: frozenset[str] | None = None  # those that are shipped, beside the file's own
    models: Mapping[str, ModelInfo] | None = None
    speech: Mapping[str, str] | None = None  # vendor of speech -> the setting it lacks, "" = connected
    secrets: frozenset[str] | None = None  # as they are kept, see shared/security/tenant_secrets.py
    today: date | None = None  # against which models' ends are told
