"""Settings become a running system here, and nowhere else: packs, files, keys, clock, engine, wired once."""

import contextlib
import importlib.util
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from keepsum.engine import lint
from keepsum.engine.days import Calendar, zone
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.errors import Conflict, Invalid, NotFound, Unavailable, about
from keepsum.model.setting import Told
from keepsum.model.workspace import WorkspaceEntry, WorkspaceState
from keepsum.pipeline import move, roll
from keepsum.pipeline.proof import Outcome
from keepsum.pipeline.roll import Batch
from keepsum.pipeline.workspaces import settle
from keepsum.settings import Settings, of_packs
from keepsum.store import days, migrate, workspace, workspaces
from keepsum.store.database import Database
from keepsum.store.homes.embedded import Engine, Segments
from keepsum.store.keys import open_keys, refuse_inside
from keepsum.store.scratch import open_scratch
from keepsum.store.workspace import Identity, Workspace

if TYPE_CHECKING:
    from keepsum.connect.identity import Identities
    from keepsum.deliver.mail import MailServer
    from keepsum.pipeline.accounts import Accounts
    from keepsum.pipeline.collect import Collector
    from keepsum.store.vault import Vault

DEFAULT = "default"
GROUP = "keepsum.packs"
LOOKS_EVERY = 0.5  # seconds of the machine between two looks at whether a workspace is still what it was
PARALLEL_FROM = 400_000  # records of a backlog from which more processes are worth their start
AHEAD = 2  # batches that a process has at once, so that it never waits for the next one

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class System:
    """One workspace of a running install, with all that works on it; `told` are its packs' settings, by pack."""

    settings: Settings
    catalog: Catalog
    control: Database
    workspace: Workspace
    clock: Callable[[], int]
    archived: bool = False
    told: Mapping[str, Mapping[str, Told]] = field(default_factory=dict[str, Mapping[str, Told]], repr=False)
    closing: contextlib.ExitStack = field(repr=False)

    @property
    def id(self) -> str:
        """The workspace's id."""
        return self.workspace.identity.id

    @property
    def audit_keep(self) -> int:
        """How many days the audit log goes back."""
        return self.settings.audit_keep

    def calendar(self) -> Calendar:
        """Give the workspace's days, with the ones that are written down."""
        with self.workspace.file.read() as connection:
            return Calendar(self.workspace.identity.zone, days.known(connection))

    def collector(self) -> "Collector":
        """Begin to take records in; raises `WORKSPACE_ARCHIVED`."""
        from keepsum.pipeline.collect import Collector  # noqa: PLC0415 -- few commands collect, and it loads what logs

        if self.archived:
            raise Conflict("WORKSPACE_ARCHIVED", "The workspace is archived: nothing is added to it.")
        return Collector(self.workspace, clock=self.clock)

    def note(self) -> None:
        """Remember in the control file how far the workspace has come."""
        workspace.note(self.control, self.id, self.workspace.file)

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


@dataclass(kw_only=True)
class _Opened:
    """A workspace that is open: as it was noted when it was last looked at, and when that was."""

    entry: WorkspaceEntry
    system: System
    looked: float
    collector: "Collector | None" = None

    def close(self) -> None:
        if self.collector is not None:
            self.collector.close()
            if self.system.workspace.file.path.exists():  # it may have been deleted
                self.system.note()
        self.system.close()


