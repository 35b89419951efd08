"""`/v1/session`: who asks and where they are, signing in and out in a browser, and one's own password."""

import datetime as dt
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keepsum.http.browsers import A_YEAR, DEVICE, SESSION, cookie, drop_cookie, set_cookie
from keepsum.http.credentials import Credentials, Shown
from keepsum.http.parameters import StrictRoute, Who, arrival_of, install_of, instant, read_as, takes
from keepsum.http.problems import documented
from keepsum.http.workspaces import WORKSPACE, WorkspaceOut, workspace_out
from keepsum.model.access import Permission
from keepsum.model.day import WEEKDAYS
from keepsum.model.errors import Invalid
from keepsum.pipeline import links, people, sign_in
from keepsum.pipeline.sign_in import Attempt, Entry

PATH = "/v1/session"
SECOND = 1_000_000  # µs

router = APIRouter(tags=["session"], route_class=StrictRoute)


class SignIn(BaseModel):
    """An e-mail address and its password; without a workspace, by id, the one the person is in for the longest."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"email": "ann@example.org", "password": "a sentence is a good one"}},
    )

    email: str = Field(max_length=320)
    password: str = Field(max_length=1_024)
    workspace: str | None = Field(None, max_length=64)


class SignedInOut(BaseModel):
    """Somebody is in. The session is in a cookie; `csrf` goes along as X-CSRF-Token with what changes something."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"person": "01KGCH5YG0FENWGD6T0SG4JJ3T", "workspace": "default", "csrf": "5f0ca1d2e3b4"}
        }
    )

    person: str
    workspace: str
    csrf: str


class Move(BaseModel):
    """Another of the person's workspaces, by id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"workspace": "default"}})

    workspace: str = Field(max_length=64)


class NewPassword(BaseModel):
    """The address and password that somebody signs in with, and the password to be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"email": "ann@example.org", "old": "what it was", "new": "a better sentence"}},
    )

    email: str = Field(max_length=320)
    old: str = Field(max_length=1_024)
    new: str = Field(max_length=1_024)


CALLER: dict[str, Any] = {
    "kind": "person",
    "id": "01KGCH5YG0FENWGD6T0SG4JJ3T",
    "name": "Ann",
    "email": "ann@example.org",
    "workspace": "default",
    "workspaces": [WORKSPACE],
    "roles": ["viewer"],
    "permissions": ["read"],
    "csrf": "5f0ca1d2e3b4",
    "zone": "Europe/London",
    "week_start": "monday",
    "k": 10,
    "packs": ["shop"],
    "now": "2026-02-01T09:00:00Z",
    "version": "0.1.0",
}


class CallerOut(BaseModel):
    """Who asks: `kind` is person, token or identity, `id` says nothing else; and what a page has to know to begin."""

    model_config = ConfigDict(json_schema_extra={"example": CALLER})

    kind: str
    id: str
    name: str | None = Field(description="What the person is called; null for tokens and identities.")
    email: str | None = Field(description="The person's own address; null for tokens and identities.")
    workspace: str
    workspaces: list[WorkspaceOut] = Field(description="Where the caller is in, by name.")
    roles: list[str]
    permissions: list[Permission]
    csrf: str | None = Field(description="What goes along as X-CSRF-Token; null without a session.")
    zone: str = Field(description="The IANA zone that the workspace's days are cut in.")
    week_start: str = Field(description="The day its weeks start on.")
    k: int = Field(description="How many people a group needs before guarded callers see it.")
    packs: list[str] = Field(description="Whose declarations it has.")
    now: dt.datetime | None = Field(description="What time it is here: today is that instant's date in the zone.")
    version: str = Field(description="The server's.")


class EndedOut(BaseModel):
    """How many sessions ended."""

    model_config = ConfigDict(json_schema_extra={"example": {"sessions": 2}})

    sessions: int


@router.get(PATH, summary="Show who asks", responses=documented(400, 503))
def show_session(request: Request, who: Who) -> CallerOut:
    """Give the caller, with roles and permissions, and where they are; of a session also what its requests send."""
    install = install_of(request)
    system, oneself = install.system(who.workspace), people.oneself(install.accounts, who)
    made, holds = system.workspace.identity, system.workspace.terms()
    return CallerOut(
        kind=who.kind,
        id=who.id,
        name=oneself and oneself.name,
        email=oneself and oneself.email,
        workspace=who.workspace,
        workspaces=[workspace_out(entry, who) for entry in people.workspaces_of(install.accounts, who)],
        roles=list(who.roles),
        permissions=sorted(who.permissions),
        csrf=request.scope["state"]["csrf"],
        zone=made.zone,
        week_start=WEEKDAYS[holds.week_start],
        k=holds.k,
        packs=[pack.name for pack in system.catalog.packs],
        now=instant(system.clock()),
        version=request.app.version,
    )


