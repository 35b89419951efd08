"""`/v1/ledger`: the chain of what was sealed, purged and decided, for anyone to check and keep."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from keepsum.http.parameters import StrictRoute, Sys, instant, needs
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.day import date_of
from keepsum.model.ledger import Entry, Kind
from keepsum.store import ledger
from keepsum.store.database import Connection

MOST = 1_000
HEAD: dict[str, Any] = {"seq": 31, "hash": "8d1f" * 16, "at": "2026-02-01T02:15:07Z"}
ENTRY: dict[str, Any] = {
    **HEAD,
    "at_microseconds": 1_769_912_107_000_000,
    "kind": "sealed",
    "stream": "orders",
    "day": "2026-01-31",
    "day_number": 20_484,
    "body": {"records": 1204},
    "previous": "07ac" * 16,
}

router = APIRouter(tags=["ledger"], route_class=StrictRoute, dependencies=[needs(Permission.OPERATE)])


class HeadOut(BaseModel):
    """The newest entry: whoever keeps its hash notices any later change to what came before."""

    model_config = ConfigDict(json_schema_extra={"example": HEAD})

    seq: int = Field(description="How many entries there are.")
    hash: str
    at: dt.datetime | None


class EntryOut(BaseModel):
    """One entry; `hash` is SHA-256 over the canonical JSON of [seq, at in microseconds, kind, stream, day number, body
    as canonical JSON text, previous].
    """

    seq: int
    at: dt.datetime | None
    at_microseconds: int
    kind: str
    stream: str | None
    day: dt.date | None
    day_number: int | None
    body: dict[str, Any]
    previous: str
    hash: str


class LedgerOut(BaseModel):
    """Entries in order, and where the chain ends now."""

    model_config = ConfigDict(json_schema_extra={"example": {"entries": [ENTRY], "head": HEAD}})

    entries: list[EntryOut]
    head: HeadOut


@router.get("/v1/ledger", summary="Read the ledger", responses=documented(400, 403, 503))
def read_ledger(
    system: Sys,
    after: Annotated[int, Query(ge=0, le=2**62, description="The number of the entry to go on after.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many entries at most.")] = 100,
    kind: Annotated[Kind | None, Query(description="Only these, such as `closed`: what months came to.")] = None,
) -> LedgerOut:
    """Give entries in order, oldest first."""
    with system.workspace.file.read() as connection:
        found = [entry_out(e) for e in ledger.entries(connection, after=after, kind=kind, limit=limit)]
        return LedgerOut(entries=found, head=head_out(connection))


@router.get("/v1/ledger/head", summary="Read the ledger's head", responses=documented(400, 403, 503))
def read_head(system: Sys) -> HeadOut:
    """Give the newest entry's number, hash and time."""
    with system.workspace.file.read() as connection:
        return head_out(connection)


def entry_out(entry: Entry) -> EntryOut:
    """Give an entry as it is shown."""
    return EntryOut(
        seq=entry.seq,
        at=instant(entry.at),
        at_microseconds=entry.at,
        kind=entry.kind,
        stream=entry.stream,
        day=None if entry.day is None else date_of(entry.day),
        day_number=entry.day,
        body=dict(entry.body),
        previous=entry.previous,
        hash=entry.hash,
    )


def head_out(connection: Connection) -> HeadOut:
    """Give the head as it is shown."""
    seq, digest, at = ledger.head(connection)
    return HeadOut(seq=seq, hash=digest, at=instant(at) if seq else None)
