"""`/v1/dashboards`: what people look at, made and changed version by version, shared with roles and published."""

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keepsum.assemble.system import System
from keepsum.http.documents import DOCUMENT, Document
from keepsum.http.parameters import By, StrictRoute, Sys, Who, instant, needs, read_as, takes
from keepsum.http.problems import documented, problem
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import CallerId
from keepsum.model.document import dashboard_of, document
from keepsum.pipeline import dashboards
from keepsum.pipeline.dashboards import Changed, Dashboards, Seen
from keepsum.store.dashboards import Version

PATH = "/v1/dashboards"
ONE = PATH + "/{id}"

router = APIRouter(tags=["dashboards"], route_class=StrictRoute, dependencies=[needs(Permission.READ)])

Id = Annotated[str, Path(max_length=dashboards.LONGEST_ID)]
NEWEST = 2**31 - 1

SOMEBODY: dict[str, Any] = {"id": "01KGCH5YG0FENWGD6T0SG4JJ3T", "name": "Ann"}
SUMMARY: dict[str, Any] = {
    "id": "01KH0A2W1HFENWGD6T0SG4JJ3T",
    "title": DOCUMENT["title"],
    "about": DOCUMENT["about"],
    "pack": None,
    "owner": SOMEBODY,
    "version": 3,
    "changed_at": "2026-01-31T09:30:00Z",
    "shared": ["viewer"],
    "published": False,
    "may_edit": True,
    "may_share": True,
    "may_publish": False,
}


class SomebodyOut(BaseModel):
    """Somebody, by an id that says nothing else; null is the name of an outside identity."""

    id: str
    name: str | None


class SummaryOut(BaseModel):
    """A dashboard without what is on it: whose it is, whom it is shared with, and what the caller may do with it."""

    id: str = Field(description="Of a pack's dashboard the pack's name, a dot and its own.")
    title: str
    about: str
    pack: str | None = Field(description="The pack that brings it: then it stays as it is, and can be copied.")
    owner: SomebodyOut | None = Field(description="Who made it; null of a pack's, and when they are gone.")
    version: int = Field(description="How often it was saved; 0 of a pack's.")
    changed_at: dt.datetime | None
    shared: list[str] = Field(description="The roles whose holders see it.")
    published: bool = Field(description="Whether anybody sees it who has its link.")
    may_edit: bool
    may_share: bool
    may_publish: bool


class DashboardsOut(BaseModel):
    """The dashboards that the caller sees, and what goes for new ones."""

    model_config = ConfigDict(json_schema_extra={"example": {"dashboards": [SUMMARY], "widgets": 20, "refresh": 300}})

    dashboards: list[SummaryOut]
    widgets: int = Field(description="How many widgets one may have.")
    refresh: int = Field(description="After how many seconds a new one is looked at again.")


class MissingOut(BaseModel):
    """A widget that has no answer for the caller, and why: the error that its question ends with."""

    widget: str
    code: str
    detail: str


class DashboardOut(SummaryOut):
    """A dashboard with what is on it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**SUMMARY, "document": DOCUMENT, "link": None, "missing": []}}
    )

    document: Document
    link: str | None = Field(description="The text of its public link, for those who may share it.")
    missing: list[MissingOut]


class VersionOut(BaseModel):
    """A dashboard as somebody saved it, without what is on it."""

    version: int
    changed_at: dt.datetime | None
    changed_by: SomebodyOut | None
    title: str
    widgets: int


VERSION: dict[str, Any] = {
    "version": 2,
    "changed_at": "2026-01-30T16:00:00Z",
    "changed_by": SOMEBODY,
    "title": DOCUMENT["title"],
    "widgets": 1,
}


class VersionsOut(BaseModel):
    """The last hundred versions of a dashboard, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"versions": [VERSION]}})

    versions: list[VersionOut]


class OldDashboardOut(VersionOut):
    """A version of a dashboard with what was on it."""

    model_config = ConfigDict(json_schema_extra={"example": {**VERSION, "document": DOCUMENT}})

    document: Document


class NewDashboard(BaseModel):
    """A dashboard to be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"document": DOCUMENT}})

    document: Document


class NextVersion(BaseModel):
    """What a dashboard shall be, and which version that was made of."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"version": 3, "document": DOCUMENT}})

    version: int = Field(ge=0, le=NEWEST)
    document: Document


class Sharing(BaseModel):
    """Who sees a dashboard beside whoever made it: those with some roles, and perhaps anybody who has a link."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"roles": ["viewer"], "published": False}})

    roles: list[str] = Field(max_length=100)
    published: bool


CHANGED = documented(400, 403, 404, 409, 413, 415, 503)


@router.get(PATH, summary="List the dashboards", responses=documented(400, 403, 503))
def list_dashboards(system: Sys, who: Who) -> DashboardsOut:
    """Give the dashboards that the caller sees: those of packs, then those that people made."""
    known = system.dashboards
    found = dashboards.listing(known, who)
    named = _named(known, (seen.owner for seen in found))
    return DashboardsOut(
        dashboards=[SummaryOut(**_summary(seen, named)) for seen in found],
        widgets=known.most_widgets,
        refresh=system.settings.dashboard_refresh,
    )


@router.post(
    PATH,
    status_code=201,
    summary="Make a dashboard",
    responses=documented(400, 403, 409, 413, 415, 503),
    openapi_extra=takes(NewDashboard),
    dependencies=[needs(Permission.COMPOSE)],
)
async def make_dashboard(request: Request, system: Sys, who: Who) -> DashboardOut:
    """Keep a new dashboard, which only the caller sees and those who administer the workspace."""
    given = await read_as(request, NewDashboard)
    return await run_in_threadpool(_made, system, who, given)


def _made(system: System, who: Caller, given: NewDashboard) -> DashboardOut:
    made = dashboards.make(system.dashboards, who, dashboard_of(given.document.plain()), now=system.clock())
    return dashboard_out(system, who, made)


@router.get(ONE, summary="Show a dashboard", responses=documented(400, 403, 404, 503))
def show_dashboard(system: Sys, who: Who, id: Id) -> DashboardOut:  # noqa: A002 -- its name in the path
    """Give a dashboard with what is on it, and which of its widgets have no answer for the caller."""
    return dashboard_out(system, who, dashboards.get(system.dashboards, who, id))


@router.put(
    ONE, summary="Change a dashboard", responses=CHANGED, openapi_extra=takes(NextVersion), response_model=DashboardOut
)
async def change_dashboard(request: Request, system: Sys, who: Who, id: Id) -> DashboardOut | Response:  # noqa: A002 -- its name in the path
    """Keep a dashboard's next version; when somebody changed it meanwhile, nothing is kept, and the error says who."""
    given = await read_as(request, NextVersion)
    return await run_in_threadpool(_changed, system, who, id, given)


