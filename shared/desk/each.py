"""Does the same for many where one that breaks may not hold up the others."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.domain.errors import Transient

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Each:
    """What broke of a sweep: logged when it did, raised once all others are done."""

    broke: list[Exception] = field(default_factory=list)

    @contextmanager
    def one(self, **about: str) -> Iterator[None]:
        """Where one of them is done."""
        try:
            yield
        except Exception as error:
            log.exception("sweep.one_broke", extra=about)
            self.broke.append(error)

    def done(self) -> None:
        """All were tried. Raises what broke: what is worth trying again first."""
        if self.broke:
            raise next((one for one in self.broke if isinstance(one, Transient)), self.broke[0])
