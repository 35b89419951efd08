"""One blocking lock a file, across processes and threads."""

import fcntl
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


class FileLock:
    """A lock held by one thread of one process at a time; waiting is blocking, never polling."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.RLock()
        self._is_mine = False

    @contextmanager
    def tried(self) -> Generator[bool]:
        """Hold the lock unless somebody else does; says whether."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        is_held = False
        try:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_held = True
            yield is_held
        finally:
            os.close(descriptor)

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold the lock; the same thread may hold it again inside."""
        with self._thread:
            if self._is_mine:
                yield
                return
            # TRICKY: a lock belongs to the open file, so each outermost holder opens its own; closing releases it,
            # also when the process is killed.
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                self._is_mine = True
                yield
            finally:
                self._is_mine = False
                os.close(descriptor)
