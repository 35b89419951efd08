"""An open install: the control file, and each workspace once it is asked for."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keepsum.assemble.catalog import find_catalog
from keepsum.assemble.databases import attached_databases
from keepsum.assemble.system import System
from keepsum.engine import lint
from keepsum.engine.days import zone
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Conflict, Invalid, KeepsumError, NotFound, Unavailable, about
from keepsum.model.workspace import WorkspaceEntry, WorkspaceState
from keepsum.pipeline import attach, move
from keepsum.pipeline.workspaces import settle
from keepsum.settings import Settings, of_packs
from keepsum.store import migrate, own_metrics, workspace, workspaces
from keepsum.store.database import Database
from keepsum.store.homes.embedded import Engine, Segments
from keepsum.store.keys import open_keys, refuse_inside
from keepsum.store.own_metrics import OwnMetric
from keepsum.store.scratch import open_scratch
from keepsum.store.workspace import Identity, Terms, Workspace

if TYPE_CHECKING:
    from keepsum.pipeline.accounts import Accounts
    from keepsum.pipeline.collect import Collector
    from keepsum.store.vault import Vault

DEFAULT = "default"
LOOKS_EVERY = 0.5  # seconds of the machine between two looks at whether a workspace is still what it was


@dataclass(kw_only=True)
class Opened:
    """A workspace that is open, with what takes its records in once that began; it was last looked at at `looked`."""

    entry: WorkspaceEntry
    system: System
    looked: float
    own: tuple[OwnMetric, ...] = ()
    collector: "Collector | None" = None

    def look(self, now: float) -> None:
        """Notice metrics that people made, changed or deleted since, also in another process.

        That the file cannot be read is for those to tell who need what is in it.
        """
        own = self.own
        with contextlib.suppress(KeepsumError), self.system.workspace.file.read() as connection:
            own = own_metrics.listing(connection)
        if own != self.own:
            self.system, self.own = self.system.with_metrics(own), own
        self.looked = now

    def close(self) -> None:
        """Let go of its files, after what was handed over is written."""
        if self.collector is not None:
            self.collector.close()
            if self.system.workspace.file.path.exists():  # it may have been deleted
                self.system.note()
        self.system.close()


class Install:
    """What one process has open of a data directory: the control file, and each workspace once it is asked for.

    May be used by many threads; who opens a workspace keeps nobody waiting who asks for another. `threads` is
    how many cores one statement computes on (default: all).
    """

    def __init__(
        self,
        settings: Settings,
        control: Database,
        scratch: Path,
        *,
        clock: Callable[[], int],
        threads: int | None = None,
        closing: contextlib.ExitStack,
    ) -> None:
        self.settings, self.control, self.clock = settings, control, clock
        self._scratch = scratch
        self._engine = Engine(scratch, threads=threads or os.cpu_count() or 1, memory=settings.memory)
        self._opened: dict[str, Opened] = {}
        self._doors: dict[str, threading.RLock] = {}  # of each workspace: who opens or closes it holds its door
        self.is_served = False  # whether strangers ask
        self._closing = closing

    def system(self, identity: str, *, accept_rolled_back: str | None = None) -> System:
        """Give the workspace with an id, opened when it is first asked for.

        That it was archived, deleted or given other packs or metrics by another process is noticed within half a
        second. Raises
        `UNKNOWN_WORKSPACE`, and `ROLLED_BACK` when its file is older than what was last seen of it, unless a reason to
        accept that is given.
        """
        return self._fresh(identity, accept_rolled_back).system

    def collector(self, identity: str) -> "Collector":
        """Give what takes a workspace's records in: one a workspace, begun when it is first asked for.

        Raises `UNKNOWN_WORKSPACE` and `WORKSPACE_ARCHIVED`.
        """
        opened = self._fresh(identity)
        if opened.collector is None:
            with self._door(identity):
                opened = self._fresh(identity)  # another thread may have let go of it meanwhile
                opened.collector = opened.collector or opened.system.collector()
        return opened.collector

    def at_hand(self, identity: str) -> Opened | None:
        """Give a workspace if it is open and nothing has to be waited for; for who must not wait, such as event loops.

        None means that `system` may take long, or raises.
        """
        opened, now = self._opened.get(identity), time.monotonic()
        if opened is None or now < opened.looked + LOOKS_EVERY:
            return opened
        try:
            entry = workspaces.get(self.control, identity)
        except NotFound:
            return None
        if not _is_same(opened.entry, entry):
            return None
        opened.look(now)
        return opened

    @cached_property
    def accounts(self) -> "Accounts":
        """People, tokens and secrets, with the key they are encrypted with; raises `KEY_FILE_MISSING`."""
        from keepsum.pipeline.accounts import Accounts  # noqa: PLC0415 -- few commands are about people
        from keepsum.pipeline.passwords import Passwords  # noqa: PLC0415 -- the same

        return Accounts(
            control=self.control,
            vault=_vault(self.settings, self.control),
            passwords=Passwords(),
            catalog=lambda identity: self.system(identity).catalog,
        )

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.settings.data_dir

    @property
    def key_folder(self) -> Path:
        """Where keys live, in a folder for each workspace."""
        return self.settings.key_dir

    @property
    def nightly(self) -> str | None:
        """When the nightly job of every workspace runs, as cron; None for when their packs want it to."""
        return self.settings.nightly if "nightly" in self.settings.model_fields_set else None

    def meant(self) -> WorkspaceEntry | None:
        """Give the workspace that a zone, a week and a k of the settings are about.

        It is the one that they name or, when none has that name, the one that the install began with; None if that
        was deleted.
        """
        there = workspaces.listing(self.control)
        named = (entry for entry in there if entry.name == self.settings.workspace)
        return next(named, None) or next((entry for entry in there if entry.id == DEFAULT), None)

    def catalog(self, packs: Sequence[str] | None) -> Catalog:
        """Give what packs declare, or those that the settings name; raises `UNKNOWN_PACK` and `BAD_PACK`."""
        return find_catalog(self.settings, packs)

    def make(self, entry: WorkspaceEntry, identity: Identity, terms: Terms) -> System:
        """Open a workspace that is noted as being made, making the keys and files it lacks; whoever asks closes it."""
        return self._open(entry, None, identity, terms)

    def let_go(self, identity: str) -> None:
        """Close a workspace if it is open, after what was handed over is written."""
        with self._door(identity):
            opened = self._opened.pop(identity, None)
            if opened is not None:
                opened.close()

    def look_at(self, identity: str) -> None:
        """Notice at once what was changed about an open workspace's metrics."""
        opened = self._opened.get(identity)
        if opened is not None:
            opened.look(time.monotonic())

    def look(self) -> None:
        """Let go of workspaces that are no longer what they were when they were opened."""
        for identity in tuple(self._opened):
            if self.at_hand(identity) is None:
                self.let_go(identity)

    def close(self) -> None:
        """Let go of all files, after what was handed over is written; one that fails keeps no other open."""
        with contextlib.ExitStack() as closing:
            closing.push(self._closing)
            for identity in tuple(self._doors):
                closing.callback(self.let_go, identity)

    def _door(self, identity: str) -> threading.RLock:
        return self._doors.setdefault(identity, threading.RLock())

    def _fresh(self, identity: str, accept_rolled_back: str | None = None) -> Opened:
        found = self.at_hand(identity)
        if found is not None:
            return found
        with self._door(identity):
            found = self.at_hand(identity)  # whoever held the door may have opened it
            if found is None:
                self.let_go(identity)
                looked, entry = time.monotonic(), workspaces.get(self.control, identity)
                system = self._open_for_all(entry, accept_rolled_back)
                found = Opened(entry=entry, system=system, looked=looked)
                found.look(looked)
                self._opened[identity] = found
            return found

    def _open_for_all(self, entry: WorkspaceEntry, accept_rolled_back: str | None) -> System:
        """Open a workspace; strangers are not told what its owner declared wrongly."""
        try:
            return self._open(entry, accept_rolled_back, *self._usual(entry.id))
        except (Conflict, Invalid, NotFound) as error:
            if not self.is_served:
                raise
            import structlog  # noqa: PLC0415 -- servers have it, and no command waits for it

            log: Any = structlog.get_logger(__name__)
            log.error("workspace not opened", workspace=entry.id, **about(error))  # noqa: TRY400 -- exception() would log the message too
            message = "The workspace cannot be opened; the server's log says why."
            raise Unavailable("WORKSPACE_UNUSABLE", message) from error

    def _usual(self, identity: str) -> tuple[Identity, Terms]:
        """What a workspace is made with unless somebody says otherwise."""
        told = self.settings
        return Identity(id=identity, zone=told.zone), Terms(week_start=told.week_start_number, k=told.k)

    def _open(self, entry: WorkspaceEntry, accept_rolled_back: str | None, wanted: Identity, terms: Terms) -> System:
        settings, data, now = self.settings, self.settings.data_dir, self.clock()
        catalog = find_catalog(settings, entry.packs)
        lint.check(catalog)
        with contextlib.ExitStack() as closing:
            folder = data / "workspaces" / entry.folder
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            keys = open_keys(settings.key_dir / entry.id, data, create=not (folder / "truth.db").exists())
            file = _opened(closing, folder / "truth.db")
            identity = workspace.prepare(file, keys, catalog, wanted, terms, now=now)
            meant = self.meant()
            if meant is not None and entry.id == meant.id:  # of all others the settings say nothing
                _refuse_otherwise(settings, entry.name, file, identity)
            _check_rolled_back(self.control, file, identity.id, accept_rolled_back, now=now)
            told = of_packs(catalog.packs)
            databases = attached_databases(catalog, told)
            attach.settle(file, catalog, databases, now=now)
            opened = Workspace(
                identity=identity,
                catalog=catalog,
                file=file,
                control=self.control,
                keys=keys,
                retired=workspace.retired(file, catalog),
                segments=Segments(folder / "segments", self._scratch),
                engine=self._engine,
                attached=databases,
            )
            move.sweep(opened)
            return System(
                settings=settings,
                catalog=catalog,
                control=self.control,
                workspace=opened,
                clock=self.clock,
                archived=entry.state is WorkspaceState.ARCHIVED,
                told=told,
                again=partial(_open_alone, settings, entry.id),
                open_vault=lambda: self.accounts.vault,
                closing=closing.pop_all(),
            )


