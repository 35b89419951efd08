"""`/v1/links`: one-time links, an owner's first, an invitation, a new password; whoever has one may use it, once."""

import datetime as dt
from typing import Any

import structlog
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keepsum.assemble.outside import mail_server
from keepsum.deliver import mail
from keepsum.deliver.mail import Letter, MailServer
from keepsum.http.browsers import A_YEAR, DEVICE, set_cookie
from keepsum.http.parameters import StrictRoute, arrival_of, install_of, instant, read_as, takes
from keepsum.http.problems import documented
from keepsum.model.errors import Conflict, KeepsumError, about
from keepsum.pipeline import letters, links
from keepsum.pipeline.links import Given, Used
from keepsum.store.links import Link, LinkKind

router = APIRouter(tags=["links"], route_class=StrictRoute)

_log: Any = structlog.get_logger(__name__)


class Forgotten(BaseModel):
    """The address of an account whose password somebody forgot."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"email": "ann@example.org"}})

    email: str = Field(max_length=320)


class Use(BaseModel):
    """What a link needs: a password; for an owner's link the address, and for somebody new the name.

    Who has an account already gives its password.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"email": "ann@example.org", "name": "Ann", "password": "a sentence is a good one"}
        },
    )

    password: str = Field(max_length=1_024)
    email: str | None = Field(None, max_length=320)
    name: str | None = Field(None, max_length=1_024)


class LinkOut(BaseModel):
    """What a link is good for, and until when."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"kind": "invitation", "roles": ["analyst"], "until": "2026-02-07T09:30:00Z"}}
    )

    kind: LinkKind
    roles: list[str]
    until: dt.datetime | None


class UsedOut(BaseModel):
    """Whose link it was, and of which workspace; now they can sign in."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"kind": "invitation", "person": "01KGCH5YG0FENWGD6T0SG4JJ3T", "workspace": "default"}
        }
    )

    kind: LinkKind
    person: str
    workspace: str | None


@router.post(
    "/v1/links",
    status_code=202,
    summary="Ask for a new password",
    response_class=Response,
    responses=documented(400, 409, 413, 415, 503),
    openapi_extra=takes(Forgotten),
)
async def ask_for_link(request: Request) -> Response:
    """Mail a link for a new password to whoever has the account; the answer is the same when nobody has it."""
    given = await read_as(request, Forgotten)
    task = await run_in_threadpool(_asked, request, given.email)
    return Response(status_code=202, background=task)


def _asked(request: Request, email: str) -> BackgroundTask | None:
    install = install_of(request)
    server = mail_server(install)
    if server is None or install.settings.public_url is None:
        raise Conflict("NO_MAIL", "This server sends no mail: ask an owner of the workspace for a link.")
    address = arrival_of(request.scope).address or None
    made = links.request_reset(install.accounts, email, address=address, now=install.clock())
    if made is None:
        return None
    return BackgroundTask(_send, server, letters.letter(made, install.settings.public_url))


async def _send(server: MailServer, letter: Letter) -> None:
    """Mail a letter after the answer, so that its time tells nothing; what fails is in the log."""
    try:
        await mail.send(server, letter)
    except KeepsumError as error:
        _log.error("mail failed", **about(error))


@router.get("/v1/links/{link}", summary="Show what a link is good for", responses=documented(400, 404, 503))
def show_link(request: Request, link: str) -> LinkOut:
    """Give what a link is good for; looking does not use it up."""
    install = install_of(request)
    found: Link = links.look(install.accounts, link, now=install.clock())
    return LinkOut(kind=found.kind, roles=list(found.roles), until=instant(found.until))


@router.post(
    "/v1/links/{link}",
    summary="Use a link",
    responses=documented(400, 403, 404, 409, 413, 415, 503),
    openapi_extra=takes(Use),
)
async def use_link(request: Request, response: Response, link: str) -> UsedOut:
    """Set a new password, or come into a workspace; the link is good for nothing afterwards."""
    given = await read_as(request, Use)
    used = await run_in_threadpool(_used, request, link, given)
    set_cookie(response, DEVICE, used.device, arrival_of(request.scope), seconds=A_YEAR)
    return UsedOut(kind=used.kind, person=used.person, workspace=used.workspace)


def _used(request: Request, link: str, given: Use) -> Used:
    install = install_of(request)
    address = arrival_of(request.scope).address or None
    shown = Given(password=given.password, email=given.email, name=given.name, address=address)
    return links.use(install.accounts, link, shown, now=install.clock())
