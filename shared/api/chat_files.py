"""Files a visitor sends: kept as what their bytes say they are, given back to the same session alone."""

import hashlib
from datetime import datetime
from urllib.parse import quote, unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from shared.api.problems import Refused
from shared.channels import webchat
from shared.channels.media_types import true_type
from shared.domain.content import Attachment
from shared.domain.errors import Permanent
from shared.domain.identity import new_id
from shared.ports import Blobs, Create
from shared.security.file_ends import file_end
from shared.security.tenancy import TenantStore

TYPES = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "image",
    "image/gif": "image",
    "application/pdf": "document",
}
MOST_SENT = 25_000_000
"""Bytes of a file that a person may send from here: several are held at once, each whole."""
LARGEST = {kind: webchat.limits.media[kind] for kind in ("image", "document")}  # bytes


async def body_within(request: Request, most: int) -> bytes:
    """The request's body. Raises Refused (413) as soon as it is, or says it is, more than `most` bytes."""
    too_large = Refused(413, f"That is too large; the most is {most:,} bytes.", limit=most)
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise too_large
    return bytes(body)


def _path(conversation: str, identity: str) -> str:
    return f"conversations/{conversation}/attachments/{identity}"


async def keep(
    request: Request, store: TenantStore, blobs: Blobs, conversation: str, until: datetime
) -> dict[str, object]:
    """Keeps the body as a file of the conversation until then; answers what a reader may know of it.

    Raises Refused: 413 too large, 415 not one of TYPES, 422 empty.
    """
    content = await body_within(request, max(LARGEST.values()))
    if not content:
        raise Refused(422, "The file is empty.")
    kind, media_type = _judge(content, request.headers.get("content-type", ""))
    if len(content) > LARGEST[kind]:
        raise Refused(
            413, f"That {kind} is too large; the most is {LARGEST[kind]} bytes.", limit=LARGEST[kind]
        )
    identity = new_id()
    blob = f"{store.tenant}/{conversation}/{identity}"
    attachment = Attachment(
        kind="image" if kind == "image" else "document",
        media_type=media_type,
        blob=blob,
        file_name=_name(request.headers.get("x-file-name", ""), media_type),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    document = Create(_path(conversation, identity), msgspec.to_builtins(attachment), expires=until)
    await store.commit([file_end(blob, until)])
    await blobs.put(blob, content, media_type)
    await store.commit([document])
    return {
        "id": identity,
        "kind": kind,
        "media_type": media_type,
        "name": attachment.file_name,
        "size": attachment.size,
    }


def _judge(content: bytes, claimed: str) -> tuple[str, str]:
    try:
        media_type = true_type(content, claimed, "document")
    except Permanent:
        media_type = "application/octet-stream"
    if media_type not in TYPES:
        raise Refused(415, f"Only {', '.join(TYPES)} can be sent; this is {media_type}.")
    return TYPES[media_type], media_type


def _name(quoted: str, media_type: str) -> str:
    """The file's own name without folders or control characters."""
    name = unquote(quoted).replace("\\", "/").rpartition("/")[2]
    kept = "".join(character for character in name if character.isprintable())[:120].strip()
    return kept or f"file.{media_type.rpartition('/')[2]}"


async def kept(
    store: TenantStore, conversation: str, named: tuple[Attachment, ...]
) -> tuple[Attachment, ...]:
    """The files a message names, whole. Raises Refused (422) where one is not this conversation's."""
    paths = [_path(conversation, one.media_id or "") for one in named]
    files = []
    for path, found in zip(paths, await store.get_many(paths), strict=True):
        if found is None:
            raise Refused(422, f"No file {path.rpartition('/')[2]!r} was uploaded in this session.")
        files.append(msgspec.convert(found.data, Attachment))
    return tuple(files)


async def serve(
    store: TenantStore, blobs: Blobs, conversation: str, identity: str, *, sent: bool = False
) -> Response:
    """The file. Raises Refused (404) for one that is not this conversation's.

    With `sent`, also for one that was not made to be sent by a person: those alone have an address.
    """
    document = await store.get(_path(conversation, identity))
    attachment = msgspec.convert(document.data, Attachment) if document else None
    if sent and attachment and not attachment.url:
        attachment = None
    content = await blobs.get(attachment.blob) if attachment and attachment.blob else None
    if attachment is None or content is None:
        raise Refused(404, "There is no such file in this session.")
    shown = "inline" if attachment.kind == "image" else "attachment"
    name = quote(attachment.file_name or identity, safe="")
    return Response(
        content[0],
        media_type=attachment.media_type,
        headers={
            "Content-Disposition": f"{shown}; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600",
        },
    )