class Install:
    """What one process has open of a data directory: the control file, and each workspace once it is asked for.

    May be used by many threads. `threads` is how many cores one statement computes on (default: all).
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
        self._opened: dict[str, _Opened] = {}
        self._opening = threading.RLock()
        self.is_served = False  # whether strangers ask
        self._closing = closing

    def system(self, identity: str, *, accept_rolled_back: str | None = None) -> System:
        """Give the workspace with an id, opened when it is first asked for.

        That it was archived, deleted or given other packs by another process is noticed within half a second. Raises
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
            with self._opening:
                opened.collector = opened.collector or opened.system.collector()
        return opened.collector

    @cached_property
    def accounts(self) -> "Accounts":
        """People, tokens and secrets, with the key they are encrypted with; raises `KEY_FILE_MISSING`."""
        from keepsum.pipeline.accounts import Accounts  # noqa: PLC0415 -- few commands are about people
        from keepsum.pipeline.passwords import Passwords  # noqa: PLC0415 -- the same

        return Accounts(
            control=self.control,
            vault=_vault(self.settings, self.control),
            passwords=Passwords(),
            roles=lambda identity: self.system(identity).catalog.roles,
        )

    def mail(self) -> "MailServer | None":
        """Give where mail goes out; None unless a server is set. Raises `MAIL_UNSET` when a part of it is missing."""
        from keepsum.deliver.mail import MailServer  # noqa: PLC0415 -- few processes send mail
        from keepsum.store.vault import secret  # noqa: PLC0415 -- the same

        told = self.settings
        if told.smtp_host is None:
            return None
        if told.smtp_from is None or told.public_url is None:
            raise Invalid("MAIL_UNSET", "To send mail, set --smtp-from and --public-url beside --smtp-host.")
        given = told.smtp_password
        kept = secret(self.control, self.accounts.vault, "", "smtp_password") if given is None else None
        return MailServer(
            host=told.smtp_host,
            port=told.smtp_port,
            security=told.smtp_security,
            sender=told.smtp_from,
            user=told.smtp_user,
            password=kept if given is None else given.get_secret_value(),
            ca=told.smtp_ca,
        )

    def identities(self) -> "Identities | None":
        """Give what checks JWTs of an identity provider; None unless one is set."""
        from keepsum.connect.identity import Identities, Provider  # noqa: PLC0415 -- few installs have one

        told = self.settings
        if told.identity_issuer is None:
            return None
        secret = told.identity_secret
        provider = Provider(
            issuer=told.identity_issuer,
            audience=told.identity_audience or "",
            audience_claim=told.identity_audience_claim,
            secret=None if secret is None else secret.get_secret_value(),
            keys_url=told.identity_keys_url,
            leeway=told.identity_leeway,
        )
        return Identities(provider)

    def is_open(self, identity: str) -> bool:
        """Say whether a workspace can be had without opening its files."""
        return identity in self._opened

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.settings.data_dir

    @property
    def key_folder(self) -> Path:
        """Where keys live, in a folder for each workspace."""
        return self.settings.key_dir

    @property
    def nightly(self) -> str:
        """When the nightly job of a workspace runs, as cron."""
        return self.settings.nightly

    def catalog(self, packs: Sequence[str] | None) -> Catalog:
        """Give what packs declare, or those that the settings name; raises `UNKNOWN_PACK` and `BAD_PACK`."""
        return find_catalog(self.settings, packs)

    def make(self, entry: WorkspaceEntry, identity: Identity) -> System:
        """Open a workspace that is noted as being made, making the keys and files it lacks; whoever asks closes it."""
        return self._open(entry, None, identity)

    def close(self) -> None:
        """Let go of all files, after what was handed over is written."""
        with self._opening:
            while self._opened:
                self._opened.popitem()[1].close()
            self._closing.close()

    def _fresh(self, identity: str, accept_rolled_back: str | None = None) -> _Opened:
        opened = self._opened.get(identity)
        if opened is not None and time.monotonic() < opened.looked + LOOKS_EVERY:
            return opened
        looked = time.monotonic()
        try:
            entry = workspaces.get(self.control, identity)
        except NotFound:
            self.let_go(identity)
            raise
        with self._opening:
            opened = self._opened.get(identity)
            if opened is not None and not _is_same(opened.entry, entry):
                self.let_go(identity)
                opened = None
            if opened is None:
                system = self._open_for_all(entry, accept_rolled_back)
                opened = self._opened[identity] = _Opened(entry=entry, system=system, looked=looked)
            opened.looked = looked
            return opened

    def let_go(self, identity: str) -> None:
        """Close a workspace if it is open, after what was handed over is written."""
        with self._opening:
            opened = self._opened.pop(identity, None)
            if opened is not None:
                opened.close()

    def _open_for_all(self, entry: WorkspaceEntry, accept_rolled_back: str | None) -> System:
        """Open a workspace; strangers are not told what its owner declared wrongly."""
        try:
            return self._open(entry, accept_rolled_back, self._usual(entry.id))
        except (Conflict, Invalid, NotFound) as error:
            if not self.is_served:
                raise
            import structlog  # noqa: PLC0415 -- servers have it, and no command waits for it

            log: Any = structlog.get_logger(__name__)
            log.error("workspace not opened", workspace=entry.id, **about(error))  # noqa: TRY400 -- exception() would log the message too
            message = "The workspace cannot be opened; the server's log says why."
            raise Unavailable("WORKSPACE_UNUSABLE", message) from error

    def _usual(self, identity: str) -> Identity:
        """What a workspace is made with unless somebody says otherwise."""
        told = self.settings
        return Identity(id=identity, zone=told.zone, week_start=told.week_start_number, k=told.k)

    def _open(self, entry: WorkspaceEntry, accept_rolled_back: str | None, wanted: Identity) -> System:
        settings, data, now = self.settings, self.settings.data_dir, self.clock()
        catalog = find_catalog(settings, entry.packs)
        lint.check(catalog)
        with contextlib.ExitStack() as closing:
            folder = data / "workspaces" / entry.folder
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            keys = open_keys(settings.key_dir / entry.id, data, create=not (folder / "truth.db").exists())
            file = _opened(closing, folder / "truth.db")
            identity = workspace.prepare(file, keys, catalog, wanted, now=now)
            if entry.name == settings.workspace:  # of all others the settings say nothing
                _refuse_otherwise(settings, identity)
            _check_rolled_back(self.control, file, identity.id, accept_rolled_back, now=now)
            opened = Workspace(
                identity=identity,
                catalog=catalog,
                file=file,
                control=self.control,
                keys=keys,
                retired=workspace.retired(file, catalog),
                segments=Segments(folder / "segments", self._scratch),
                engine=self._engine,
            )
            move.sweep(opened)
            return System(
                settings=settings,
                catalog=catalog,
                control=self.control,
                workspace=opened,
                clock=self.clock,
                archived=entry.state is WorkspaceState.ARCHIVED,
                told=of_packs(catalog.packs),
                closing=closing.pop_all(),
            )


