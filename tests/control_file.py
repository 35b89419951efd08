"""What tests of jobs and schedules share: a control file as an install makes it, and a clock they move themselves."""

import tempfile
from functools import cache
from pathlib import Path

from keepsum.store import migrate
from keepsum.store.database import Database


def open_control(path):
    """A fresh control file; the tables are made once a test process and copied."""
    path.write_bytes(_template())
    return Database(path)


@cache
def _template():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "control.db"
        control = Database(path)
        with control.write() as connection:
            migrate.upgrade(connection, "control")
        control.close()
        return path.read_bytes()


class Clock:
    """A time that stands still until a test moves it."""

    def __init__(self, start):
        self.now = start

    def __call__(self):
        return self.now
