"""What everything that answers on one call works with, whichever way it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import aiohttp

from shared.config.settings import Settings
from shared.config.versions import Published
from shared.desk.beside import OwnTool
from shared.desk.services import Services
from shared.domain.calls import Level
from shared.security.tenancy import TenantStore
from voice_service.agents_of_call import AgentsOfCall
from voice_service.call_state import CallState
from voice_service.figures import CallFigures
from voice_service.levels import Levels
from voice_service.transcript import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMeans:
    """One call's. `lost` is called once another job has the call."""

    settings: Settings
    services: Services
    store: TenantStore
    state: CallState
    published: Published
    transcript: Transcript
    levels: Levels
    agents: AgentsOfCall
    figures: CallFigures
    lost: Callable[[], None]
    tools: Mapping[str, OwnTool] = field(default_factory=dict)  # of the call itself
    http: aiohttp.ClientSession | None = None  # for use outside of a LiveKit job

    @classmethod
    def of(
        cls,
        settings: Settings,
        services: Services,
        store: TenantStore,
        state: CallState,
        published: Published,
        *,
        transcript: Transcript,
        tools: Mapping[str, OwnTool] | None = None,
        http: aiohttp.ClientSession | None = None,
    ) -> "CallMeans":
        """The means of a call that a job holds."""

        def lowered(level: Level) -> None:
            state.change(level=level)

        levels = Levels(lowered)
        return cls(
            settings=settings,
            services=services,
            store=store,
            state=state,
            published=published,
            transcript=transcript,
            levels=levels,
            agents=AgentsOfCall(store, state),
            figures=CallFigures(services, store, state, published, levels=levels),
            lost=state.lost.set,
            tools=tools or {},
            http=http,
        )