def clock_of(settings: Settings) -> Callable[[], int]:
    """Give business time in µs: frozen when the settings say so, else the machine's."""
    if settings.clock is not None:
        frozen = round(settings.clock.timestamp()) * 1_000_000 + settings.clock.microsecond
        return lambda: frozen
    return lambda: time.time_ns() // 1_000


def refuse_no_data(settings: Settings) -> None:
    """Raise `NO_DATA_DIRECTORY` unless the data directory is there, for who must not make it."""
    if not (settings.data_dir / "control.db").is_file():
        message = f"There is no data in {str(settings.data_dir)!r}: make it with `keepsum init`, or set --data-dir."
        raise Unavailable("NO_DATA_DIRECTORY", message)


def open_install(settings: Settings, *, clock: Callable[[], int] | None = None, threads: int | None = None) -> Install:
    """Open a data directory, or make it with one workspace, `default`, in it."""
    zone(settings.zone)
    lint.check(find_catalog(settings))
    clock = clock or clock_of(settings)
    data = settings.data_dir
    with contextlib.ExitStack() as closing:
        (data / "workspaces").mkdir(parents=True, exist_ok=True, mode=0o700)
        scratch = closing.enter_context(open_scratch(data / "tmp"))
        refuse_inside(settings.key_dir, data)
        control = _opened(closing, data / "control.db")
        with control.write() as connection:
            migrate.upgrade(connection, "control")
            fresh = workspaces.is_fresh(connection)
            if fresh:
                workspaces.add(connection, _first(clock()))
        if fresh:
            _vault(settings, control)  # so that its key is there to be copied with the others
        install = Install(settings, control, scratch, clock=clock, threads=threads, closing=closing.pop_all())
        settle(install)
        return install


