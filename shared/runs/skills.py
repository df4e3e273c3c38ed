"""Skills a template came to: a list as people write it, ['returns'] or returns, sizes."""

import re


def skills_in(text: str) -> tuple[str, ...]:
    """The skills a text names."""
    return tuple(dict.fromkeys(re.findall(r"[\w-]+", text)))
