"""The models this installation is connected to, by its settings."""

from typing import TYPE_CHECKING

from shared.config.settings import Settings
from shared.models.breaker import Breaker
from shared.models.catalogue import read_catalogue
from shared.models.router import Router
from shared.ports import Clock

if TYPE_CHECKING:
    from shared.models.chat_model import ChatModel


def connected(settings: Settings, clock: Clock) -> Router:
    """The router over them. Without a key the offline model answers, on this machine only."""
    adapters: dict[str, ChatModel] = {}
    if settings.gemini_api_key:
        from shared.models.gemini import Gemini  # noqa: PLC0415 - its library takes long to import

        adapters["gemini"] = Gemini(settings.gemini_api_key, base_url=settings.gemini_url or None)
    if settings.openai_api_key:
        from shared.models.openai_compatible import OpenAICompatible  # noqa: PLC0415 - only where it is used

        adapters["openai"] = OpenAICompatible(
            "openai", base_url=settings.openai_url, key=settings.openai_api_key
        )
    if not adapters and settings.embedded:
        from shared.models.offline.model import OfflineModel  # noqa: PLC0415 - only where it is used

        adapters["offline"] = OfflineModel()
    return Router(adapters, read_catalogue(), Breaker(clock), clock)
