"""Passwords, kept as argon2id hashes; a hash takes time and memory on purpose, so two at once are enough."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.domain.errors import Permanent

LEAST = 10
MOST = 256
"""Characters of a password."""

_hasher = PasswordHasher()  # RFC 9106's second choice: 64 MiB, three passes
_workers = ThreadPoolExecutor(2, "passwords")  # caps the memory too


def demand_good(password: str, *known: str) -> None:
    """Returns if a password may be chosen by somebody of whom `known` is known. Raises Permanent."""
    if len(password) < LEAST:
        raise Permanent(f"The password has {len(password)} characters; choose at least {LEAST}.")
    if len(password) > MOST:
        raise Permanent(f"The password has {len(password)} characters; choose at most {MOST}.")
    if len(set(password)) < 5:
        raise Permanent("The password repeats the same few characters; choose a longer phrase.")
    if any(word and password.lower() == word.lower() for word in known):
        raise Permanent("The password is your own name or address; choose another.")


async def hashed(password: str) -> str:
    """The hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_workers, _hasher.hash, password)


async def fits(kept: str, password: str) -> bool:
    """Whether a password is the one that was hashed; it takes as long where there is no hash."""
    return await asyncio.get_running_loop().run_in_executor(_workers, _fits, kept, password)


def _fits(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept or _nobodys(), password[:MOST]) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """A hash to check against where there is nobody, so that the time tells nothing."""
    return _hasher.hash("nobody has this password")
