"""Passwords: which ones may be chosen, and their argon2id hashes (RFC 9106, the second recommended choice)."""

import threading
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError

from keepsum.model.errors import Invalid, Unavailable

SHORTEST, LONGEST, DIFFERENT = 12, 256, 6  # characters
TIME, MEMORY, LANES = 3, 65_536, 4  # passes, KiB, threads
AT_ONCE, PATIENCE = 4, 10.0  # hashes, each with its memory; seconds to wait for a turn


class Passwords:
    """Hashes and compares, a few at once; each takes a tenth of a second or more, so call it in a thread."""

    def __init__(self, *, memory: int = MEMORY) -> None:
        self._hasher = PasswordHasher(time_cost=TIME, memory_cost=memory, parallelism=LANES, type=Type.ID)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        # Where no hash is stored to compare with, this one is: of the same cost, and of a password that nobody has.
        self._nobodys = f"$argon2id$v=19$m={memory},t={TIME},p={LANES}${'A' * 22}${'A' * 43}"

    def hashed(self, password: str) -> str:
        """Give what is stored of a password."""
        with self._turn():
            return self._hasher.hash(_plain(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Say whether a password is the one whose hash is stored; takes as long where none is stored."""
        if len(password) > LONGEST:
            return False
        with self._turn():
            try:
                return self._hasher.verify(stored or self._nobodys, _plain(password)) and stored is not None
            except VerificationError:
                return False

    def outdated(self, stored: str) -> bool:
        """Say whether a hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(stored)

    @contextmanager
    def _turn(self) -> Generator[None]:
        if not self._turns.acquire(timeout=PATIENCE):
            raise Unavailable("BUSY", "Too many passwords are being checked at once: try again in a moment.")
        try:
            yield
        finally:
            self._turns.release()


def check(password: str, *others: str) -> None:
    """Raise `BAD_PASSWORD` for one that is easily guessed: too short, too plain, or one of the person's other words."""
    plain = _plain(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise Invalid("BAD_PASSWORD", f"A password has {SHORTEST} to {LONGEST} characters; a sentence is a good one.")
    if len(set(plain)) < DIFFERENT:
        raise Invalid("BAD_PASSWORD", f"A password has at least {DIFFERENT} different characters.")
    if any(other and other.lower() in {plain.lower(), plain.lower()[::-1]} for other in others):
        raise Invalid("BAD_PASSWORD", "A password is not the address or the name.")


def _plain(password: str) -> str:
    """Give the one form of a text that keyboards may send in several."""
    return unicodedata.normalize("NFKC", password)