def clock_of(settings: Settings) -> Callable[[], int]:
    """Give business time in µs: frozen when the settings say so, else the machine's."""
    if settings.clock is not None:
        frozen = round(settings.clock.timestamp()) * 1_000_000 + settings.clock.microsecond
        return lambda: frozen
    return lambda: time.time_ns() // 1_000


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


def _first(now: int) -> WorkspaceEntry:
    """The workspace that a new install begins with."""
    return WorkspaceEntry(
        id=DEFAULT, name=DEFAULT, folder=DEFAULT, state=WorkspaceState.ACTIVE, packs=None, created_at=now
    )


def _is_same(one: WorkspaceEntry, other: WorkspaceEntry) -> bool:
    """Say whether a workspace that is open may stay so."""
    return (one.folder, one.state, one.packs) == (other.folder, other.state, other.packs)


def find_catalog(settings: Settings, packs: Sequence[str] | None = None) -> Catalog:
    """Give the declarations of packs, those that ship or are installed and the user's own; by default the enabled."""
    own = _own(settings.packs)
    chosen = settings.enabled if packs is None else packs
    names = tuple(sorted(own)) if chosen is None else chosen
    shipped = {} if own.keys() >= set(names) else _shipped()  # which asks everything that is installed
    unknown = [name for name in names if name not in shipped and name not in own]
    if unknown:
        known = ", ".join(sorted({*shipped, *own})) or "none"
        raise NotFound("UNKNOWN_PACK", f"There is no pack {unknown[0]!r}; known: {known}.")
    found = [_pack(name, _load(name, own[name]) if name in own else shipped[name].load()) for name in names]
    return Catalog(tuple(found))


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
        helpers,
        get_context("spawn"),
        initializer=_start_process,
        initargs=(system.settings, system.id),
    ) as pool:
        yield each


_process: dict[str, System] = {}


def _start_process(settings: Settings, identity: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for this one
    alone = settings.model_copy(update={"processes": 1})
    # More threads than one a core only get in each other's way.
    _process["system"] = open_install(alone, threads=1).system(identity)


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
    workspace.note(control, name, file)


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
