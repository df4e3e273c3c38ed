"""A file is what its first bytes say, not what its sender calls it."""

from shared.domain.errors import Permanent

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (8, b"WAVE", "audio/wav"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"MZ", "application/x-executable"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"#!", "application/x-executable"),
)
_IN_ZIP = (
    "application/vnd.openxmlformats-officedocument",
    "application/vnd.oasis.opendocument",
    "application/epub",
)
_IN_OLE = ("application/msword", "application/vnd.ms-")
_FAMILY = {"image": "image/", "sticker": "image/", "audio": "audio/", "video": "video/"}
_MP4_AUDIO = (b"M4A ", b"M4B ")


def true_type(content: bytes, claimed: str, kind: str) -> str:
    """The media type of `content`, sent as a `kind` of attachment. Raises Permanent where they contradict."""
    claimed = claimed.partition(";")[0].strip().lower()
    found = _seen(content, claimed)
    family = _FAMILY.get(kind)
    if found == "application/x-executable" or (family and not found.startswith(family)):
        raise Permanent(f"the {kind} claims to be {claimed or 'nothing'} and is {found}; it was not kept")
    return found


def _seen(content: bytes, claimed: str) -> str:
    for offset, magic, media_type in _MAGIC:
        if content.startswith(magic, offset):
            return _container(media_type, claimed)
    if content[4:8] == b"ftyp":
        spoken = content[8:12] in _MP4_AUDIO or claimed.startswith("audio/")
        return "audio/mp4" if spoken else ("video/3gpp" if content[8:10] == b"3g" else "video/mp4")
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0:
        return "audio/aac" if content[1] & 0x06 == 0 else "audio/mpeg"
    return _written(content, claimed)


def _container(media_type: str, claimed: str) -> str:
    """A claim that fits the container says more than the container."""
    if media_type == "application/zip" and claimed.startswith(_IN_ZIP):
        return claimed
    if media_type == "application/x-ole-storage" and claimed.startswith(_IN_OLE):
        return claimed
    if media_type == "video/webm" and claimed == "audio/webm":
        return claimed
    return media_type


def _written(content: bytes, claimed: str) -> str:
    """Text of a kind that no browser runs, or bytes nobody knows."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    if b"\x00" in content or not content:
        return "application/octet-stream"
    return claimed if claimed in ("text/csv", "text/vcard", "application/json") else "text/plain"
