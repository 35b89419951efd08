"""Looks at workspaces that are watched: one a second at each, however many watch it, and none where nobody does.

Whoever watches waits in the event loop, which all of this is used in; only the look itself takes a thread.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from keepsum.assemble.install import Install
from keepsum.assemble.system import System
from keepsum.model.access import Caller
from keepsum.model.errors import KeepsumError, Unavailable, about
from keepsum.pipeline.watch import Look, look_at

EVERY = 1.0  # seconds
MOST = 50  # streams of one caller; all strangers at one published dashboard are one
MOST_OF_PLACE = 10  # of these that come from one address, so that nobody there takes the places of all others
AT_ONCE = 4  # answers that are made for all streams together, so that other requests find a thread

_log: Any = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a look showed: the workspace, how far it has come, and the stamp of who may do what."""

    system: System
    look: Look
    rights: tuple[int, ...]


@dataclass(kw_only=True)
class Lookout:
    """A workspace that is watched: what was seen last, or why nothing was."""

    sight: Sight | None = None
    failure: KeepsumError | None = None
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    watchers: int = 0
    task: "asyncio.Task[None] | None" = None

    async def sights(self, begun: Sight | None) -> Sight:
        """Give what is seen after `begun`, at once if that is old already; raises why nothing is seen any more."""
        if self.failure is None and (self.sight is None or self.sight is begun):
            await self.looked.wait()
        if self.failure is not None:
            raise self.failure
        assert self.sight is not None  # noqa: S101 -- whoever looked left one of both
        return self.sight


class Looks:
    """All workspaces of a server that are watched."""

    def __init__(self, install: Install) -> None:
        self._install = install
        self._lookouts: dict[str, Lookout] = {}
        self._watching: Counter[tuple[str, str]] = Counter()  # by caller and place, and by caller in all places
        self._over: KeepsumError | None = None
        self.turns = asyncio.Semaphore(AT_ONCE)

    def check(self, caller: Caller, place: str = "") -> None:
        """Raise `TOO_MANY_LIVE` for a caller who watches in as many places as one may already.

        Strangers name the place that they come from: fewer may be of one.
        """
        if self._watching[caller.id, ""] >= MOST:
            message = f"You watch in {MOST} places, which is as many as there may be: close some of them."
            raise Unavailable("TOO_MANY_LIVE", message)
        if place and self._watching[caller.id, place] >= MOST_OF_PLACE:
            message = f"Your address watches {MOST_OF_PLACE} times, which is as often as it may: close some of them."
            raise Unavailable("TOO_MANY_LIVE", message)

    @contextmanager
    def watching(self, caller: Caller, place: str = "") -> Generator[Lookout]:
        """Give the lookout of a caller's workspace, which is looked at while anybody watches it; raises as `check`."""
        self.check(caller, place)  # many may have come at once
        lookout = self._lookouts.setdefault(caller.workspace, Lookout(failure=self._over))
        lookout.watchers += 1
        counted = Counter({(caller.id, one) for one in ("", place)})
        self._watching += counted
        if lookout.task is None:
            lookout.task = asyncio.create_task(self._look_on(caller.workspace, lookout))
        try:
            yield lookout
        finally:
            lookout.watchers -= 1
            self._watching -= counted  # forgets whoever has none left
            if not lookout.watchers:
                lookout.task.cancel()
                self._lookouts.pop(caller.workspace, None)

    def end(self) -> None:
        """Let nobody wait any more: a server that stops would wait for them in turn."""
        self._over = Unavailable("SHUTTING_DOWN", "The server is stopping: watch again in a moment.")
        for lookout in self._lookouts.values():
            lookout.failure = self._over
            lookout.looked.set()

    async def _look_on(self, workspace: str, lookout: Lookout) -> None:
        while self._over is None:
            await self._look_once(workspace, lookout)
            looked, lookout.looked = lookout.looked, asyncio.Event()
            looked.set()
            await asyncio.sleep(EVERY)

    async def _look_once(self, workspace: str, lookout: Lookout) -> None:
        try:
            seen = await asyncio.get_running_loop().run_in_executor(None, self._seen, workspace, lookout.sight)
        except KeepsumError as error:
            lookout.failure = self._over or error
        except Exception as error:  # noqa: BLE001 -- nobody may wait for ever because of it
            _log.error("look broke", workspace=workspace, **about(error))
            lookout.failure = self._over or KeepsumError("INTERNAL", "Something broke; the server's log says where.")
        else:
            lookout.sight, lookout.failure = seen, self._over

    def _seen(self, workspace: str, before: Sight | None) -> Sight:
        """Look; what is as it was is given as it was, so that who watches need not compare it."""
        rights = self._install.control.stamp()  # before all else: what changes meanwhile is seen by the next look
        system = self._install.system(workspace)
        look = look_at(system.workspace, now=system.clock(), seconds=time.monotonic())
        found = Sight(system=system, look=look, rights=rights)
        is_same = before is not None and (before.system, before.look, before.rights) == (system, look, rights)
        return before if before is not None and is_same else found
