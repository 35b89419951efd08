"""`/v1/workspaces`: the caller's own workspace, and which others a person is in.

A caller works in one workspace, that of the credential.  Any other is answered as one that was never there.
"""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keepsum.assemble.install import Install
from keepsum.http.parameters import By, StrictRoute, Who, install_of, instant, needs, read_as, takes
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.model.day import Weekday
from keepsum.model.errors import NotFound
from keepsum.model.workspace import MOST_K, WorkspaceEntry, WorkspaceState
from keepsum.pipeline import workspaces
from keepsum.pipeline.people import workspaces_of
from keepsum.store import workspaces as store

PATH = "/v1/workspaces/{id}"

router = APIRouter(tags=["workspaces"], route_class=StrictRoute)


WORKSPACE: dict[str, Any] = {
    "id": "default",
    "name": "default",
    "state": "active",
    "created_at": "2026-01-31T09:30:00Z",
    "current": True,
}


class WorkspaceOut(BaseModel):
    """A workspace; `current` is the one that the credential is for."""

    model_config = ConfigDict(json_schema_extra={"example": WORKSPACE})

    id: str
    name: str
    state: WorkspaceState
    created_at: dt.datetime | None
    current: bool


class WorkspacesOut(BaseModel):
    """The workspaces that the caller is in, by name."""

    model_config = ConfigDict(json_schema_extra={"example": {"workspaces": [WORKSPACE]}})

    workspaces: list[WorkspaceOut]


class Change(BaseModel):
    """Another name for a workspace, what it is set to, or whether it is archived; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"archived": True}})

    name: str | None = Field(
        None, max_length=100, description="What people and commands call it; its id stays, and so do its addresses."
    )
    k: int | None = Field(
        None,
        ge=1,
        le=MOST_K,
        description="How many people a group needs before guarded callers see it, in days that are sealed from now on.",
    )
    week_start: Weekday | None = Field(None, description="The day its weeks start on, in answers about any time.")
    archived: bool | None = Field(
        None, description="Then nothing is added to it, but it answers, and retention goes on."
    )


class ReceiptOut(BaseModel):
    """What was deleted, and what that cannot reach; the install keeps it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"receipt": {"deleted": "workspace", "workspace": "default", "files": 94}}}
    )

    receipt: dict[str, Any]


@router.get("/v1/workspaces", summary="List one's workspaces", responses=documented(400, 503))
def list_workspaces(request: Request, who: Who) -> WorkspacesOut:
    """Give the workspaces that a person is in; of others than people, the one they are for."""
    found = workspaces_of(install_of(request).accounts, who)
    return WorkspacesOut(workspaces=[workspace_out(entry, who) for entry in found])


@router.get(PATH, summary="Show one's workspace", responses=documented(400, 404, 503))
def show_workspace(request: Request, who: Who, id: str) -> WorkspaceOut:  # noqa: A002 -- its name in the path
    """Give the caller's own workspace."""
    _refuse_others(who, id)
    return workspace_out(store.get(install_of(request).control, id), who)


@router.patch(
    PATH,
    summary="Change one's workspace",
    responses=documented(400, 403, 404, 409, 413, 415, 503),
    dependencies=[needs(Permission.DELETE)],
    openapi_extra=takes(Change),
)
async def change_workspace(request: Request, by: By, id: str) -> WorkspaceOut:  # noqa: A002 -- the same
    """Give the caller's own workspace another name or other settings, archive it, or take records in again."""
    _refuse_others(by, id)
    given = await read_as(request, Change)
    entry = await run_in_threadpool(_changed, install_of(request), id, by, given)
    return workspace_out(entry, by)


def _changed(install: Install, identity: str, by: Caller, given: Change) -> WorkspaceEntry:
    if given.name is not None:
        workspaces.rename(install, identity, given.name, by)
    if given.k is not None or given.week_start is not None:
        workspaces.change(install, identity, by, k=given.k, week_start=given.week_start)
    if given.archived is not None:
        workspaces.archive(install, identity, by, undo=not given.archived)
    return store.get(install.control, identity)


@router.delete(
    PATH,
    summary="Delete one's workspace whole",
    responses=documented(400, 403, 404, 409, 503),
    dependencies=[needs(Permission.DELETE)],
)
def delete_workspace(
    request: Request,
    by: By,
    id: str,  # noqa: A002 -- the same
    confirm: Annotated[str, Query(max_length=100, description="Its name, said again.")],
) -> ReceiptOut:
    """Delete the caller's own workspace with its keys, figures, people and tokens; nothing brings it back."""
    _refuse_others(by, id)
    install = install_of(request)
    workspaces.refuse_wrong_name(store.get(install.control, id), confirm)
    return ReceiptOut(receipt=workspaces.delete(install, id, by))


def workspace_out(entry: WorkspaceEntry, who: Caller) -> WorkspaceOut:
    """Give a workspace as it is shown."""
    return WorkspaceOut(
        id=entry.id,
        name=entry.name,
        state=entry.state,
        created_at=instant(entry.created_at),
        current=entry.id == who.workspace,
    )


def _refuse_others(who: Caller, identity: str) -> None:
    """Raise `UNKNOWN_WORKSPACE` for any other than the caller's own, without looking whether there is one."""
    if identity != who.workspace:
        raise NotFound("UNKNOWN_WORKSPACE", f"There is no workspace {identity!r}.")