def _vault(settings: Settings, control: Database) -> "Vault":
    from keepsum.store.vault import open_vault  # noqa: PLC0415 -- few commands need what is encrypted

    given = settings.secret_key
    text = "" if given is None else given.get_secret_value()
    return open_vault(control, settings.key_dir, settings.data_dir, text)


def open_system(
    settings: Settings,
    *,
    accept_rolled_back: str | None = None,
    clock: Callable[[], int] | None = None,
    threads: int | None = None,
) -> System:
    """Open the one workspace that the settings name; closing it closes the install with it."""
    with contextlib.ExitStack() as closing:
        install = open_install(settings, clock=clock, threads=threads)
        closing.callback(install.close)
        entry = workspaces.named(install.control, settings.workspace)
        system = install.system(entry.id, accept_rolled_back=accept_rolled_back)
        return replace(system, closing=closing.pop_all())


def _open_alone(settings: Settings, identity: str) -> System:
    """Open a workspace in a process that computes beside others: more threads than cores get in each other's way."""
    return open_install(settings, threads=1).system(identity)


def _first(now: int) -> WorkspaceEntry:
    """The workspace that a new install begins with."""
    return WorkspaceEntry(
        id=DEFAULT, name=DEFAULT, folder=DEFAULT, state=WorkspaceState.ACTIVE, packs=None, created_at=now
    )


