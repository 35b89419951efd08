"""The demo as a terminal has it, and what it left: run once for all workers of a run."""

import fcntl
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, kw_only=True)
class Demonstrated:
    """How a demo that ends at once ended, what it wrote to its two outputs, and the install that is left of it."""

    code: int
    printed: str
    said: str
    folder: str


def environment():
    """The environment of somebody who has set up an install of their own, which is none of the demo's business."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KEEPSUM_")}
    return plain | {"KEEPSUM_ZONE": "Asia/Tokyo", "KEEPSUM_K": "3", "HTTP_PROXY": "http://127.0.0.1:9"}


@pytest.fixture(scope="session")
def demonstrated(tmp_path_factory):
    run = tmp_path_factory.getbasetemp()
    place = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "demonstrated"
    place.mkdir(exist_ok=True)
    told = place / "told.json"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(asdict(_demonstrate(place))), encoding="utf-8")
    return Demonstrated(**json.loads(told.read_text(encoding="utf-8")))


def _demonstrate(place: Path) -> Demonstrated:
    command = [sys.executable, "-m", "keepsum.cli", "demo", "--once", "--json"]
    done = subprocess.run(
        command, cwd=place, env=environment(), capture_output=True, text=True, check=False, timeout=500
    )
    folder = str(place / "keepsum-data" / "demo")
    return Demonstrated(code=done.returncode, printed=done.stdout, said=done.stderr, folder=folder)
