"""Which secrets a desk's file may name: its own tenant's, and those the operator shares with all.

What a file calls `${NAME}`, `secret://NAME` or NAME is kept as `{tenant}__NAME`, in the environment and
in Secret Manager alike, or as `SHARED__NAME`. No other secret can be asked for: neither another
tenant's nor the platform's own, whatever the file says.
"""

from shared.ports import Secrets

SHARED = "SHARED"
"""In the tenant's place of a secret for all; no tenant's id has capitals."""

_MARK = "__"  # a tenant's id may hold it, a secret's name may not: the last one parts the two


def named(reference: str) -> str:
    """The name in `${NAME}`, `secret://NAME` or NAME."""
    return reference.removeprefix("secret://").removeprefix("${").removesuffix("}")


def kept_as(tenant: str, name: str) -> tuple[str, ...]:
    """The names under which a tenant's secret may be kept, its own before the shared one.

    None for a name that with its tenant's would read as another tenant's secret.
    """
    misread = _MARK in name or name.startswith("_")
    return () if misread else (f"{tenant}{_MARK}{name}", f"{SHARED}{_MARK}{name}")


async def secret_of(secrets: Secrets, tenant: str, reference: str) -> str | None:
    """The value behind a reference in a desk's file of this tenant, or None where none is kept for it."""
    for name in kept_as(tenant, named(reference)):
        if value := await secrets.get(name):
            return value
    return None


def not_set(tenant: str, reference: str) -> str:
    """What to say of a reference that leads nowhere, with what to do."""
    own = next(iter(kept_as(tenant, named(reference))), "one without __")
    return f"{reference} is not set; set {own}"
