"""Passwords: argon2id hashes, made so that a memory of 19 MiB and two passes are needed for each guess."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from engine.errors import Invalid

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# A crowd that signs in at once waits in a queue instead of taking all memory.
_turn = threading.BoundedSemaphore(2)

_M_MMAP_THRESHOLD = -3
_LARGE_BLOCK = 1_048_576


def hash_password(password: str) -> str:
    """A salted hash, with its parameters, to be stored."""
    try:
        password.encode()
    except UnicodeEncodeError:
        raise Invalid(
            "The password holds half of a character.", errors=[{"field": "password", "message": "is not valid Unicode"}]
        ) from None
    with _turn:
        return _hasher().hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether this is the password. Without a stored hash (nobody has that name) it takes as long and is False."""
    try:
        password.encode()
    except UnicodeEncodeError:
        password, stored = "", None
    from argon2.exceptions import InvalidHashError, VerificationError

    with _turn:
        nobody = _nobody()  # made once, by whoever comes first, so that its making tells nothing either
        try:
            right = _hasher().verify(stored or nobody, password)
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


@cache
def _hasher() -> PasswordHasher:
    # Imported by the first who signs in: a server that waits does not carry its 2.5 MB.
    from argon2 import PasswordHasher, Type

    _give_large_blocks_back()
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def _give_large_blocks_back() -> None:
    """Let glibc return a hash's 19 MiB to the system. Left alone it takes the first such block for a habit, and each
    thread that ever hashed a password keeps one: a few people who signed in would cost 200 MB for good."""
    import ctypes

    with suppress(OSError, AttributeError):  # another C library, which has no such habit
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


@cache
def _nobody() -> str:
    return _hasher().hash("the password of nobody")
