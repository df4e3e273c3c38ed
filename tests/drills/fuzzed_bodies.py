"""Bodies no vendor would send, the same for the same seed: broken samples, absurd values, other formats."""

import copy
import gzip
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

_HOSTILE: list[Any] = [
    None,
    True,
    -1,
    0,
    2**63,
    2**70,
    1.5,
    "",
    "\x00",
    "é🙂",
    "x" * 5000,
    "99999999999999999999999",
    [],
    {},
    [[]],
    [None],
    {"": {}},
    {"id": {"id": []}},
]
_RAW: list[bytes] = [
    b"",
    b" ",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'"text"',
    b"NaN",
    b"Infinity",
    b"1e999",
    b"9" * 5000,
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[" * 65 + b"]" * 65,
    b'{"entry":' * 900 + b"1" + b"}" * 900,
    b'{"object":"instagram","entry":[' + b"[" * 300 + b"]" * 300 + b"]}",
    b"\xff\xfe\x00{",
    b"\xef\xbb\xbf{}",
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\\ud800"}',
    b"{'a':1}",
    b'{"a":1,}',
    b'{"a":1}{"a":2}',
    b'{"object":"whatsapp_business_account","object":1,"entry":[]}',
    b"=&=&==&%&%zz&%00=%00",
    b"MessageSid=%ED%A0%80&From=%FF&To=%00",
    b"MessageSid=" + b"9" * 100_000,
    b"&a=1" * 5000,
    b"A" * 3_000_000,
    b'{"a":"' + b"x" * 3_000_000 + b'"}',
    gzip.compress(b'{"object":"instagram","entry":[]}'),
    b"<xml/>",
    b"--boundary\r\n\r\nx",
]


def fuzzed(samples: list[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """`count` bodies: all the fixed ones, then samples changed in their bytes or in their meaning."""
    chance = random.Random(seed)
    yield from _RAW[:count]
    for _ in range(count - len(_RAW)):
        change = chance.choice(_CHANGES)
        yield change(chance, chance.choice(samples))


def _bytes_changed(chance: random.Random, sample: bytes) -> bytes:
    body = bytearray(sample)
    for _ in range(chance.randint(1, 8)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


def _cut_short(chance: random.Random, sample: bytes) -> bytes:
    return sample[: chance.randrange(len(sample))]


def _doubled(chance: random.Random, sample: bytes) -> bytes:
    at, length = chance.randrange(len(sample)), chance.randint(1, 60)
    return sample[:at] + sample[at : at + length] * chance.randint(2, 50) + sample[at:]


def _meaning_changed(chance: random.Random, sample: bytes) -> bytes:
    """A few values of the structure replaced by hostile ones; a form has its fields replaced."""
    if sample[:1] != b"{":
        fields = [field.partition(b"=")[0] for field in sample.split(b"&")]
        values = [b"", b"%00", b"%F0%9F%99%82", b"9" * 30, b"whatsapp:", b"-1", b"1e400", b"nan"]
        return b"&".join(field + b"=" + chance.choice(values) for field in fields if chance.random() > 0.1)
    body = json.loads(sample)
    for _ in range(chance.randint(1, 3)):
        _replace_somewhere(chance, body)
    written = json.dumps(body)
    return written.replace("1.5", "NaN").encode() if chance.random() < 0.1 else written.encode()


def _replace_somewhere(chance: random.Random, node: Any) -> None:
    while isinstance(node, dict | list) and node:
        key = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if not isinstance(node[key], dict | list) or not node[key] or chance.random() < 0.08:
            node[key] = copy.deepcopy(chance.choice(_HOSTILE))
            return
        node = node[key]


_CHANGES: list[Callable[[random.Random, bytes], bytes]] = [
    _bytes_changed,
    _cut_short,
    _doubled,
    _meaning_changed,
    _meaning_changed,
    _meaning_changed,
]
