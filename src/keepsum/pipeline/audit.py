"""The audit log: what people and tokens did, noted in the same transaction where that is in the control file.

A body holds opaque ids, names of declarations and dates, and never a value of a record, an e-mail or a person's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keepsum.model.access import Caller
from keepsum.model.audit import Event, Kind, Origin
from keepsum.model.day import A_DAY, date_of
from keepsum.model.errors import Invalid, NotFound
from keepsum.pipeline.verify import Finding
from keepsum.store import audit
from keepsum.store.audit import EVERYTHING, Wanted
from keepsum.store.database import Connection, Database

# What is about the install and not about one of its workspaces.
OF_THE_INSTALL = frozenset((Kind.KEYS_ROTATED, Kind.EXPIRED))

_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What checking the log came to; `head` is the newest event's hash."""

    ok: bool
    events: int
    head: str
    findings: tuple[Finding, ...] = ()


def record(
    control: Database,
    kind: Kind,
    caller: Caller | None,
    about: Mapping[str, Any] = _NOTHING,
    *,
    now: int,
    origin: Origin | None = None,
    workspace: str | None = None,
) -> None:
    """Note what somebody did, durably, before it is done or after; None for somebody nobody knows.

    Where from is the caller's own origin unless another is named.
    """
    with control.write() as connection:
        note(connection, kind, caller, about, now=now, origin=origin, workspace=workspace)


def note(
    connection: Connection,
    kind: Kind,
    caller: Caller | None,
    about: Mapping[str, Any] = _NOTHING,
    *,
    now: int,
    origin: Origin | None = None,
    workspace: str | None = None,
) -> None:
    """Do the same inside the caller's transaction; the workspace is the caller's own unless another is named."""
    of = workspace if caller is None or workspace is not None else caller.workspace
    audit.append(
        connection,
        kind,
        about,
        now=now,
        workspace=None if kind in OF_THE_INSTALL else of,
        caller=caller and (caller.kind, caller.id),
        origin=origin or (caller and caller.origin),
    )


class Addresses:
    """From where this process saw whom, so that the log is asked about each address once; the oldest are forgotten."""

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._seen: dict[tuple[str, str], None] = {}

    def meet(self, caller: str, address: str) -> bool:
        """Say whether a caller, by id, comes from an address for the first time."""
        if (caller, address) in self._seen:
            return False
        if len(self._seen) >= self._most:
            del self._seen[next(iter(self._seen))]
        self._seen[caller, address] = None
        return True


def note_address(control: Database, caller: Caller, origin: Origin, *, now: int) -> bool:
    """Note that a token came from an address it never came from, as far back as the log goes; False if it did."""
    kind, who = Kind.TOKEN_USED_FROM_NEW_ADDRESS, (caller.kind, caller.id)
    with control.read() as connection:
        if audit.came_before(connection, kind, who, origin.mark):
            return False
    record(control, kind, caller, now=now, origin=origin)
    return True


def wanted(
    *,
    workspace: str | None = None,
    kind: str | None = None,
    caller: str | None = None,
    first: int | None = None,
    last: int | None = None,
) -> Wanted:
    """Give what to look for; days are numbers, in UTC, both included. Raises `UNKNOWN_KIND` and `RANGE_REVERSED`."""
    if kind is not None and kind not in list(Kind):
        raise Invalid("UNKNOWN_KIND", f"The audit log has no events of kind {kind!r}; known: {', '.join(Kind)}.")
    if first is not None and last is not None and last < first:
        raise Invalid("RANGE_REVERSED", f"The range from {date_of(first)} to {date_of(last)} ends before it starts.")
    return Wanted(
        workspace=workspace,
        kind=None if kind is None else Kind(kind),
        caller=caller,
        first=first and first * A_DAY,
        until=None if last is None else (last + 1) * A_DAY,
    )


def page(
    control: Database, wanted: Wanted = EVERYTHING, *, before: str | None = None, limit: int | None = None
) -> list[Event]:
    """Give events, the newest first, perhaps only those before the one with a hash.

    Raises `UNKNOWN_EVENT` when none of the wanted events has that hash.
    """
    with control.read() as connection:
        number = None if before is None else audit.number_of(connection, before, wanted)
        if before is not None and number is None:
            raise NotFound("UNKNOWN_EVENT", "No event that may be listed here has the hash to go on before.")
        return list(audit.newest(connection, wanted, before=number, limit=limit))


def head(control: Database) -> str:
    """Give the newest event's hash: whoever keeps it notices a log that was rewritten."""
    with control.read() as connection:
        return audit.head(connection)[1]


def expire(control: Database, *, now: int, keep: int) -> int:
    """Delete events older than `keep` days, and give how many went; what is left still proves itself."""
    with control.write() as connection:
        return audit.expire(connection, now=now, keep=keep)


def verify(control: Database, *, head: str | None = None) -> Verdict:
    """Check the whole chain; `head` is one that was kept elsewhere, less than a retention ago."""
    with control.read() as connection:
        findings = _broken(connection)
        events, newest = audit.count(connection), audit.head(connection)[1]
        if head is not None and audit.number_of(connection, head) is None:
            message = "no event has the head that was kept: the log was rewritten, is of another install, or it expired"
            findings.append(Finding(code="HEAD_UNKNOWN", where="chain", message=message))
    return Verdict(ok=not findings, events=events, head=newest, findings=tuple(findings))


def _broken(connection: Connection) -> list[Finding]:
    findings: list[Finding] = []
    try:
        for seq, message in audit.broken_at(connection):
            findings.append(Finding(code="CHAIN_BROKEN", where=f"event {seq}", message=message))
    except (KeyError, TypeError, ValueError) as error:
        message = f"a part of it cannot be read: {type(error).__name__}"
        findings.append(Finding(code="UNREADABLE", where="file", message=message))
    return findings