@router.post(
    PATH,
    summary="Sign in",
    responses=documented(400, 403, 404, 413, 415, 503),
    openapi_extra=takes(SignIn),
)
async def begin_session(request: Request, response: Response) -> SignedInOut:
    """Begin a session, in a cookie that lasts up to thirty days, or seven that nobody used it."""
    given = await read_as(request, SignIn)
    entry = await run_in_threadpool(_entered, request, given)
    install, arrival = install_of(request), arrival_of(request.scope)
    set_cookie(response, SESSION, entry.cookie, arrival, seconds=(entry.until - install.clock()) // SECOND)
    set_cookie(response, DEVICE, entry.device, arrival, seconds=A_YEAR)
    return SignedInOut(person=entry.person, workspace=entry.workspace, csrf=entry.csrf)


def _entered(request: Request, given: SignIn) -> Entry:
    install = install_of(request)
    attempt = attempt_of(request, given.email, given.password)
    return sign_in.sign_in(install.accounts, attempt, workspace=given.workspace, now=install.clock())


@router.patch(
    PATH,
    summary="Go on in another workspace",
    responses=documented(400, 404, 413, 415, 503),
    openapi_extra=takes(Move),
)
async def move_session(request: Request) -> CallerOut:
    """Let the session go on in another workspace of the person's, and give who they are there."""
    value = _cookie(request)
    given = await read_as(request, Move)
    await run_in_threadpool(sign_in.switch, install_of(request).accounts, value, given.workspace)
    credentials: Credentials = request.app.state.credentials
    shown = Shown(kind="cookie", text=value)
    credentials.forget(shown)
    known = await credentials.prove(shown)
    request.scope["state"]["caller"] = known.caller
    return await run_in_threadpool(show_session, request, known.caller)


@router.delete(PATH, status_code=204, summary="Sign out", responses=documented(400, 503))
async def end_session(request: Request) -> Response:
    """End the session."""
    value, install = _cookie(request), install_of(request)
    address = arrival_of(request.scope).address or None
    await run_in_threadpool(sign_in.sign_out, install.accounts, value, address=address, now=install.clock())
    return _out(request, Response(status_code=204))


@router.delete(PATH + "/all", summary="Sign out everywhere", responses=documented(400, 503))
async def end_all_sessions(request: Request, who: Who, response: Response) -> EndedOut:
    """End all sessions of the person, in all workspaces and on all devices."""
    _cookie(request)
    install, address = install_of(request), arrival_of(request.scope).address or None
    ended = await run_in_threadpool(
        sign_in.sign_out_everywhere, install.accounts, who.id, who.workspace, address=address, now=install.clock()
    )
    _out(request, response)
    return EndedOut(sessions=ended)


@router.put(
    PATH + "/password",
    status_code=204,
    summary="Change one's password",
    responses=documented(400, 403, 413, 415, 503),
    openapi_extra=takes(NewPassword),
)
async def change_password(request: Request, who: Who) -> Response:
    """Set another password for the person who is signed in; all their sessions end, this one too."""
    _cookie(request)
    given = await read_as(request, NewPassword)
    await run_in_threadpool(_changed, request, who.id, who.workspace, given)
    return _out(request, Response(status_code=204))


def _changed(request: Request, person: str, workspace: str, given: NewPassword) -> None:
    install = install_of(request)
    old = attempt_of(request, given.email, given.old)
    links.change_password(install.accounts, person, old, given.new, workspace=workspace, now=install.clock())


def attempt_of(request: Request, email: str, password: str) -> Attempt:
    """Give what somebody shows to come in, with where from and on which device."""
    arrival = arrival_of(request.scope)
    device = cookie(DEVICE, arrival, dict(request.scope["headers"]))
    return Attempt(email=email, password=password, address=arrival.address or None, device=device)


def _cookie(request: Request) -> str:
    """Give the session's cookie; raises `NO_SESSION` for a caller who has none."""
    value = cookie(SESSION, arrival_of(request.scope), dict(request.scope["headers"]))
    if value is None or request.scope["state"]["csrf"] is None:
        raise Invalid("NO_SESSION", "This is for people who are signed in: the request came without a session.")
    return value


def _out(request: Request, response: Response) -> Response:
    """Let the browser and the front forget the session."""
    credentials: Credentials = request.app.state.credentials
    credentials.forget(Shown(kind="cookie", text=_cookie(request)))
    drop_cookie(response, SESSION, arrival_of(request.scope))
    return response
