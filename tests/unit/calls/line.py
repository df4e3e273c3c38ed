"""A call to a desk that speaks, on the embedded backend: a test hears, thinks and says by hand."""

from dataclasses import dataclass, field

import msgspec

from shared.config.versions import Published
from shared.desk.calls.begin import Ringing, begin
from shared.desk.calls.document import find_call
from shared.desk.calls.spoken import heard
from shared.desk.calls.turn import SpokenTurn
from shared.desk.commit import head_path, read_head, read_message
from shared.desk.thought import Thought
from shared.domain.calls import Call, TierChange
from shared.domain.conversation import Head, Message
from shared.domain.receipts import Receipt
from shared.ports import Query
from tests.unit.calls.scripted import ScriptedModel
from tests.unit.desk.front import Front

VOICE = {"enabled": True, "mode": "orchestrated"}


@dataclass
class Line:
    """One call."""

    front: Front
    model: ScriptedModel
    published: Published
    call: Call
    aloud: list[str] = field(default_factory=list)
    count: int = 0

    async def hear(self, text: str) -> None:
        """The caller says it, and it is written down."""
        self.count += 1
        written = await heard(
            self.front.services,
            self.front.store,
            self.call,
            f"item-{self.count}",
            text,
            config=self.published.config,
        )
        assert written is not None

    def turn(self) -> SpokenTurn:
        return SpokenTurn(self.front.services, self.front.store, self.call, self.published)

    async def say(self, words: str) -> None:
        self.aloud.append(words)

    async def answer(self, text: str) -> Thought | None:
        """The caller says it, and a turn answers."""
        await self.hear(text)
        return await self.turn().run(self.say)

    async def another_caller(self) -> None:
        """Go on with another call of the same desk."""
        ringing = Ringing(id="call-2", direction="browser", account="front", contact="visitor-2", room="r2")
        self.call = await begin(self.front.services, self.published, ringing)

    async def head(self) -> Head:
        head = read_head(await self.front.store.get(head_path(self.call.conversation)))
        assert head is not None
        return head

    async def now(self) -> Call:
        call = await find_call(self.front.store, self.call.id)
        assert call is not None
        return call

    async def messages(self) -> list[Message]:
        path = f"conversations/{self.call.conversation}/messages"
        page = await self.front.store.query(path, Query(order=("seq",)))
        return [read_message(document) for document in page.documents]

    async def receipts(self) -> list[Receipt]:
        page = await self.front.store.query(f"conversations/{self.call.conversation}/turns", Query())
        return [msgspec.convert(document.data, Receipt) for document in page.documents]

    async def tier_changes(self) -> list[TierChange]:
        page = await self.front.store.query(f"calls/{self.call.id}/tier_changes", Query())
        return [msgspec.convert(document.data, TierChange) for document in page.documents]

    async def alarms(self, handler: str) -> list[object]:
        """What waits to be rung."""
        database = self.front.services.ports.timers._database
        sql = "SELECT body FROM jobs WHERE handler = ? AND state = 'waiting' ORDER BY id"
        return await database.read(lambda connection: connection.execute(sql, (handler,)).fetchall())

    async def effects(self) -> list[dict[str, object]]:
        page = await self.front.store.query("effects", Query())
        return [document.data for document in page.documents]


async def ring(front: Front, model: ScriptedModel, *, id_: str = "call-1", **voice: object) -> Line:
    """A desk that answers with the model, and a caller in its room."""
    front.services.models.adapters = {"gemini": model}
    await front.publish(voice={**VOICE, **voice})
    published = await front.running()
    call = await begin(
        front.services,
        published,
        Ringing(id=id_, direction="browser", account="front", contact="visitor-1", room=f"voice_{id_}"),
    )
    return Line(front, model, published, call)
