"""What the ledger's chain, read from its start, says must be there now."""

from dataclasses import dataclass, field
from typing import Any

from keepsum.model.ledger import Entry, Kind
from keepsum.store import ledger
from keepsum.store.database import Connection


@dataclass(kw_only=True)
class Claims:
    """What the chain, read from its start, says must be there now; of one day, what its own entries say."""

    rows: dict[tuple[str, int, int], dict[str, Any]] = field(default_factory=dict[tuple[str, int, int], dict[str, Any]])
    seals: dict[tuple[str, int], Entry] = field(default_factory=dict[tuple[str, int], Entry])
    kept: dict[tuple[str, int], Entry] = field(default_factory=dict[tuple[str, int], Entry])
    purges: dict[tuple[str, int], Entry] = field(default_factory=dict[tuple[str, int], Entry])
    published: dict[tuple[str, int, int], dict[str, Any]] = field(
        default_factory=dict[tuple[str, int, int], dict[str, Any]]
    )
    opened: dict[str, Any] | None = None
    epoch: int = 1
    rekeyed: int = 0
    count: int = 0
    sealed: int = 0


def claims_of(connection: Connection) -> Claims:
    """Read the chain from its start and keep what is last said about everything."""
    claims = Claims()
    for entry in ledger.entries(connection):
        claims.count += 1
        claim(claims, entry)
    return claims


def claim(claims: Claims, entry: Entry) -> None:
    """Note what the next entry says must be there."""
    body: Any = entry.body
    match entry.kind:
        case Kind.OPENED:
            claims.opened = dict(body)
        case Kind.SETTINGS_CHANGED:
            claims.opened = {**(claims.opened or {}), **{name: body[name] for name in body["before"]}}
        case Kind.REKEYED:
            claims.epoch, claims.rekeyed = body["epoch"], entry.seq
            claims.opened = {**(claims.opened or {}), "keys": body["keys"]}
        case Kind.SEALED:
            _claim_seal(claims, entry, body)
        case Kind.ACCEPTED if "kept" in body:
            claims.kept[str(entry.stream), int(entry.day or 0)] = entry
        case Kind.CORRECTED:
            for listed in body["rollups"]:
                claims.rows[listed["table"], int(entry.day or 0), body["booked"]] = {**listed, "epoch": body["epoch"]}
            _claim_published(claims, int(entry.day or 0), body)
        case Kind.PURGING | Kind.PARTLY_PURGED | Kind.PURGED:
            _claim_purge(claims, entry, body)
        case Kind.EXPIRED:
            _claim_expired(claims, body)
        case _:
            pass


def _claim_seal(claims: Claims, entry: Entry, body: Any) -> None:
    day = int(entry.day or 0)
    claims.sealed += 1
    claims.seals[str(entry.stream), day] = entry
    for listed in body["rollups"]:
        claims.rows[listed["table"], day, day] = {**listed, "seal": entry.seq, "epoch": body["epoch"]}
    for table in body["dropped"]:
        claims.rows.pop((table, day, day), None)
        claims.published.pop((table, day, day), None)
    _claim_published(claims, day, body)


def _claim_purge(claims: Claims, entry: Entry, body: Any) -> None:
    key = str(entry.stream), int(entry.day or 0)
    claims.purges[key] = entry
    if "kept" in body:
        claims.kept.setdefault(key, entry)


def _claim_expired(claims: Claims, body: Any) -> None:
    for claimed in (claims.rows, claims.published):
        for key in [k for k in claimed if k[0] == body["table"] and k[1] < body["before"]]:
            del claimed[key]


def _claim_published(claims: Claims, day: int, body: Any) -> None:
    for shown in body["published"]:
        of_day = shown.get("day", day)
        claims.published[shown["table"], of_day, shown.get("booked", of_day)] = shown
