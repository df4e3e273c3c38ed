"""The files a desk knows, stored once by what they hold: `knowledge_files/{sha256}` of a tenant."""

import hashlib
from collections.abc import Mapping

from shared.security.tenancy import TenantStore

SHAPE = 1


def sha_of(content: bytes) -> str:
    """The name of a content."""
    return hashlib.sha256(content).hexdigest()


async def keep(store: TenantStore, files: Mapping[str, bytes]) -> dict[str, str]:
    """Store each file; versions of a desk share them. Gives the hash of each by its path."""
    hashes: dict[str, str] = {}
    for path, content in files.items():
        sha = sha_of(content)
        if sha not in hashes.values():
            await store.create(f"knowledge_files/{sha}", {"shape": SHAPE, "content": content})
        hashes[path] = sha
    return hashes


async def content_of(store: TenantStore, sha: str) -> bytes | None:
    """The bytes of a file by its hash."""
    document = await store.get(f"knowledge_files/{sha}")
    content = document.data.get("content") if document else None
    return content if isinstance(content, bytes) else None
