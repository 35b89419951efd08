"""A MariaDB of one's own, with room for a large table in memory, on the disk that is measured: gone when a run ends."""

import os
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pymysql

from bench.install import free_port
from bench.machine import runner
from bench.outcome import CannotRun
from bench.run import Run, discard

OWNER = "mysql"
START = 60.0  # seconds it may take to answer
ROOM = ("--innodb-buffer-pool-size=2G", "--innodb-log-file-size=1G")


@contextmanager
def mariadb(run: Run) -> Generator[int]:
    """Start a new server while the block runs; gives its port, on which root needs no password."""
    install, server = (_program(name) for name in ("mariadb-install-db", "mariadbd"))
    folder, owner = run.folder("mariadb"), runner("MariaDB", OWNER)
    if owner:
        shutil.chown(folder, owner)
    data, port = folder / "data", free_port()
    where = ["--no-defaults", f"--datadir={data}", *([f"--user={owner}"] if owner else [])]
    made = subprocess.run(
        [install, *where, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if made.returncode:
        raise CannotRun(f"MariaDB: mariadb-install-db: {(made.stderr or made.stdout).strip()[-300:]}")
    listening = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder / 'socket'}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([server, *where, *listening, *ROOM, "--local-infile=1"], stdout=log, stderr=log)
    try:
        _await(process, port, folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait()
        discard(folder)


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise CannotRun(f"MariaDB is not installed: no {name} (Debian: apt-get install mariadb-server)")
    return found


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        try:
            with closing(pymysql.connect(host="127.0.0.1", port=port, user="root")):
                return
        except pymysql.Error:
            time.sleep(0.1)
    raise CannotRun(f"MariaDB does not answer: {log.read_text(encoding='utf-8', errors='replace')[-300:]}")
