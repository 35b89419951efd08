"""A peer's own virtual environment, made by uv the first time and kept in the cache."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from bench.outcome import CannotRun
from bench.run import Run, discard

PEERS = Path(__file__).with_name("peers")
UV = Path(sys.executable).with_name("uv")


def environment(run: Run, name: str) -> Path:
    """Give the `bin` folder of the environment that `peers/<name>.txt` asks for."""
    wanted = PEERS / f"{name}.txt"
    stamp = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = run.cache / "environments" / f"{name}-{stamp}"
    if not (folder / "complete").exists():
        discard(folder)
        python = folder / "bin" / "python"
        _uv(name, "venv", "--quiet", "--python", sys.executable, str(folder))
        _uv(name, "pip", "install", "--quiet", "--python", str(python), "--requirements", str(wanted))
        (folder / "complete").touch()
    return folder / "bin"


def _uv(name: str, *arguments: str) -> None:
    uv = str(UV) if UV.exists() else shutil.which("uv")
    if uv is None:
        raise CannotRun(f"the environment of {name} needs uv")
    done = subprocess.run([uv, *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise CannotRun(f"the environment of {name} cannot be installed: {last}")
