"""Hours the way people write them: simple forms are read, others refused with the form to write."""

import re
from collections.abc import Mapping
from typing import Any

from shared.domain.hours import DAYS

STRUCTURED = '{monday-friday: "09:00-17:00", saturday: "10:00-14:00", sunday: closed}'
_GROUPS = {"weekdays": DAYS[:5], "weekends": DAYS[5:], "daily": DAYS, "everyday": DAYS, "every day": DAYS}
_ZONES = {
    **dict.fromkeys(("et", "est", "edt"), "America/New_York"),
    **dict.fromkeys(("pt", "pst", "pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("utc", "gmt"), "UTC"),
}
"""Abbreviations that mean one place to most people; IST, CST and the like do not and are refused."""
_TIME = r"\d{1,2}(?:[:.]\d{2})?\s*(?:am|pm)?"
_RANGE = re.compile(rf"({_TIME})\s*(?:-|–|to)\s*({_TIME})", re.IGNORECASE)
_PROSE = re.compile(
    r"(?P<days>[a-z][a-z –,-]*?)?[\s:]*"
    rf"(?P<ranges>{_RANGE.pattern}(?:\s*(?:,|and|&)\s*{_RANGE.pattern})*)\s*(?P<zone>[a-z/_]+)?",
    re.IGNORECASE,
)


def read_hours(written: str | Mapping[Any, Any]) -> tuple[dict[str, Any], str | None]:
    """The hours as a mapping of whole day names, and a remark where something was understood.

    Raises ValueError with the structured form where the text or a key is not a simple form.
    """
    if isinstance(written, str):
        return _read_text(written)
    found: dict[str, Any] = {}
    for key, value in written.items():
        days = read_days(str(key)) if key not in ("holidays", "timezone") else None
        if days is None:
            found[key] = value
            continue
        for day in days:
            if day in found:
                raise ValueError(f"{day} is written twice, the second time in {key!r}; name each day once")
            found[day] = read_spans(value)
    return found, None


def read_days(text: str) -> tuple[str, ...] | None:
    """The days in `monday`, `mon-fri`, `weekdays` or `sat, sun`; None where it names none."""
    words = text.strip().lower().replace("–", "-").replace(" to ", "-")
    if words in _GROUPS:
        return _GROUPS[words]
    days: list[str] = []
    for part in re.split(r"\s*(?:,|\band\b)\s*", words):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        start, end = _day(first), _day(last) if dash else _day(first)
        if start is None or end is None:
            return None
        days += [DAYS[(start + step) % 7] for step in range((end - start) % 7 + 1)]
    return tuple(days)


def read_spans(value: Any) -> Any:
    """Ranges as a tuple of texts: from `closed`, one text with commas, or a list; else unchanged."""
    if value is None or value == "closed":
        return ()
    if isinstance(value, str):
        return tuple(_range(part.strip()) for part in value.split(","))
    return tuple(value) if isinstance(value, list) else value


def _read_text(text: str) -> tuple[dict[str, Any], str | None]:
    if text.strip().lower() in ("24/7", "always", "always open"):
        return dict.fromkeys(DAYS, ("00:00-24:00",)), None
    found: dict[str, Any] = {}
    remark = None
    for part in filter(None, (piece.strip() for piece in re.split(r"[;\n]", text))):
        match = _PROSE.fullmatch(part)
        days = read_days((match["days"] or "daily").strip(" ,:")) if match else None
        zone = _ZONES.get((match["zone"] or "").lower(), match["zone"]) if match else None
        ranges = tuple(_range(whole[0]) for whole in _RANGE.finditer(match["ranges"])) if match else ()
        clear = all(re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", told) for told in ranges)
        if not match or not days or not clear or (zone and "/" not in zone and zone != "UTC"):
            raise ValueError(f"the hours {text!r} cannot be read for certain; write {STRUCTURED}")
        if not match["days"]:
            remark = f"{part!r} names no days and is read as every day"
        if zone:
            found["timezone"] = zone
        found |= dict.fromkeys(days, ranges)
    if not found:
        raise ValueError(f"the hours {text!r} say nothing; write {STRUCTURED}")
    return found, remark


def _day(text: str) -> int | None:
    matches = [index for index, day in enumerate(DAYS) if len(text) >= 3 and day.startswith(text)]
    return matches[0] if len(matches) == 1 else None


def _range(text: str) -> str:
    """`9am-5pm` as `09:00-17:00`; anything that is no range of times stays for the schema to refuse."""
    match = _RANGE.fullmatch(text)
    ends = [_clock(end) for end in match.groups()] if match else []
    return "-".join(end for end in ends if end) if ends and all(ends) else text


def _clock(text: str) -> str | None:
    match = re.fullmatch(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", text.strip().lower())
    if not match or (match[3] and not 1 <= int(match[1]) <= 12):
        return None
    hour = int(match[1]) % 12 + (12 if match[3] == "pm" else 0) if match[3] else int(match[1])
    if not match[3] and not match[2]:
        return None  # a bare "9" may be morning or evening
    return f"{hour:02d}:{match[2] or '00'}"
