"""The fact that messages of ours wait to be sent."""

from shared.domain.events import ReplyReady
from shared.domain.identity import digest
from shared.security.tenancy import TenantStore


def reply_ready(store: TenantStore, conversation: str, seqs: tuple[int, ...]) -> ReplyReady:
    """The fact that these messages wait to be sent, one after the other."""
    name = digest("reply-ready", conversation, str(seqs[0]))
    return ReplyReady(event_id=name, tenant=store.tenant, conversation=conversation, seqs=seqs)