def _is_same(one: WorkspaceEntry, other: WorkspaceEntry) -> bool:
    """Say whether a workspace that is open may stay so."""
    return (one.folder, one.state, one.packs) == (other.folder, other.state, other.packs)


def _opened(closing: contextlib.ExitStack, path: Path) -> Database:
    try:
        database = Database(path)
    except OSError as error:
        raise Unavailable("DATA_DIR_UNUSABLE", f"The file {str(path)!r} cannot be opened: {error.strerror}.") from error
    closing.callback(database.close)
    return database


def _refuse_otherwise(settings: Settings, called: str, file: Database, made: Identity) -> None:
    """Raise when somebody names another zone, week or k than a workspace was made with, or has by now.

    What was changed since does not follow the settings, which may well still name what it was made with.
    """
    with file.read() as connection:
        first, now = workspace.first_terms(connection), workspace.terms(connection)
    asked = {"zone": settings.zone, "week_start": settings.week_start_number, "k": settings.k}
    for name, wanted in asked.items():
        if name not in settings.model_fields_set:
            continue
        if name == "zone" and wanted != made.zone:
            told = f"was made with another 'zone' ({made.zone!r}), which stays: leave it out."
            raise Conflict("MADE_OTHERWISE", f"Workspace {called!r} {told}")
        if name != "zone" and wanted not in (vars(first)[name], vars(now)[name]):
            told = f"has another {name!r} ({vars(now)[name]!r}): leave it out, or say `keepsum workspaces set`."
            raise Conflict("MADE_OTHERWISE", f"Workspace {called!r} {told}")


def _check_rolled_back(control: Database, file: Database, name: str, reason: str | None, *, now: int) -> None:
    try:
        workspace.refuse_rolled_back(control, name, file)
    except Unavailable:
        if reason is None:
            raise
        workspace.accept_rolled_back(control, name, file, reason, now=now)
    workspace.note(control, name, file)
