"""Who of ours speaks on a call and where the talk stands, kept on the call as it changes."""

import asyncio
import contextlib
import logging
from time import perf_counter

import msgspec

from shared.desk.calls.document import transition_write
from shared.domain.calls import AgentTransition, Call, Stage
from shared.domain.errors import AlreadyExists, FrontdeskError
from shared.security.tenancy import TenantStore
from voice_service.call_state import CallState

log = logging.getLogger(__name__)

DESK, PERSON = "desk", "person"

WRITTEN_WITHIN = 2.0
"""Seconds after which a change is recorded though the store is busy; so much it took then."""


class AgentsOfCall:
    """One call's: the desk, later its specialists, and a person."""

    def __init__(self, store: TenantStore, state: CallState) -> None:
        self._store = store
        self._state = state
        self._transitions = state.call.transitions

    async def became(self, agent: str, trigger: str) -> None:
        """Somebody else speaks from now on; who speaks already changes nothing.

        Recorded with how long it took until the call says so, which everybody goes by.
        """
        call = self._state.call
        if call.agent == agent:
            return
        began = perf_counter()
        self._transitions += 1
        change = AgentTransition(
            n=self._transitions,
            before=call.agent,
            after=agent,
            at=self._state.now,
            trigger=trigger,
        )

        def counted(now: Call) -> Call:
            return msgspec.structs.replace(now, agent=agent, transitions=max(now.transitions, change.n))

        self._state.edit(counted)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._state.settled(), WRITTEN_WITHIN)
        change = msgspec.structs.replace(change, ms=(perf_counter() - began) * 1000)
        try:
            await self._store.commit([transition_write(call, change)])
        except AlreadyExists:
            pass  # a job before this one recorded it and counted it not
        except FrontdeskError as error:
            log.warning("call.transition_not_recorded", extra={"call": call.id, "why": str(error)})

    def stage(self, stage: Stage) -> None:
        """The talk stands there now; one that closes goes nowhere else."""
        if self._state.call.stage not in (stage, "closing"):
            self._state.change(stage=stage)

    def qualified(self, score: float | None) -> None:
        """The caller's qualification as their last words show it."""
        if score is not None and score != self._state.call.qualification:
            self._state.change(qualification=score)
