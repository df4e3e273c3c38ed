"""Shows an answer in the making, sentence by sentence: cleaned, and while the right to answer holds."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from shared.config.schema import DeskConfig
from shared.desk.answer import public_id
from shared.desk.commit import head_path, hint, read_head
from shared.desk.lease import Lease, holds
from shared.desk.question import Question
from shared.desk.services import Services
from shared.models.guard import check
from shared.ports import Data
from shared.security.tenancy import TenantStore

Show = Callable[[str], Awaitable[None]]
"""Takes the answer so far."""


def hosts_of(services: Services, config: DeskConfig) -> set[str]:
    """Whose links the desk may give: the business's own and ours."""
    addresses = (config.desk.website, services.public_url)
    return {host for address in addresses if address and (host := urlsplit(str(address)).hostname)}


def sayer(services: Services, config: DeskConfig, say: Show) -> Show:
    """Says an answer in the making; whoever plays it stops by itself when a person takes over."""
    hosts = hosts_of(services, config)

    async def saying(text: str) -> None:
        await say(check(text, direction="out", hosts=hosts).text)

    return saying


def shower(services: Services, store: TenantStore, lease: Lease, question: Question) -> Show:
    """Shows an answer in the making, while the right to answer holds."""
    hosts = hosts_of(services, question.config)

    async def show(text: str) -> None:
        head = read_head(await store.get(head_path(question.conversation)))
        if head is None or not holds(head, lease):
            return
        note: Data = {
            "event": "partial",
            "message_id": public_id(question.turn, 0),
            "text": check(text, direction="out", hosts=hosts).text,
        }
        await hint(services.ports, store, question.conversation, note)

    return show
