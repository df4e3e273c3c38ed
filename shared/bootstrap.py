"""The one place that knows everybody: reads the environment once and opens what a process needs, lazily.

Imports stand inside functions, so that a receiver loads a bus and a channel and nothing else.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.config.settings import Settings, read_settings

if TYPE_CHECKING:
    from starlette.requests import Request

    from shared.api.receive import Reception
    from shared.config.versions import Published
    from shared.desk.services import Services
    from shared.knowledge.index import KnowledgeIndex
    from shared.models.chat_model import ChatModel
    from shared.models.router import Router
    from shared.ports import Bus, Ports
    from shared.security.tenancy import TenantStore

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "functions" / "manifest.yaml"


class Process:
    """Everything one process works with, each part opened when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opening = asyncio.Lock()
        self._services: Services | None = None

    # ── doors ────────────────────────────────────────────────────────────────

    @cached_property
    def ports(self) -> "Ports":
        """The ports on the backend the settings name."""
        if self.settings.embedded:
            from shared.bootstrap_embedded import open_ports
        else:
            from shared.bootstrap_google import open_ports
        return open_ports(self.settings)
