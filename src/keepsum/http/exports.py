"""`/v1/exports`: datasets as files, asked for, looked at, fetched over a signed link, and deleted."""

import asyncio
import datetime as dt
import time
from functools import partial
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from keepsum.assemble.system import System
from keepsum.http.parameters import (
    By,
    StrictRoute,
    Sys,
    Who,
    arrival_of,
    install_of,
    needs,
    read_as,
    takes,
)
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.model.day import date_in, day_number
from keepsum.model.errors import Invalid
from keepsum.model.export import Export, ExportState, Format
from keepsum.pipeline import exports
from keepsum.pipeline.accounts import origin
from keepsum.pipeline.exports import LOOKS_EVERY, Order
from keepsum.store.exports import ExportRow

PATH = "/v1/exports"
MOST = 1_000
PIECE = 1 << 18  # bytes of a file sent at a time
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}

Scalar = str | int | bool | None
EXPORT: dict[str, Any] = {
    "id": "01KGCH5YG0FENWGD6T0SG4JJ3T",
    "dataset": "transactions",
    "format": "csv",
    "state": "ready",
    "from": "2026-01-01",
    "to": "2026-01-31",
    "filters": {"direction": ["credit"]},
    "columns": ["at", "id", "direction", "amount"],
    "estimated_rows": 1_500,
    "rows": 1_498,
    "bytes": 65_912,
    "about": {"dataset": "transactions", "from": "2026-01-01", "to": "2026-01-31"},
    "created_at": "2026-02-01T09:00:00Z",
    "completed_at": "2026-02-01T09:00:01Z",
    "expires_at": "2026-02-02T09:00:01Z",
    "download_url": "/v1/exports/01KGCH5YG0FENWGD6T0SG4JJ3T/file?token=5f0ca1d2e3b4a5968778695a4b3c2d1e",
    "error": None,
}

FILE: dict[str, Any] = {
    "description": "The file",
    "content": {
        **{name.partition(";")[0]: {"schema": {"type": "string"}} for name in MEDIA_TYPES.values()},
        "application/json": {
            "schema": {"type": "object"},
            "example": {"dataset": "transactions", "columns": ["id"], "rows": [{"id": "a-1"}]},
        },
    },
}

may_export = needs(Permission.EXPORT)
router = APIRouter(tags=["exports"], route_class=StrictRoute)


class NewExport(BaseModel):
    """A dataset, as which kind of file, over which local dates, and which values of its filters count."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "dataset": "transactions",
                "format": "csv",
                "from": "2026-01-01",
                "to": "2026-01-31",
                "filters": {"direction": ["credit"]},
            }
        },
    )

    dataset: str = Field(max_length=40, description="Its name, as a pack declares it.")
    format: str = Field("csv", description="csv, json, xlsx or parquet.")
    first: str = Field(alias="from", description="The first local date, as 2026-01-31.")
    to: str = Field(description="The last local date, included.")
    filters: dict[str, list[Scalar] | Scalar] = Field({}, description="Per filter, the values that count.")


class ExportOut(BaseModel):
    """One export; `download_url` is there for who asked for it while it is ready, `error` a code and a message."""

    model_config = ConfigDict(json_schema_extra={"example": EXPORT})

    id: str
    dataset: str
    format: str
    state: ExportState
    first: dt.date = Field(alias="from")
    to: dt.date
    filters: dict[str, list[Scalar]]
    columns: list[str]
    estimated_rows: int | None
    rows: int | None
    bytes: int | None
    about: dict[str, Any]
    created_at: dt.datetime
    completed_at: dt.datetime | None
    expires_at: dt.datetime | None
    download_url: str | None
    error: str | None


class ExportsOut(BaseModel):
    """Exports, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"exports": [EXPORT]}})

    exports: list[ExportOut]


@router.post(
    PATH,
    status_code=201,
    summary="Export a dataset",
    dependencies=[may_export],
    responses=documented(400, 403, 404, 409, 413, 415, 503),
    openapi_extra=takes(NewExport),
)
async def create_export(request: Request, system: Sys, by: By) -> ExportOut:
    """Have a file made, and give the export in the state that it reaches within two seconds."""
    order = await read_as(request, NewExport)
    made = await run_in_threadpool(_created, system, order, by)
    until = time.monotonic() + await run_in_threadpool(exports.patience, system.exports)
    while made.state is ExportState.PREPARING and time.monotonic() < until:
        await asyncio.sleep(LOOKS_EVERY)
        made = await run_in_threadpool(exports.look, system.exports, made.id, by)
    return export_out(made)


