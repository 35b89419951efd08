"""`keepsum worker`: carries out jobs, beside a server or alone; and how a worker of a system is made."""

import itertools
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

from keepsum.cli.door import opened
from keepsum.cli.screen import Screen, say

if TYPE_CHECKING:
    from keepsum.assemble import System
    from keepsum.settings import Settings
    from keepsum.worker import Worker

MOVES = "*/5 * * * *"

_numbers = itertools.count(1)


def make_worker(system: "System", name: str = "") -> "Worker":
    """Give a worker of a system, after making its schedules those of the settings; raises `BAD_CRON`."""
    from keepsum.engine.schedule import check
    from keepsum.model.job import Schedule
    from keepsum.pipeline.jobs import carry_out
    from keepsum.store import schedules
    from keepsum.worker import Worker

    made = system.workspace.identity
    declared = (
        Schedule(name="nightly", job="nightly", cron=system.settings.nightly, zone=made.zone),
        Schedule(name="move", job="move", cron=MOVES, zone="UTC"),
    )
    for schedule in declared:
        check(schedule.cron, schedule.zone)
    schedules.declare(system.control, made.id, declared, system.clock())
    return Worker(
        system.control,
        lambda run, progress: carry_out(system, run.job, run.parameters, progress),
        clock=system.clock,
        name=name or own_name(),
    )


def own_name() -> str:
    """Give a worker a name that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{next(_numbers)}"


def worker(settings: "Settings", screen: Screen) -> None:
    """Carry out jobs until told to stop; the job under way is then queued again."""
    from keepsum.http.log import configure

    stop, name = threading.Event(), own_name()

    def end(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    configure()
    with opened(settings) as system:
        one = make_worker(system, name)
        if screen.json:
            screen.show({"workspace": system.workspace.identity.id, "worker": name}, tuple)
        else:
            say("keepsum worker: waiting for jobs, Ctrl-C stops it")
        one.run(stop)
