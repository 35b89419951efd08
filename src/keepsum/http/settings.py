"""`/v1/settings`: how the caller's workspace is set up; what of it can change is changed where it was set."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from keepsum.engine.expire import shifted
from keepsum.http.parameters import StrictRoute, Sys, install_of, needs
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.day import WEEKDAYS
from keepsum.model.stream import Duration, Stream
from keepsum.store import workspaces

EXAMPLE: dict[str, Any] = {
    "workspace": {
        "id": "default",
        "name": "default",
        "zone": "Europe/London",
        "week_start": "monday",
        "k": 10,
        "packs": ["shop"],
    },
    "streams": [{"stream": "orders", "retention_days": 30, "buffer_days": 14, "late_days": 7}],
    "limits": {"widgets": 20, "refresh": 300, "export_rows": 100_000, "export_days": 365, "body_bytes": 33_554_432},
}

router = APIRouter(tags=["workspaces"], route_class=StrictRoute, dependencies=[needs(Permission.OPERATE)])


class WorkspaceSettingsOut(BaseModel):
    """What the workspace is set to, and which packs it has."""

    id: str
    name: str
    zone: str = Field(description="The IANA zone that its days are cut in.")
    week_start: str
    k: int = Field(description="How many people a group needs before guarded callers see it.")
    packs: list[str]


class StreamSettingsOut(BaseModel):
    """How long records of a stream are kept, in days counted from today where months are declared."""

    stream: str
    retention_days: int | None = Field(description="How long after their day records are kept; null for ever.")
    buffer_days: int = Field(description="How long after its day what a record says may still change.")
    late_days: int | None = Field(description="How long after the purge late records are taken; null for ever.")


class LimitsOut(BaseModel):
    """What the install allows at once."""

    widgets: int = Field(description="On one dashboard.")
    refresh: int = Field(description="Seconds after which a new dashboard is looked at again.")
    export_rows: int
    export_days: int
    body_bytes: int = Field(description="Of one request, after inflating.")


class SettingsOut(BaseModel):
    """The workspace, its streams, and the install's limits."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    workspace: WorkspaceSettingsOut
    streams: list[StreamSettingsOut]
    limits: LimitsOut


@router.get("/v1/settings", summary="Show how the workspace is set up", responses=documented(400, 403, 503))
def show_settings(request: Request, system: Sys) -> SettingsOut:
    """Give what holds for the workspace; no secret is among it."""
    made, holds, told = system.workspace.identity, system.workspace.terms(), install_of(request).settings
    today = system.calendar().number_of(system.clock())
    return SettingsOut(
        workspace=WorkspaceSettingsOut(
            id=made.id,
            name=workspaces.get(system.control, made.id).name,
            zone=made.zone,
            week_start=WEEKDAYS[holds.week_start],
            k=holds.k,
            packs=[pack.name for pack in system.catalog.packs],
        ),
        streams=[_stream_out(stream, today) for _, stream in sorted(system.catalog.streams.items())],
        limits=LimitsOut(
            widgets=told.dashboard_widgets,
            refresh=told.dashboard_refresh,
            export_rows=told.export_rows,
            export_days=told.export_days,
            body_bytes=told.body_limit,
        ),
    )


def _stream_out(stream: Stream, today: int) -> StreamSettingsOut:
    return StreamSettingsOut(
        stream=stream.name,
        retention_days=_days(stream.keep, today),
        buffer_days=_days(stream.settles, today) or 0,
        late_days=_days(stream.late, today),
    )


def _days(length: Duration, today: int) -> int | None:
    last = shifted(today, length)
    return None if last is None else last - today
