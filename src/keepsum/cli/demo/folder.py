"""The demo's own folder: made anew each time, with keys that everybody knows."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from keepsum.model.errors import Conflict, Unavailable

NAME = "demo"
MARK = "made-by-keepsum-demo"
# Published, so that the demo's estimates come out the same everywhere. Never use them for anything else: whoever knows
# the keys can tell from uniques whether somebody is among the counted.
PUBLISHED_KEYS = "keepsum demo: a key that everybody knows: "


@contextmanager
def fresh_folder(data_dir: Path) -> Generator[Path]:
    """Give an empty demo folder inside the data directory, with its keys, for this process alone.

    Raises `NOT_A_DEMO` when something else has that name, and `DEMO_RUNS` while another process shows it.
    """
    folder = data_dir / NAME
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(data_dir / f"{NAME}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.exists() and not (folder / MARK).is_file():
            message = f"{str(folder)!r} was not made by a demo, so it is not replaced; choose another with --data-dir."
            raise Conflict("NOT_A_DEMO", message)
        shutil.rmtree(folder, ignore_errors=True)
        _lay_keys(folder)
        yield folder
    except BlockingIOError as error:
        message = f"Another process shows the demo in {str(folder)!r}; stop it, or choose another with --data-dir."
        raise Unavailable("DEMO_RUNS", message) from error
    finally:
        os.close(lock)


def _lay_keys(folder: Path) -> None:
    from keepsum.assemble.install import DEFAULT
    from keepsum.store.keys import NAMES

    keys = folder / "keys" / DEFAULT
    keys.mkdir(parents=True, mode=0o700)
    (folder / MARK).write_text("Everything in this folder goes when the demo is shown again.\n")
    for name in NAMES:
        (keys / f"{name}.key").write_bytes(hashlib.sha256(f"{PUBLISHED_KEYS}{name}".encode()).digest())
