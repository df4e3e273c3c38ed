"""What the page of an inbox weighs as a browser gets it, and how soon its first row is there."""

import gzip
import re
from time import perf_counter
from urllib.parse import urljoin

import httpx

from benchmarks.figures import Figure, median

_FILES = re.compile(r"""(?:src|href)="(/console/static/[^"]+)\"""")
_IMPORTS = re.compile(r"""from "(\./[^"]+)\"""")
_ROW = b'class="row'


async def weigh(
    http: httpx.AsyncClient,
    page: str,
    headers: dict[str, str],
    numbers: str,
    bare: str,
    *,
    conversations: int,
    loads: int,
) -> list[Figure]:
    """The figures of the page at `page` and of its tabs' `numbers`, beside those of the list at `bare`."""
    first = [await _first(http, page, headers, _ROW) for _ in range(loads + 1)][1:]
    yardstick = [await _first(http, bare, {}, _ROW) for _ in range(loads + 1)][1:]
    counted = [await _first(http, numbers, headers, b"unread_mine") for _ in range(loads + 1)][1:]
    html = await _raw(http, page, headers, "identity")
    files = await _files(http, page, html)
    plain = [await _raw(http, one, {}, "identity") for one in files]
    zipped = [await _raw(http, one, {}, "gzip") for one in files]
    name = f"inbox of {conversations:,} conversations"
    return [
        Figure(
            what=f"{name}: time to the first row, median",
            ours=median(first),
            yardstick=median(yardstick),
            of="LIMIT 50 of a bare table",
            unit="ms",
            n=loads,
        ),
        Figure(
            what=f"{name}: the numbers of its tabs over the API, median",
            ours=median(counted),
            yardstick=median(yardstick),
            of="LIMIT 50 of a bare table",
            unit="ms",
            n=loads,
        ),
        _weight(f"{name}: HTML", [html], [await _raw(http, page, headers, "gzip")]),
        _weight(f"its {len(files)} scripts and styles, once a version", plain, zipped),
    ]


def _weight(what: str, plain: list[bytes], asked: list[bytes]) -> Figure:
    """Bytes served to whom takes no gzip; beside it those to whom does, and what gzip could make of them."""
    could = sum(len(gzip.compress(one, 6)) for one in plain)
    told = f"as served to whom takes gzip; gzip -6 makes {could / 1000:.1f} of it"
    weight, taken = (sum(map(len, some)) / 1000 for some in (plain, asked))
    return Figure(what=what, ours=weight, yardstick=taken, of=told, unit="kB", n=len(plain))


async def _first(http: httpx.AsyncClient, url: str, headers: dict[str, str], sign: bytes) -> float:
    """Milliseconds from asking until `sign` has come."""
    seen, took, began = b"", 0.0, perf_counter()
    async with http.stream("GET", url, headers=headers) as answer:
        answer.raise_for_status()
        async for chunk in answer.aiter_bytes():
            seen += chunk
            if not took and sign in seen:
                took = (perf_counter() - began) * 1000
    if not took:
        raise RuntimeError(f"{url} has no {sign.decode()}")
    return took


async def _files(http: httpx.AsyncClient, page: str, html: bytes) -> list[str]:
    """What the page loads, and what its modules load."""
    found = [urljoin(page, path) for path in dict.fromkeys(_FILES.findall(html.decode()))]
    for file in found:
        text = (await _raw(http, file, {}, "identity")).decode() if file.endswith(".js") else ""
        new = (urljoin(file, path) for path in _IMPORTS.findall(text))
        found += [one for one in dict.fromkeys(new) if one not in found]
    return found


async def _raw(http: httpx.AsyncClient, url: str, headers: dict[str, str], takes: str) -> bytes:
    """The body as it is on the wire."""
    async with http.stream("GET", url, headers=headers | {"accept-encoding": takes}) as answer:
        answer.raise_for_status()
        return b"".join([chunk async for chunk in answer.aiter_raw()])
