"""Addresses of the console's pages, for what is told to people elsewhere."""


def conversation_link(public_url: str, tenant: str, conversation: str) -> str:
    """The page of a conversation."""
    return f"{public_url}/console/{tenant}/inbox/{conversation}"


def ticket_link(public_url: str, tenant: str, ticket: str) -> str:
    """The page of a ticket."""
    return f"{public_url}/console/{tenant}/tickets/{ticket}"


def run_link(public_url: str, tenant: str, run: str) -> str:
    """The page of a run."""
    return f"{public_url}/console/{tenant}/runs/{run}"
