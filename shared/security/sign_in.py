"""Signing in: an address and a password become a session, slowly enough for those who guess."""

from dataclasses import dataclass

from shared.domain.errors import Permanent
from shared.ports import Clock
from shared.security import passwords
from shared.security.attempts import Attempts, Limit
from shared.security.people import address, find_by_email
from shared.security.sessions import Sessions
from shared.security.tenancy import PlatformStore

HERE_MOST, ADDRESS_MOST, CALLER_MOST = 8, 60, 60
"""Attempts in a window: for an address from one place, for an address from everywhere, from one place."""


class WrongPassword(Permanent):
    """Address and password do not belong together; which of the two is wrong is not said."""

    def __init__(self) -> None:
        super().__init__("This address and password do not fit. Check both, or ask an owner for a new link.")


@dataclass(frozen=True, slots=True)
class Door:
    """Lets people in."""

    platform: PlatformStore
    clock: Clock

    @property
    def sessions(self) -> Sessions:
        """Every session there is."""
        return Sessions(self.platform, self.clock)

    async def sign_in(self, email: str, password: str, *, caller: str, browser: str) -> str:
        """The token of a new session. Raises WrongPassword, TooMany or Permanent with what to do."""
        written = address(email)
        await self._count(written, caller)
        found = await find_by_email(self.platform, written)
        fits = await passwords.fits(found[0].password if found else "", password)
        if found is None or not fits:
            raise WrongPassword
        if not found[0].rights:
            raise Permanent("You were removed from every business here. Ask an owner to invite you again.")
        await Attempts(self.platform, self.clock).forget(("here", written, caller))
        return await self.sessions.begin(found[0].id, browser)

    async def _count(self, email: str, caller: str) -> None:
        limits = [
            Limit(("here", email, caller), HERE_MOST),
            Limit(("address", email), ADDRESS_MOST),
            Limit(("caller", caller), CALLER_MOST),
        ]
        await Attempts(self.platform, self.clock).count(limits)

    async def confirm(self, email: str, kept: str, password: str, *, caller: str) -> None:
        """Returns if somebody who is signed in knows their password. Raises as `sign_in`."""
        await self._count(email, caller)
        if not await passwords.fits(kept, password):
            raise Permanent("The present password is not right.")
