"""What a browser is called, so that people recognise their own sessions; a guess from its own words."""

import re

_NAMES = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac OS", "Mac"), ("Windows", "Windows"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_name(user_agent: str) -> str:
    """`Chrome on Linux`, or `A browser` where nothing is known."""
    name = next((name for mark, name in _NAMES if re.search(rf"\b\w*{mark}", user_agent)), "A browser")
    system = next((system for mark, system in _SYSTEMS if mark in user_agent), "")
    return f"{name} on {system}" if system else name
