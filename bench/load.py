"""The load generator: Debian's wrk on one thread of the same machine, with a script that makes events on the fly."""

import json
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.outcome import CannotRun

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, kw_only=True)
class Load:
    """What came of a load: requests answered well, badly and not at all, and how long the answers took."""

    batch: int
    good: int
    bad: int
    errors: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    @property
    def rate(self) -> float:
        """Events a second that were acknowledged."""
        return self.good * self.batch / self.seconds

    @property
    def is_clean(self) -> bool:
        return not self.bad and not self.errors


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What is sent: events a request, connections, whether with free texts, what a good answer holds, and a token."""

    batch: int
    connections: int
    notes: bool = False
    told: str = ""
    token: str = ""


def send(url: str, shape: Shape, seconds: int) -> Load:
    """Send for some seconds and give what came of it."""
    if shutil.which("wrk") is None:
        raise CannotRun("wrk is not installed (Debian: apt-get install wrk)")
    command = ["wrk", "-t1", f"-c{shape.connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT), url]
    told = {"RUN": secrets.token_hex(4), "BATCH": str(shape.batch), "NOTES": str(int(shape.notes)), "TOLD": shape.told}
    told["TOKEN"] = shape.token
    done = subprocess.run(command, env={**os.environ, **told}, check=False, capture_output=True, text=True)
    last = next((line for line in done.stdout.splitlines() if line.startswith("{")), None)
    if last is None:
        raise RuntimeError(f"wrk said nothing: {done.stdout[-500:]}{done.stderr[-500:]}")
    found = Load(batch=shape.batch, **json.loads(last))
    if found.bad or not found.good:
        raise RuntimeError(
            f"{found.bad} of {found.good + found.bad} requests to {url} were refused: {done.stderr[:400]}"
        )
    return found
