"""Says again what another caller was answered to the same words: the answer is committed as any other."""

from shared.config.versions import Published
from shared.desk.calls.answering import answering
from shared.desk.calls.turn import Say
from shared.desk.services import Services
from shared.desk.thought import Thought
from shared.domain.calls import Call
from shared.domain.receipts import Step
from shared.security.tenancy import TenantStore


class RepeatedTurn:
    """A turn whose words are known before it begins."""

    acted = False

    def __init__(
        self, services: Services, store: TenantStore, call: Call, published: Published, text: str
    ) -> None:
        self._services = services
        self._store = store
        self._call = call
        self._published = published
        self._text = text
        self.spoke = False

    async def run(self, say: Say) -> Thought | None:
        """As SpokenTurn's."""
        async with answering(self._services, self._store, self._call, self._published) as right:
            if right is None:
                return None
            self.spoke = True
            await say(self._text)
            known = Step(kind="model", name="known answer", ms=0.0)
            thought = right.thought(text=self._text, steps=(known,), shown=True)
            return thought if await right.commit(thought) else None

    async def summarise(self) -> None:
        """Nothing: one answer is no long talk."""
