"""A file is what its first bytes say."""

import pytest

from shared.channels.media_types import true_type
from shared.domain.errors import Permanent

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("content", "claimed", "kind", "found"),
    [
        (b"\xff\xd8\xff\xe0..", "image/jpeg", "image", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n..", "image/jpeg", "image", "image/png"),
        (b"RIFF....WEBPVP8 ", "image/webp", "sticker", "image/webp"),
        (b"RIFF....WAVEfmt ", "audio/wav", "audio", "audio/wav"),
        (b"OggS..", "audio/ogg; codecs=opus", "audio", "audio/ogg"),
        (b"#!AMR\n..", "audio/amr", "audio", "audio/amr"),
        (b"ID3\x04", "audio/mpeg", "audio", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac", "audio", "audio/aac"),
        (b"\xff\xfb\x90\x00", "audio/mpeg", "audio", "audio/mpeg"),
        (b"....ftypM4A ....", "audio/mp4", "audio", "audio/mp4"),
        (b"....ftypisom....", "video/mp4", "video", "video/mp4"),
        (b"....ftyp3gp4....", "video/3gpp", "video", "video/3gpp"),
        (b"\x1aE\xdf\xa3..", "audio/webm", "audio", "audio/webm"),
        (b"%PDF-1.7", "application/octet-stream", "document", "application/pdf"),
        (b"PK\x03\x04..", DOCX, "document", DOCX),
        (b"PK\x03\x04..", "application/pdf", "document", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "document", "application/msword"),
        (b"a,b\n1,2\n", "text/csv", "document", "text/csv"),
        ("नमस्ते".encode(), "text/plain", "document", "text/plain"),
        (b"<html><script>", "text/html", "document", "text/plain"),
        (b"<svg onload=x>", "image/svg+xml", "document", "text/plain"),
        (b"\x00\x01\x02", "application/pdf", "document", "application/octet-stream"),
        (b"", "application/pdf", "document", "application/octet-stream"),
    ],
)
def test_a_type_is_read_from_the_bytes(content: bytes, claimed: str, kind: str, found: str) -> None:
    """A claim counts only where it says more of what the bytes show; what a browser would run is text."""
    assert true_type(content, claimed, kind) == found


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"MZ\x90\x00", "document"),
        (b"\x7fELF\x02", "document"),
        (b"#!/bin/sh\n", "document"),
        (b"%PDF-1.7", "image"),
        (b"\xff\xd8\xff\xe0", "audio"),
        (b"<svg onload=x>", "image"),
        (b"", "video"),
    ],
)
def test_a_file_that_contradicts_its_kind_is_refused(content: bytes, kind: str) -> None:
    """Programs are never kept, and a picture that is none is no picture."""
    with pytest.raises(Permanent, match="not kept"):
        true_type(content, "image/jpeg", kind)
