"""`/v1/audit`: what people and tokens did in the caller's workspace."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from keepsum.http.parameters import From, StrictRoute, Sys, To, instant, needs, span
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.audit import Event, Kind
from keepsum.pipeline import audit

MOST = 1_000
EXAMPLE: dict[str, Any] = {
    "events": [
        {
            "at": "2026-02-01T09:00:00Z",
            "kind": "token_made",
            "caller": {"kind": "person", "id": "01KG9Q2V7N4T8XJ5M3B6R1C0DE"},
            "origin": {"mark": "c41d9a", "network": "192.0.2.0/24"},
            "about": {"token": "01KG9Q2W1H", "role": "collector", "streams": None},
            "hash": "8d1f" * 16,
        }
    ],
    "next": None,
}

router = APIRouter(tags=["audit"], route_class=StrictRoute, dependencies=[needs(Permission.ADMINISTER)])


class ActingOut(BaseModel):
    """Who did it: a person, a token, an outside identity, or the machine itself, by an id that says nothing else."""

    kind: str
    id: str


class OriginOut(BaseModel):
    """Where it came from: `mark` tells an address from others and cannot be turned back; `network` is cut short."""

    mark: str
    network: str


class EventOut(BaseModel):
    """One event; `hash` names it. Numbers and links of the chain are shown on the command line only, for they are
    of all workspaces.
    """

    at: dt.datetime | None
    kind: Kind
    caller: ActingOut | None = Field(description="Null for somebody nobody knows.")
    origin: OriginOut | None = Field(description="Null where no request was behind it.")
    about: dict[str, Any]
    hash: str


class AuditOut(BaseModel):
    """Events, the newest first, and the hash to go on with: null where there are no more."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    events: list[EventOut]
    next: str | None


@router.get("/v1/audit", summary="Read the audit log", responses=documented(400, 401, 403, 404, 429, 503))
def list_events(
    system: Sys,
    kind: Annotated[Kind | None, Query(description="Only events of this kind.")] = None,
    caller: Annotated[str | None, Query(max_length=200, description="Only what the caller of this id did.")] = None,
    first: From = None,
    to: To = None,
    before: Annotated[str | None, Query(max_length=64, description="The hash of the event to go on behind.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 100,
) -> AuditOut:
    """Give what was done in the workspace, the newest first; days are in UTC."""
    begin, end = span(first, to)
    wanted = audit.wanted(workspace=system.id, kind=kind, caller=caller, first=begin, last=end)
    found = audit.page(system.control, wanted, before=before, limit=limit + 1)
    shown = found[:limit]
    return AuditOut(
        events=[event_out(event) for event in shown], next=shown[-1].hash if len(found) > len(shown) else None
    )


def event_out(event: Event) -> EventOut:
    """Give an event as it is shown."""
    known = event.caller_kind is not None and event.caller is not None
    return EventOut(
        at=instant(event.at),
        kind=event.kind,
        caller=ActingOut(kind=str(event.caller_kind), id=str(event.caller)) if known else None,
        origin=None if event.origin is None else OriginOut(mark=event.origin.mark, network=event.origin.network),
        about=dict(event.body),
        hash=event.hash,
    )
