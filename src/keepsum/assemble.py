"""Settings become a running system here, and nowhere else: packs, files, keys, clock, engine, wired once."""

import contextlib
import importlib.util
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TypeVar

from keepsum.engine import lint
from keepsum.engine.days import Calendar, zone
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.errors import Conflict, Invalid, NotFound, Unavailable
from keepsum.pipeline import move, roll
from keepsum.pipeline.proof import Outcome
from keepsum.pipeline.roll import Batch
from keepsum.settings import Settings
from keepsum.store import days, migrate, workspace
from keepsum.store.database import Database
from keepsum.store.homes.embedded import Engine, Segments
from keepsum.store.keys import open_keys
from keepsum.store.scratch import open_scratch
from keepsum.store.workspace import Identity, Workspace

DEFAULT = "default"
GROUP = "keepsum.packs"
PARALLEL_FROM = 400_000  # records of a backlog from which more processes are worth their start
AHEAD = 2  # batches that a process has at once, so that it never waits for the next one

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class System:
    """A running install."""

    settings: Settings
    catalog: Catalog
    control: Database
    workspace: Workspace
    clock: Callable[[], int]
    closing: contextlib.ExitStack = field(repr=False)

    def calendar(self) -> Calendar:
        """Give the workspace's days, with the ones that are written down."""
        with self.workspace.file.read() as connection:
            return Calendar(self.workspace.identity.zone, days.known(connection))

    def note(self) -> None:
        """Remember in the control file how far the workspace has come."""
        workspace.note(self.control, self.workspace.identity.id, self.workspace.file, now=self.clock())

    def roll(self, batches: Sequence[Batch], advance: roll.Advance) -> Outcome:
        """Roll, prove and seal batches, on several processes when there is much of it."""
        rolling = partial(roll.roll, calendar=self.calendar(), batches=batches, now=self.clock(), advance=advance)
        helpers = _helpers(self, batches)
        if not helpers:
            self.workspace.engine.prepare()
            return rolling(self.workspace)
        alone = replace(self.workspace, engine=self.workspace.engine.on_one_thread())
        with _side_by_side(self, helpers) as each:
            return rolling(alone, each=each)

    def close(self) -> None:
        """Let go of all files."""
        self.closing.close()


def clock_of(settings: Settings) -> Callable[[], int]:
    """Give business time in µs: frozen when the settings say so, else the machine's."""
    if settings.clock is not None:
        frozen = round(settings.clock.timestamp()) * 1_000_000 + settings.clock.microsecond
        return lambda: frozen
    return lambda: time.time_ns() // 1_000


def open_system(settings: Settings, *, accept_rolled_back: str | None = None, threads: int | None = None) -> System:
    """Open (or make) the data directory and everything in it, computing on so many threads (default: all cores).

    Raises `ROLLED_BACK` when a file is older than what was last seen of it, unless a reason to accept that is given,
    and `MADE_OTHERWISE` when the settings name what a workspace was made with, and name it otherwise.
    """
    catalog = find_catalog(settings)
    lint.check(catalog)
    zone(settings.zone)
    clock, data = clock_of(settings), settings.data_dir
    with contextlib.ExitStack() as closing:
        folder = data / "workspaces" / DEFAULT
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        scratch = closing.enter_context(open_scratch(data / "tmp"))
        keys = open_keys(settings.key_dir / DEFAULT, data, create=not (folder / "truth.db").exists())
        control = _opened(closing, data / "control.db")
        with control.write() as connection:
            migrate.upgrade(connection, "control")
        file = _opened(closing, folder / "truth.db")
        wanted = Identity(id=DEFAULT, zone=settings.zone, week_start=settings.week_start_number, k=settings.k)
        identity = workspace.prepare(file, keys, catalog, wanted, now=clock())
        _refuse_otherwise(settings, identity)
        _check_rolled_back(control, file, identity.id, accept_rolled_back, now=clock())
        opened = Workspace(
            identity=identity,
            catalog=catalog,
            file=file,
            control=control,
            keys=keys,
            retired=workspace.retired(file, catalog),
            segments=Segments(folder / "segments", scratch),
            engine=Engine(scratch, threads=threads or os.cpu_count() or 1, memory=settings.memory),
        )
        move.sweep(opened)
        return System(
            settings=settings,
            catalog=catalog,
            control=control,
            workspace=opened,
            clock=clock,
            closing=closing.pop_all(),
        )


def find_catalog(settings: Settings) -> Catalog:
    """Give the declarations of the enabled packs: those that ship or are installed, and the user's own."""
    own = _own(settings.packs)
    names = settings.enabled if settings.enabled is not None else tuple(sorted(own))
    shipped = {} if own.keys() >= set(names) else _shipped()  # which asks everything that is installed
    unknown = [name for name in names if name not in shipped and name not in own]
    if unknown:
        known = ", ".join(sorted({*shipped, *own})) or "none"
        raise NotFound("UNKNOWN_PACK", f"There is no pack {unknown[0]!r}; known: {known}.")
    packs = [_pack(name, _load(name, own[name]) if name in own else shipped[name].load()) for name in names]
    return Catalog(tuple(packs))


