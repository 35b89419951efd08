"""Servers of a test's own that become replicas: they answer questions, and refuse every change."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import pymysql
import pytest
from tests.databases import Database

IS_ROOT = os.geteuid() == 0
# Other users write there, who may not where the tests keep their own files.
SHARED = "/tmp"
ELSEWHERE = os.environ | {"TMPDIR": SHARED}
KINDS = ("postgres", "mysql")
_PROGRAMS = {"postgres": "initdb", "mysql": "mariadb-install-db"}


class Server(Protocol):
    """A server with one database, the primary at first."""

    database: Database

    def demote(self) -> None:
        """Let it be a replica."""
        ...

    def promote(self) -> None:
        """Let it be the primary again."""
        ...


@contextmanager
def served_by(dialect: str) -> Generator[Server]:
    """Give a server of the test's own."""
    if _program(_PROGRAMS[dialect]) is None:
        missing = f"there is no {_PROGRAMS[dialect]} to make a server with"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with _folder("postgres" if dialect == "postgres" else "mysql") as folder:
        made = _Postgres(folder) if dialect == "postgres" else _Mariadb(folder)
        try:
            yield made
        finally:
            made.stop()


class _Postgres:
    """A cluster that is started in recovery when it is to be a replica."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._data = folder, folder / "data"
        _run("initdb", "-D", str(self._data), "-U", "keepsum", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8")
        self.database = Database("postgres", f"postgresql+psycopg://keepsum@/postgres?host={folder}")
        self._start()

    def demote(self) -> None:
        self.stop()
        (self._data / "standby.signal").touch()
        self._start()

    def promote(self) -> None:
        _run("pg_ctl", "promote", "-w", "-D", str(self._data))

    def stop(self) -> None:
        _run("pg_ctl", "stop", "-m", "fast", "-w", "-D", str(self._data))

    def _start(self) -> None:
        said = f"-c listen_addresses= -c fsync=off -c shared_buffers=16MB -k {self._folder}"
        log = str(self._folder / "log")
        _run("pg_ctl", "start", "-w", "-D", str(self._data), "-l", log, "-o", said)


class _Mariadb:
    """A server that is told to be read-only, as replicas are; whoever owns it may write all the same."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "socket")
        data = folder / "data"
        made_as = ("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
        _run("mariadb-install-db", "--no-defaults", f"--datadir={data}", *_as_owner(), *made_as)
        sizes = ("--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0", "--skip-networking")
        where = (f"--datadir={data}", f"--socket={self._socket}", f"--pid-file={folder / 'pid'}")
        command = (_program("mariadbd") or "mariadbd", "--no-defaults", *where, *_as_owner(), *sizes)
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ELSEWHERE)
        self._await()
        self._tell("CREATE DATABASE shop", "CREATE USER keepsum@localhost", "GRANT ALL ON shop.* TO keepsum@localhost")
        self.database = Database("mysql", f"mysql+pymysql://keepsum@localhost/shop?unix_socket={self._socket}")

    def demote(self) -> None:
        self._tell("SET GLOBAL read_only = 1")

    def promote(self) -> None:
        self._tell("SET GLOBAL read_only = 0")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)

    def _tell(self, *statements: str) -> None:
        with closing(pymysql.connect(unix_socket=self._socket, user="root")) as root, closing(root.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _await(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as asking:
                if asking.connect_ex(self._socket) == 0:
                    return
            time.sleep(0.05)
        pytest.fail("the server did not start within a minute")


@contextmanager
def _folder(owner: str) -> Generator[Path]:
    """Give a folder with a name short enough for sockets, which the server's own user may write when we are root."""
    with tempfile.TemporaryDirectory(prefix="keepsum-", dir=SHARED) as name:
        if IS_ROOT:
            shutil.chown(name, owner)
        yield Path(name)


def _as_owner() -> tuple[str, ...]:
    return ("--user=mysql",) if IS_ROOT else ()


def _run(program: str, *arguments: str) -> None:
    """Run one of the servers' programs; PostgreSQL's refuse root, and run as its own user."""
    command = [_program(program) or program, *arguments]
    if IS_ROOT and program in ("initdb", "pg_ctl"):
        command = ["runuser", "-u", "postgres", "--", *command]
    nothing = subprocess.DEVNULL
    subprocess.run(command, check=True, stdin=nothing, stdout=nothing, cwd="/", timeout=120, env=ELSEWHERE)


def _program(name: str) -> str | None:
    """Find a program, also where Debian keeps those of PostgreSQL: one folder for each version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name) or next((str(one / name) for one in folders if (one / name).exists()), None)