def _changed(system: System, who: Caller, identity: str, given: NextVersion) -> DashboardOut | Response:
    known, wanted = system.dashboards, dashboard_of(given.document.plain())
    try:
        changed = dashboards.change(known, who, identity, given.version, wanted, now=system.clock())
    except Changed as error:
        newest = error.newest
        by = _somebody(newest.by, _named(known, (newest.by,)))
        told = None if by is None else by.model_dump()
        return problem(error, version=newest.version, changed_at=instant(newest.at), changed_by=told)
    return dashboard_out(system, who, changed)


@router.delete(ONE, status_code=204, summary="Delete a dashboard", responses=documented(400, 403, 404, 409, 503))
def delete_dashboard(system: Sys, by: By, id: Id) -> Response:  # noqa: A002 -- its name in the path
    """Delete a dashboard with its versions and its public link."""
    dashboards.delete(system.dashboards, by, id, now=system.clock())
    return Response(status_code=204)


@router.put(ONE + "/sharing", summary="Share a dashboard", responses=CHANGED, openapi_extra=takes(Sharing))
async def share_dashboard(request: Request, system: Sys, by: By, id: Id) -> DashboardOut:  # noqa: A002 -- its name in the path
    """Say who sees a dashboard; publishing it makes a link, which is good until it is no longer published."""
    given = await read_as(request, Sharing)
    return await run_in_threadpool(_shared, system, by, id, given)


def _shared(system: System, by: Caller, identity: str, given: Sharing) -> DashboardOut:
    known, now = system.dashboards, system.clock()
    seen = dashboards.share(known, by, identity, given.roles, published=given.published, now=now)
    return dashboard_out(system, by, seen)


@router.get(ONE + "/versions", summary="List a dashboard's versions", responses=documented(400, 403, 404, 503))
def list_versions(system: Sys, who: Who, id: Id) -> VersionsOut:  # noqa: A002 -- its name in the path
    """Give the versions that are kept, the newest first; none of a pack's."""
    known = system.dashboards
    found = dashboards.history(known, who, id)
    named = _named(known, (one.by for one in found))
    return VersionsOut(versions=[VersionOut(**_version(one, named)) for one in found])


@router.get(ONE + "/versions/{version}", summary="Show an old version", responses=documented(400, 403, 404, 503))
def show_version(
    system: Sys,
    who: Who,
    id: Id,  # noqa: A002 -- its name in the path
    version: Annotated[int, Path(ge=1, le=NEWEST)],
) -> OldDashboardOut:
    """Give a dashboard as it was."""
    known = system.dashboards
    found = dashboards.version(known, who, id, version)
    shown = Document.model_validate(found.document)
    return OldDashboardOut(**_version(found, _named(known, (found.by,))), document=shown)


def dashboard_out(system: System, who: Caller, seen: Seen) -> DashboardOut:
    """Give a dashboard as its viewer sees it."""
    known, today = system.dashboards, system.calendar().number_of(system.clock())
    return DashboardOut(
        **_summary(seen, _named(known, (seen.owner,))),
        document=Document.model_validate(document(seen.dashboard)),
        link=dashboards.link(known, seen),
        missing=[MissingOut(**vars(one)) for one in dashboards.missing(known, who, seen.dashboard, today)],
    )


Named = dict[CallerId, SomebodyOut]


def _named(known: Dashboards, of: Iterable[CallerId | None]) -> Named:
    found = dashboards.names(known, (one for one in of if one is not None))
    return {one: SomebodyOut(id=one.id, name=name) for one, name in found.items()}


def _somebody(one: CallerId | None, named: Named) -> SomebodyOut | None:
    return None if one is None else named.get(one)


def _summary(seen: Seen, named: Named) -> dict[str, Any]:
    return {
        "id": seen.id,
        "title": seen.dashboard.title,
        "about": seen.dashboard.about,
        "pack": seen.pack,
        "owner": _somebody(seen.owner, named),
        "version": seen.version,
        "changed_at": instant(seen.changed_at),
        "shared": list(seen.shared),
        "published": seen.is_published,
        "may_edit": seen.may_edit,
        "may_share": seen.may_share,
        "may_publish": seen.may_publish,
    }


def _version(version: Version, named: Named) -> dict[str, Any]:
    return {
        "version": version.version,
        "changed_at": instant(version.at),
        "changed_by": _somebody(version.by, named),
        "title": version.document["title"],
        "widgets": len(version.document["widgets"]),
    }
