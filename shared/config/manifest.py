"""Reads the wiring page, `functions/manifest.yaml`: which handler answers to what, and with which means."""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Route(BaseModel):
    """One public method and path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method
    path: str


class Handler(BaseModel):
    """One handler; see the page's head for what the keys mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    paths: tuple[Route, ...] = ()
    topic: str | None = None
    queue: bool = False
    schedule: str | None = None
    publishes: tuple[str, ...] = ()
    memory: str
    cpu: float
    concurrency: int
    timeout: Annotated[int, Field(ge=1, le=600)]
    min_instances: int
    max_instances: int
    attempts: Annotated[int, Field(ge=5, le=100)]
    min_backoff: float
    max_backoff: float
    secrets: tuple[str, ...] = ()
    roles: tuple[str, ...]

    @property
    def ack_deadline(self) -> int:
        """Seconds until an unanswered push counts as failed: the handler's own time limit."""
        return self.timeout


def read_manifest(page: Path) -> tuple[Handler, ...]:
    """Every handler on the page, in its order. Raises ValueError naming what is wrong."""
    data = yaml.safe_load(page.read_text("utf-8"))
    defaults = data["defaults"]
    return tuple(
        Handler.model_validate({**defaults, **own, "name": name}) for name, own in data["handlers"].items()
    )
