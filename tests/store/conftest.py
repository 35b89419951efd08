import tempfile
from functools import cache
from pathlib import Path

import pytest

from keepsum.store import migrate
from keepsum.store.database import Database


@pytest.fixture
def file(tmp_path):
    """A workspace file with its fixed tables and nothing in them; they are made once a test process and copied."""
    path = tmp_path / "truth.db"
    path.write_bytes(_template())
    made = Database(path)
    yield made
    made.close()


@cache
def _template():
    with tempfile.TemporaryDirectory() as folder:
        made = Database(Path(folder) / "truth.db")
        with made.write() as connection:
            migrate.upgrade(connection, "workspace")
        made.close()
        return made.path.read_bytes()