def pack_names(settings: Settings) -> tuple[str, ...]:
    """Give the names of all packs there are, enabled or not."""
    return tuple(sorted({*_shipped(), *_own(settings.packs)}))


def roll_all(
    system: System,
    *,
    first: int | None = None,
    last: int | None = None,
    advance: roll.Advance = lambda _days, _records: None,
) -> Outcome:
    """Roll, prove and seal all that is due."""
    batches = roll.plan(system.workspace, system.calendar(), now=system.clock(), first=first, last=last)
    outcome = system.roll(batches, advance)
    system.note()
    return outcome


def _helpers(system: System, batches: Sequence[Batch]) -> int:
    """Give how many more processes are worth their start."""
    more = min(system.settings.processes, len(batches)) - 1
    return more if more > 0 and roll.backlog(system.workspace, batches) >= PARALLEL_FROM else 0


@contextlib.contextmanager
def _side_by_side(
    system: System, helpers: int
) -> Generator[Callable[[Callable[[Batch], Outcome], Sequence[Batch]], Iterator[Outcome]]]:
    """Give a map over batches on helpers and here, each taking the next one as soon as it is free."""
    from concurrent.futures import (  # noqa: PLC0415 - few commands have a backlog, all would wait for it
        FIRST_COMPLETED,
        Future,
        ProcessPoolExecutor,
        wait,
    )
    from multiprocessing import get_context  # noqa: PLC0415 - the same

    def each(here: Callable[[Batch], Outcome], batches: Sequence[Batch]) -> Iterator[Outcome]:
        left, away = deque(batches), set[Future[Outcome]]()
        while left or away:
            while left and len(away) < helpers * AHEAD:
                away.add(pool.submit(_roll_in_process, left.popleft()))
            if left:
                yield here(left.popleft())
            ended = wait(away, timeout=0 if left else None, return_when=FIRST_COMPLETED).done
            away.difference_update(ended)
            yield from (one.result() for one in ended)

    # TRICKY: DuckDB and open files do not survive a fork, so helpers start anew and open the system themselves.
    with ProcessPoolExecutor(
        helpers, get_context("spawn"), initializer=_start_process, initargs=(system.settings,)
    ) as pool:
        yield each


_process: dict[str, System] = {}


def _start_process(settings: Settings) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for this one
    alone = settings.model_copy(update={"processes": 1})
    _process["system"] = open_system(alone, threads=1)  # more than one a core only get in each other's way


def _roll_in_process(batch: Batch) -> Outcome:
    system = _process["system"]
    return roll.roll_batch(system.workspace, system.calendar(), batch, now=system.clock())


def _opened(closing: contextlib.ExitStack, path: Path) -> Database:
    try:
        database = Database(path)
    except OSError as error:
        raise Unavailable("DATA_DIR_UNUSABLE", f"The file {str(path)!r} cannot be opened: {error.strerror}.") from error
    closing.callback(database.close)
    return database


def _refuse_otherwise(settings: Settings, made: Identity) -> None:
    """Raise when a workspace was made with another zone, week or k than somebody names."""
    values = {"zone": made.zone, "week_start": made.week_start, "k": made.k}
    asked = {"zone": settings.zone, "week_start": settings.week_start_number, "k": settings.k}
    for name, value in values.items():
        if name in settings.model_fields_set and asked[name] != value:
            message = f"The workspace was made with another {name!r} ({value!r}), which stays: leave it out."
            raise Conflict("MADE_OTHERWISE", message)


def _check_rolled_back(control: Database, file: Database, name: str, reason: str | None, *, now: int) -> None:
    try:
        workspace.refuse_rolled_back(control, name, file)
    except Unavailable:
        if reason is None:
            raise
        workspace.accept_rolled_back(control, name, file, reason, now=now)
    workspace.note(control, name, file, now=now)


def _shipped() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _own(folder: Path) -> dict[str, Path]:
    files = [p for p in folder.glob("*.py") if not p.stem.startswith("_")]
    return {path.stem: path for path in sorted([*files, *(p.parent for p in folder.glob("*/__init__.py"))])}


def _load(name: str, path: Path) -> object:
    """Import a pack from the user's folder, under a name of its own."""
    file = path if path.suffix == ".py" else path / "__init__.py"
    folder = None if path.suffix == ".py" else [str(path)]
    spec = importlib.util.spec_from_file_location(f"keepsum_pack_{name}", file, submodule_search_locations=folder)
    if spec is None or spec.loader is None:
        raise Invalid("BAD_PACK", f"The pack {name!r} cannot be imported from {str(file)!r}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise Invalid("BAD_PACK", f"The pack {name!r} fails on import: {type(error).__name__}: {error}.") from error
    return module


def _pack(name: str, module: object) -> Pack:
    pack = getattr(module, "PACK", None)
    if not isinstance(pack, Pack):
        raise Invalid("BAD_PACK", f"The pack {name!r} has no PACK = Pack(...).")
    return pack
