"""`keepsum worker`: carries out jobs, beside a server or alone; and how the worker of an install is made."""

import itertools
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

from keepsum.cli.door import installed
from keepsum.cli.screen import Screen, say

if TYPE_CHECKING:
    from keepsum.assemble.install import Install
    from keepsum.settings import Settings
    from keepsum.worker import Worker

_numbers = itertools.count(1)


def make_worker(install: "Install", name: str = "") -> "Worker":
    """Give a worker of all workspaces, after making their schedules those of the settings; raises `BAD_CRON`.

    A workspace that cannot be opened keeps the others from nothing: it is told of, and its jobs say why they fail.
    """
    import structlog

    from keepsum.engine.schedule import check
    from keepsum.model.errors import KeepsumError, about
    from keepsum.pipeline.exports import sweep
    from keepsum.pipeline.jobs import PROMPT, carry_out, schedule
    from keepsum.store import workspaces
    from keepsum.worker import Worker

    if install.nightly is not None:
        check(install.nightly, install.settings.zone)
    for entry in workspaces.listing(install.control):
        try:
            system = install.system(entry.id)
            schedule(system, install.nightly)
            sweep(system.exports)
        except KeepsumError as error:
            structlog.get_logger(__name__).error("workspace not opened", workspace=entry.id, **about(error))
    return Worker(
        install.control,
        lambda run, progress: carry_out(install.system(run.workspace), run.job, run.parameters, progress),
        clock=install.clock,
        name=name or own_name(),
        prompt=PROMPT,
    )


def own_name() -> str:
    """Give a worker a name that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{next(_numbers)}"


def worker(settings: "Settings", screen: Screen) -> None:
    """Carry out jobs until told to stop; those under way are then queued again."""
    from keepsum.http.log import configure
    from keepsum.store import workspaces

    stop, name = threading.Event(), own_name()

    def end(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    configure()
    with installed(settings) as install:
        one = make_worker(install, name)
        if screen.json:
            screen.show(
                {"worker": name, "workspaces": [entry.name for entry in workspaces.listing(install.control)]}, tuple
            )
        else:
            say("keepsum worker: waiting for jobs, Ctrl-C stops it")
        one.run(stop)
