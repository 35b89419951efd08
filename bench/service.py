"""Keepsum's ingest against the service that a team would write on PostgreSQL, under the same load on the same disk."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace

from bench import machine, outcome
from bench.environment import PEERS, environment
from bench.install import Install, free_port, running, served
from bench.load import Load, Shape, send
from bench.outcome import Found, Line
from bench.postgres import postgres
from bench.run import Run, alternate

TITLE = "against FastAPI + SQLAlchemy + PostgreSQL"
CONNECTIONS = 32
SINGLES, BATCHES = 1, 100
GOALS = {SINGLES: 5.0, BATCHES: 3.0}
NAMES = {SINGLES: "single events on 32 connections", BATCHES: "batches of 100 on 32 connections"}


def measure(run: Run) -> Found:
    """Give how many times more events a second, singly and in batches; the disk's fdatasync beside it."""
    programs = environment(run, "plain_service")
    sync = machine.fdatasync(run.folder("disk"))
    lines: list[Line] = []
    samples: dict[str, object] = {"fdatasync_s": sync}
    for batch, goal in GOALS.items():
        loads = alternate(run.runs, {"ours": _ours(run, batch), "theirs": _theirs(run, batch, str(programs))})
        lines.append(_line(batch, goal, loads, sync))
        samples[NAMES[batch]] = {name: [vars(load) for load in listed] for name, listed in loads.items()}
    return Found(lines=tuple(lines), samples=samples)


def _line(batch: int, goal: float, loads: dict[str, list[Load]], sync: float) -> Line:
    ours, theirs = (outcome.median(load.rate for load in loads[name]) for name in ("ours", "theirs"))
    slowest = {name: outcome.median(load.p99_ms for load in listed) for name, listed in loads.items()}
    return Line(
        row=f"{TITLE}: {NAMES[batch]}",
        ours=outcome.rate(ours),
        other=outcome.rate(theirs),
        ratio=ours / theirs,
        goal=f">= {goal:.0f} times",
        met=ours / theirs >= goal,
        note=f"p99 {slowest['ours']:.1f} against {slowest['theirs']:.1f} ms; the disk's fdatasync takes "
        f"{sync * 1000:.2f} ms",
    )


def _ours(run: Run, batch: int) -> Callable[[], Load]:
    shape = Shape(batch=batch, connections=CONNECTIONS, told=f'"accepted":{batch},')

    def load() -> Load:
        install = Install(folder=run.folder("ours"))
        with served(install) as address:
            return _loaded(run, f"{address}/v1/streams/events/records", replace(shape, token=install.token))

    return load


def _theirs(run: Run, batch: int, programs: str) -> Callable[[], Load]:
    shape = Shape(batch=batch, connections=CONNECTIONS, told=f'"accepted":{batch}' + "}")

    def load() -> Load:
        with _plain_service(run, programs) as address:
            return _loaded(run, f"{address}/events{'' if batch == 1 else '/batch'}", shape)

    return load


def _loaded(run: Run, url: str, shape: Shape) -> Load:
    """Give the load after a short one to warm up."""
    send(url, shape, run.sized(2, 1))
    return send(url, shape, run.sized(8, 1))


@contextmanager
def _plain_service(run: Run, programs: str) -> Generator[str]:
    port = free_port()
    command = [f"{programs}/uvicorn", "plain_service:app", "--app-dir", str(PEERS), "--port", str(port)]
    with postgres(run) as database:
        url = {"PLAIN_URL": f"postgresql+asyncpg://postgres@{database}/postgres"}
        log = run.folder("plain") / "server.log"
        with running([*command, "--no-access-log"], url, f"http://127.0.0.1:{port}", "/ready", log) as address:
            yield address
