"""Who may see and do what: permissions, grants, the roles that bring them, and the caller who holds them."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal

from keepsum.model.audit import CallerId, Origin


class Permission(StrEnum):
    """One thing a role lets its holder do in a workspace."""

    READ = "read"  # ask questions, as far as the grants go
    COMPOSE = "compose"  # make dashboards, and change one's own
    EXPORT = "export"
    SCHEDULE = "schedule"
    COLLECT = "collect"  # send records, to streams that are granted
    OPERATE = "operate"  # days, ledger and jobs of the workspace
    ADMINISTER = "administer"  # settings, tokens, the audit log
    SMALL_GROUPS = "small_groups"  # answers are not guarded
    PERSONAL = "personal"  # personal fields of records that live, each look audited
    PEOPLE = "people"
    DELETE = "delete"


# What a caller of some streams only may do at most: the rest is about the workspace as a whole.
OF_STREAMS = frozenset(
    (
        Permission.READ,
        Permission.EXPORT,
        Permission.SCHEDULE,
        Permission.COLLECT,
        Permission.SMALL_GROUPS,
        Permission.PERSONAL,
    )
)


class AccessLevel(StrEnum):
    """Whose rows a grant shows, by the actor of the records and never by their subject.

    `own` and `team` show the rows of these actors; `organization` all rows, but not whose they are; `all` also that.
    """

    OWN = "own"
    TEAM = "team"
    ORGANIZATION = "organization"
    ALL = "all"

    @property
    def rank(self) -> int:
        """The place among the levels: the higher shows more."""
        return list(AccessLevel).index(self)


@dataclass(frozen=True)
class Reach:
    """How far a grant goes: everything, the last so many days, the caller's own rows, or nothing."""

    kind: Literal["full", "last", "own", "none"]
    days: int = 0

    def __str__(self) -> str:
        match self.kind:
            case "last":
                return f"last {self.days} days"
            case "own":
                return "own rows"
            case _:
                return self.kind


FULL, OWN_ROWS, NOTHING = Reach("full"), Reach("own"), Reach("none")


def last(days: int) -> Reach:
    """Give the reach of so many days, today being the last of them."""
    return Reach("last", days)


EVERYTHING = "*"


@dataclass(frozen=True)
class Grant:
    """What a role shows of one thing, or of all of a kind.

    `on` is `stream:x`, `rollup:x`, `metric:x` or `dashboard:x`, `metric:*` for all of a kind, or `*` for everything.
    """

    on: str
    _: KW_ONLY
    reach: Reach = FULL
    level: AccessLevel = AccessLevel.ORGANIZATION

    @property
    def kind(self) -> str:
        """The kind of thing, or `*`."""
        return self.on.partition(":")[0]

    @property
    def name(self) -> str:
        """The name of the thing; `*` for all of the kind."""
        return EVERYTHING if self.on == EVERYTHING else self.on.partition(":")[2]


@dataclass(frozen=True)
class Role:
    """A named set of permissions and grants, with those of the roles it includes."""

    name: str
    _: KW_ONLY
    about: str = ""
    includes: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Held:
    """One role of a caller, what it includes worked in: own grants first, then those of what it includes."""

    name: str
    permissions: frozenset[Permission]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: made by `engine.access.caller` or `machine`, of a workspace's roles.

    `kind` says how the caller came: as a person with a session, with a token, with an outside identity, as whoever
    holds the data directory, or as anybody by a public link. `id` is opaque and never an e-mail address. `actor` is
    compared with the actor of records, `team` are the actors of the caller's team. `streams` narrows a token to some
    streams. `origin` is where the request came from, for the audit log: known where something is changed, and nothing
    depends on it.
    """

    kind: Literal["person", "token", "identity", "machine", "link"]
    id: str
    workspace: str
    held: tuple[Held, ...]
    actor: str | None = None
    team: frozenset[str] = frozenset()
    streams: frozenset[str] | None = None
    origin: Origin | None = None

    @property
    def key(self) -> CallerId:
        """What is kept of the caller where something is theirs, or was done by them."""
        return CallerId(kind=self.kind, id=self.id)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The names of the caller's roles."""
        return tuple(role.name for role in self.held)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """What any of the roles permits; to a caller of some streams nothing that is about the whole workspace."""
        found = frozenset(permission for role in self.held for permission in role.permissions)
        return found if self.streams is None else found & OF_STREAMS


class Reason(StrEnum):
    """Why a caller sees something, or does not; `explain` shows it."""

    GRANTED_WHOLE = "GRANTED_WHOLE"
    GRANTED_DAYS = "GRANTED_DAYS"
    GRANTED_TEAM_ROWS = "GRANTED_TEAM_ROWS"
    GRANTED_OWN_ROWS = "GRANTED_OWN_ROWS"
    GRANTED_NOTHING = "GRANTED_NOTHING"
    NO_GRANT = "NO_GRANT"
    NOT_PERMITTED = "NOT_PERMITTED"
    OUTSIDE_TOKEN = "OUTSIDE_TOKEN"
    ACTOR_UNKNOWN = "ACTOR_UNKNOWN"
    NO_ACTOR_HERE = "NO_ACTOR_HERE"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a caller may see of something, and why: which `role` and `grant` decided.

    `first_day` is the first day number that may be seen (none: all), `actors` whose rows (none: everybody's);
    `names_actors` says whether the actor may be asked by, `guarded` whether small groups are hidden.
    """

    allowed: bool
    reason: Reason
    role: str = ""
    grant: str = ""
    first_day: int | None = None
    actors: frozenset[str] | None = None
    names_actors: bool = False
    guarded: bool = True


_ALL = (Grant(EVERYTHING, level=AccessLevel.ALL),)

# The roles every workspace has; each of the first five includes the one before.
ROLES: Mapping[str, Role] = {
    role.name: role
    for role in (
        Role("viewer", about="Sees dashboards and reports.", permissions=(Permission.READ,), grants=(Grant("*"),)),
        Role(
            "analyst",
            about="Also makes dashboards, and exports.",
            includes=("viewer",),
            permissions=(Permission.COMPOSE, Permission.EXPORT),
        ),
        Role("manager", about="Also schedules reports.", includes=("analyst",), permissions=(Permission.SCHEDULE,)),
        Role(
            "admin",
            about="Runs the workspace, and sees small groups and personal fields.",
            includes=("manager",),
            permissions=(
                Permission.COLLECT,
                Permission.OPERATE,
                Permission.ADMINISTER,
                Permission.SMALL_GROUPS,
                Permission.PERSONAL,
            ),
            grants=_ALL,
        ),
        Role(
            "owner",
            about="Also decides who may come in, and deletes.",
            includes=("admin",),
            permissions=(Permission.PEOPLE, Permission.DELETE),
        ),
        Role(
            "collector",
            about="An application that sends records and sees nothing.",
            permissions=(Permission.COLLECT,),
            grants=(Grant("stream:*"),),
        ),
    )
}


def machine(workspace: str) -> Caller:
    """Give the caller with every right: who holds the data directory, on the command line or as a worker."""
    everything = Held(name="machine", permissions=frozenset(Permission), grants=_ALL)
    return Caller(kind="machine", id="machine", workspace=workspace, held=(everything,))


def stranger(workspace: str, link: str) -> Caller:
    """Give whoever comes by a public link: they see what a viewer does, small groups hidden, and do nothing else."""
    viewer = ROLES["viewer"]
    held = Held(name=viewer.name, permissions=frozenset(viewer.permissions), grants=viewer.grants)
    return Caller(kind="link", id=link, workspace=workspace, held=(held,))
