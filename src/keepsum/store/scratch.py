"""The scratch folder: one a process, emptied when its process is gone."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from keepsum.store.lock import FileLock

LOCK = "scratch.lock"


@contextmanager
def open_scratch(folder: Path) -> Generator[Path]:
    """Give this process's own scratch folder, and remove those that crashed processes left behind.

    A folder's owner holds a lock on it for as long as it lives, so a folder that can be locked belongs to nobody.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / LOCK).held():
        _remove_all_left(folder)
        mine = folder / secrets.token_hex(8)
        mine.mkdir(mode=0o700)
        descriptor = os.open(mine, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        os.close(descriptor)


def remove_left(folder: Path) -> None:
    """Remove what crashed processes left behind; what living ones use stays."""
    with FileLock(folder / LOCK).held():
        _remove_all_left(folder)


def _remove_all_left(folder: Path) -> None:
    for left in folder.iterdir():
        if left.name != LOCK:
            _remove_if_left(left)


def _remove_if_left(path: Path) -> None:
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)
