"""The door for programs: questions and the routes of packs, awaited, with no server in between."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from keepsum.assemble.install import Install, open_install, refuse_no_data
from keepsum.assemble.system import System
from keepsum.model.access import machine
from keepsum.model.answer import Answer
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of
from keepsum.pipeline.live import Remembered
from keepsum.pipeline.pack_routes import call
from keepsum.settings import load
from keepsum.store import workspaces

T = TypeVar("T")
NOTHING: Mapping[str, object] = {}


class Client:
    """One workspace of a data directory on this machine, to be asked from an event loop; any number of tasks may.

    It asks with every right, as whoever holds the data directory may; a question with `guarded` hides small groups.
    Servers, workers and other programs may work on the same data directory meanwhile.
    """

    def __init__(self, install: Install, workspace: str) -> None:
        self._install, self._id = install, workspace
        self._remembered = Remembered()

    async def ask(self, question: Mapping[str, object]) -> Answer:
        """Give the answer to a question as `POST /v1/query` takes it; raises what that path refuses."""

        def asked(system: System) -> Answer:
            caller, query = machine(system.id), query_of(question)
            return answer(system.workspace, query, caller=caller, now=system.clock(), remembered=self._remembered)

        return await self._with_system(asked)

    async def get(self, path: str, given: Mapping[str, object] = NOTHING) -> Any:
        """Give what a pack's route answers, as plain values: exact decimals, dates, lists, mappings.

        `given` are its parameters by name; dates may be `datetime.date`. Raises `UNKNOWN_PATH`, `MISSING_PARAMETER`,
        `BAD_PARAMETER`, `UNKNOWN_PARAMETER`, and what the route raises.
        """
        return await self._called("GET", path, given)

    async def post(self, path: str, given: Mapping[str, object] = NOTHING) -> Any:
        """Give what a pack's route answers to a POST; the same as `get` else."""
        return await self._called("POST", path, given)

    async def _called(self, method: str, path: str, given: Mapping[str, object]) -> object:
        plain = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in given.items()}

        def called(system: System) -> object:
            return call(
                system.exports,
                method,
                path,
                plain,
                caller=machine(system.id),
                told=system.told,
                remembered=self._remembered,
                now=system.clock(),
            )

        return await self._with_system(called)

    async def _with_system(self, act: Callable[[System], T]) -> T:
        return await asyncio.to_thread(lambda: act(self._install.system(self._id)))


@asynccontextmanager
async def open_client(**settings: object) -> AsyncGenerator[Client]:
    """Open a data directory that is there, for as long as the block runs, and give the client of one workspace.

    `settings` are those of the command line by name, such as `data_dir`, `key_dir` and `workspace`; what is left out
    comes from the environment. Raises `BAD_SETTING`, `NO_DATA_DIRECTORY` and `UNKNOWN_WORKSPACE`.
    """
    told = load(**settings)
    refuse_no_data(told)
    install = await asyncio.to_thread(open_install, told)
    try:
        entry = await asyncio.to_thread(workspaces.named, install.control, told.workspace)
        yield Client(install, entry.id)
    finally:
        await asyncio.to_thread(install.close)