def _created(system: System, order: NewExport, caller: Caller) -> Export:
    wanted = Order(
        dataset=order.dataset,
        format=order.format,
        first=_day("from", order.first),
        last=_day("to", order.to),
        filters=order.filters,
    )
    return exports.create(system.exports, wanted, caller)


def _day(name: str, text: str) -> int:
    found = date_in(text)
    if found is None:
        raise Invalid("BAD_DATE", f"{name!r} is {text[:20]!r}: give a date such as '2026-01-31'.")
    return day_number(found)


@router.get(PATH, summary="List exports", dependencies=[may_export], responses=documented(400, 403, 503))
def list_exports(
    system: Sys, who: Who, limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 100
) -> ExportsOut:
    """Give the newest exports that the caller asked for, or, for who administers the workspace, all, newest first."""
    return ExportsOut(exports=[export_out(one) for one in exports.listing(system.exports, who, limit)])


@router.get(
    PATH + "/{id}", summary="Show an export", dependencies=[may_export], responses=documented(400, 403, 404, 503)
)
def show_export(system: Sys, who: Who, id: str) -> ExportOut:  # noqa: A002 -- named as in the path
    """Give one export."""
    return export_out(exports.look(system.exports, id, who))


@router.delete(
    PATH + "/{id}",
    status_code=204,
    summary="Delete an export",
    dependencies=[may_export],
    responses=documented(400, 403, 404, 503),
)
def delete_export(system: Sys, by: By, id: str) -> Response:  # noqa: A002 -- named as in the path
    """Delete an export with its file."""
    exports.delete(system.exports, id, by)
    return Response(status_code=204)


@router.get(
    PATH + "/{id}/file",
    summary="Fetch an export's file",
    response_class=StreamingResponse,
    responses={200: FILE, **documented(400, 403, 404, 503)},
)
async def fetch_export(
    request: Request,
    id: str,  # noqa: A002 -- named as in the path
    token: Annotated[str, Query(max_length=64, description="The signature that the link has.")] = "",
) -> Response:
    """Give the file that a link is signed for: whoever has the link needs no other credential, for a day."""
    row, file = await run_in_threadpool(_opened, request, id, token)
    headers = {
        "content-disposition": f'attachment; filename="{row.dataset}-{row.id}.{row.format}"',
        "content-length": str(row.bytes),
        "cache-control": "private, no-store",
    }
    return _FileResponse(file, media_type=MEDIA_TYPES[row.format], headers=headers)


class _FileResponse(StreamingResponse):
    """Sends an open file and closes it, also when nobody reads it to its end, or at all."""

    def __init__(self, file: BinaryIO, **told: Any) -> None:
        super().__init__(iter(partial(file.read, PIECE), b""), **told)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        with self._file:
            await super().__call__(scope, receive, send)


def _opened(request: Request, export: str, token: str) -> tuple[ExportRow, BinaryIO]:
    install = install_of(request)
    control, vault = install.control, install.accounts.vault
    row = exports.signed(control, vault, export, token, now=install.clock())
    with control.read() as connection:
        came = origin(vault.under(connection), arrival_of(request.scope).address or None)
    caller: Caller | None = request.scope["state"].get("caller")
    is_own = caller is not None and caller.workspace == row.workspace
    return row, exports.fetch(install.system(row.workspace).exports, row, caller if is_own else None, came)


def export_out(export: Export) -> ExportOut:
    """Give an export as it is shown."""
    return ExportOut(
        **{"from": export.first},
        id=export.id,
        dataset=export.dataset,
        format=export.format,
        state=export.state,
        to=export.last,
        filters=dict(export.filters),
        columns=list(export.columns),
        estimated_rows=export.estimated_rows,
        rows=export.rows,
        bytes=export.bytes,
        about=dict(export.about),
        created_at=export.created_at,
        completed_at=export.completed_at,
        expires_at=export.expires_at,
        download_url=export.link,
        error=export.error,
    )
