"""`/v1/people`: who is in the caller's workspace, with which roles; invited, shut out, taken out."""

import datetime as dt
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keepsum.assemble.outside import mail_server
from keepsum.deliver import mail
from keepsum.http.parameters import By, StrictRoute, Who, arrival_of, install_of, instant, needs, read_as, takes
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.pipeline import letters, links, people
from keepsum.pipeline.links import NewLink
from keepsum.pipeline.people import Gone, MemberPerson

router = APIRouter(tags=["people"], route_class=StrictRoute, dependencies=[needs(Permission.PEOPLE)])


PERSON: dict[str, Any] = {
    "id": "01KGCH5YG0FENWGD6T0SG4JJ3T",
    "email": "ann@example.org",
    "name": "Ann",
    "roles": ["analyst"],
    "actor": None,
    "team": None,
    "since": "2026-01-31T09:30:00Z",
    "disabled_at": None,
}


class PersonOut(BaseModel):
    """A member: `actor` is who they are in records, `team` whose rows they may see with their own."""

    id: str
    email: str
    name: str
    roles: list[str]
    actor: str | None
    team: str | None
    since: dt.datetime | None
    disabled_at: dt.datetime | None


class PeopleOut(BaseModel):
    """The members of the workspace, the longest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"people": [PERSON]}})

    people: list[PersonOut]


class Invitation(BaseModel):
    """Whom to invite, and what they may do."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"email": "ann@example.org", "roles": ["analyst"]}}
    )

    email: str = Field(max_length=320)
    roles: list[str] = Field(max_length=100)


class Roles(BaseModel):
    """The roles a member has from now on. An actor or a team that is left out stays, an empty one goes."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"roles": ["manager"], "team": "north"}})

    roles: list[str] = Field(max_length=100)
    actor: str | None = Field(None, max_length=256)
    team: str | None = Field(None, max_length=256)


class NewLinkOut(BaseModel):
    """A link that was mailed or, where the server sends no mail, has to be handed over by whoever asked for it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"mailed": True, "link": None, "until": "2026-02-07T09:30:00Z"}}
    )

    mailed: bool
    link: str | None = Field(description="Where it is used; null when it was mailed.")
    until: dt.datetime | None


class GoneOut(BaseModel):
    """What ended with it: sessions, and tokens the person had made, by id."""

    model_config = ConfigDict(json_schema_extra={"example": {"sessions": 1, "tokens": ["01KG9Q2W1HFENWGD6T0SG4JJ3T"]}})

    sessions: int
    tokens: list[str]


CHANGED = documented(400, 403, 404, 409, 413, 415, 503)


@router.get("/v1/people", summary="List the people", responses=documented(400, 403, 503))
def list_people(request: Request, who: Who) -> PeopleOut:
    """Give who is in the workspace."""
    return PeopleOut(people=[person_out(one) for one in people.listing(install_of(request).accounts, who)])


@router.post(
    "/v1/people",
    status_code=201,
    summary="Invite somebody",
    responses=CHANGED,
    openapi_extra=takes(Invitation),
)
async def invite_person(request: Request, by: By) -> NewLinkOut:
    """Mail a link that lets the holder of an address in, for a week; or give it to hand over."""
    given = await read_as(request, Invitation)
    install = install_of(request)
    made = await run_in_threadpool(
        links.invite, install.accounts, by, given.email, tuple(given.roles), now=install.clock()
    )
    return await _handed_over(request, made)


@router.put(
    "/v1/people/{id}/roles",
    summary="Give a person other roles",
    responses=CHANGED,
    openapi_extra=takes(Roles),
)
async def give_roles(request: Request, by: By, id: str) -> GoneOut:  # noqa: A002 -- its name in the path
    """Give a member these roles in place of their own; tokens they made that may more than they do now stop."""
    given = await read_as(request, Roles)
    return gone_out(await run_in_threadpool(_given, request, by, id, given))


def _given(request: Request, by: Caller, person: str, given: Roles) -> Gone:
    install, roles, now = install_of(request), tuple(given.roles), install_of(request).clock()
    return people.set_roles(install.accounts, by, person, roles, actor=given.actor, team=given.team, now=now)


@router.post("/v1/people/{id}/password", status_code=201, summary="Make a link for a new password", responses=CHANGED)
async def reset_password(request: Request, by: By, id: str) -> NewLinkOut:  # noqa: A002 -- the same
    """Mail a member a link for a new password, good for an hour; or give it to hand over."""
    install = install_of(request)
    made = await run_in_threadpool(links.reset_link, install.accounts, by, id, now=install.clock())
    return await _handed_over(request, made)


@router.post("/v1/people/{id}/disable", summary="Shut a person out", responses=CHANGED)
def disable_person(request: Request, by: By, id: str) -> GoneOut:  # noqa: A002 -- the same
    """Let nobody in with this account until it is enabled again; sessions end, tokens they made stop."""
    install = install_of(request)
    return gone_out(people.disable(install.accounts, by, id, now=install.clock()))


@router.post("/v1/people/{id}/enable", status_code=204, summary="Let a person in again", responses=CHANGED)
def enable_person(request: Request, by: By, id: str) -> None:  # noqa: A002 -- the same
    """Let somebody in again who was shut out."""
    install = install_of(request)
    people.enable(install.accounts, by, id, now=install.clock())


@router.delete("/v1/people/{id}", summary="Take a person out of the workspace", responses=CHANGED)
def remove_person(request: Request, by: By, id: str) -> GoneOut:  # noqa: A002 -- the same
    """Take a member out of the workspace; somebody who is in no other is deleted."""
    install = install_of(request)
    return gone_out(people.remove(install.accounts, by, id, now=install.clock()))


def person_out(one: MemberPerson) -> PersonOut:
    """Give a member as they are shown to who may know them."""
    return PersonOut(
        id=one.person.id,
        email=one.person.email,
        name=one.person.name,
        roles=list(one.member.roles),
        actor=one.member.actor,
        team=one.member.team,
        since=instant(one.member.created_at),
        disabled_at=instant(one.person.disabled_at),
    )


def gone_out(gone: Gone) -> GoneOut:
    """Give what ended."""
    return GoneOut(sessions=gone.sessions, tokens=[token.id for token in gone.tokens])


async def _handed_over(request: Request, made: NewLink) -> NewLinkOut:
    """Mail a link, or give it where the server sends no mail; raises `MAIL_FAILED`."""
    install = install_of(request)
    server, until = mail_server(install), instant(made.until)
    if server is not None and install.settings.public_url is not None:
        await mail.send(server, letters.letter(made, install.settings.public_url))
        return NewLinkOut(mailed=True, link=None, until=until)
    base = install.settings.public_url or arrival_of(request.scope).base
    return NewLinkOut(mailed=False, link=letters.address_of(made, base), until=until)
