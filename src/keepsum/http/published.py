"""`/v1/public`: a dashboard that was published, for anybody who has its link, and the answers its widgets ask for."""

import datetime as dt
import time
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keepsum.assemble.install import Install
from keepsum.assemble.system import System
from keepsum.http.documents import DOCUMENT, Document
from keepsum.http.live import EVENTS, MOST_QUERIES, PROVEN_EVERY, streaming
from keepsum.http.parameters import StrictRoute, arrival_of, install_of, instant, read_as, span, takes
from keepsum.http.problems import documented
from keepsum.http.query import RESPONSES
from keepsum.model.access import Caller
from keepsum.model.dashboard import TimeGrain
from keepsum.model.day import WEEKDAYS, date_in, date_of
from keepsum.model.document import document
from keepsum.model.errors import Conflict, Invalid, KeepsumError
from keepsum.model.query import Query
from keepsum.pipeline import published
from keepsum.pipeline.ask import to_json
from keepsum.pipeline.published import Shown, Wanted
from keepsum.pipeline.sign_in import place_of

PATH = "/v1/public/{link}"

router = APIRouter(tags=["public"], route_class=StrictRoute)

Link = Annotated[str, Path(max_length=256)]

PUBLISHED: dict[str, Any] = {
    "document": DOCUMENT,
    "version": 3,
    "from": "2026-01-05",
    "to": "2026-02-01",
    "zone": "Europe/London",
    "week_start": "monday",
    "now": "2026-02-01T09:00:00Z",
}


class PublishedOut(BaseModel):
    """A dashboard with what is on it, the days it may be asked about, and what a page has to know of its workspace."""

    model_config = ConfigDict(json_schema_extra={"example": PUBLISHED})

    document: Document
    version: int = Field(description="The dashboard's: another one means that it was changed.")
    first: dt.date = Field(alias="from", description="The first local date that it is about today.")
    to: dt.date = Field(description="The last one, included.")
    zone: str = Field(description="The IANA zone that the workspace's days are cut in.")
    week_start: str = Field(description="The day its weeks start on.")
    now: dt.datetime | None = Field(description="What time it is here: today is that instant's date in the zone.")


class WidgetAsked(BaseModel):
    """Which widget's question, over which of the dashboard's days, and whether with the period before beside it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"widget": "revenue", "from": "2026-01-05", "to": "2026-02-01", "grain": "day", "compare": False}
        },
    )

    widget: str = Field(max_length=32)
    first: str = Field(alias="from", description="The first local date.")
    to: str = Field(description="The last local date, included.")
    grain: TimeGrain | None = Field(None, description="How long a period is, where the widget leaves that open.")
    compare: bool = False

    def wanted(self) -> Wanted:
        """Give what is asked, with days as numbers; raises `BAD_PARAMETER` and `RANGE_REVERSED`."""
        first, last = span(_date("from", self.first), _date("to", self.to))
        assert first is not None and last is not None  # noqa: S101, PT018 -- both dates are there
        return Wanted(widget=self.widget, first=first, last=last, grain=self.grain, compare=self.compare)


class WidgetsWatched(BaseModel):
    """The questions of widgets whose answers are watched."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"queries": [{"widget": "revenue", "from": "2026-01-05", "to": "2026-02-01"}]}},
    )

    queries: list[WidgetAsked] = Field(min_length=1, max_length=MOST_QUERIES)


@router.get(PATH, summary="Show a published dashboard", responses=documented(400, 404, 503))
def show_published(request: Request, link: Link) -> PublishedOut:
    """Give the dashboard that a link leads to, to anybody."""
    system, shown = _opened(request, link)
    made, holds = system.workspace.identity, system.workspace.terms()
    return PublishedOut(
        **{"from": date_of(shown.first)},
        to=date_of(shown.last),
        document=Document.model_validate(document(shown.dashboard)),
        version=shown.version,
        zone=made.zone,
        week_start=WEEKDAYS[holds.week_start],
        now=instant(system.clock()),
    )


@router.post(
    PATH + "/query",
    summary="Ask what a published widget asks",
    responses={**RESPONSES, **documented(400, 403, 404, 413, 415, 503)},
    openapi_extra=takes(WidgetAsked),
)
async def ask_published(request: Request, link: Link) -> Response:
    """Give the answer to a widget's own question, small groups hidden, over days that its dashboard is about."""
    given = await read_as(request, WidgetAsked)
    return await run_in_threadpool(_answered, request, link, given)


def _answered(request: Request, link: str, given: WidgetAsked) -> Response:
    system, shown = _opened(request, link)
    remembered = request.app.state.remembered
    found = published.ask(system.workspace, shown, given.wanted(), now=system.clock(), remembered=remembered)
    return Response(to_json(found), media_type="application/json")


@router.post(
    PATH + "/live",
    summary="Watch what published widgets ask",
    response_class=StreamingResponse,
    responses={200: EVENTS, **documented(400, 403, 404, 413, 415, 503)},
    openapi_extra=takes(WidgetsWatched),
)
async def watch_published(request: Request, link: Link) -> StreamingResponse:
    """Give the answers to widgets' own questions at once, and each again whenever it changed, small groups hidden.

    It ends when the link is taken back, and when the dashboard is changed.
    """
    given = await read_as(request, WidgetsWatched)
    wanted = [one.wanted() for one in given.queries]
    install = install_of(request)
    system, shown = await run_in_threadpool(_found, install, link)
    caller = published.anybody(system.workspace, shown)
    place = place_of(arrival_of(request.scope).address)
    viewer = Passer(install=install, link=link, caller=caller, place=place, system=system, shown=shown)
    return streaming(request, viewer, [partial(viewer.asked, one) for one in wanted])


@dataclass(kw_only=True)
class Passer:
    """Somebody who came by a link and watches."""

    install: Install
    link: str
    caller: Caller
    place: str
    system: System
    shown: Shown
    rights: tuple[int, ...] = ()
    due: float = 0.0

    def asked(self, wanted: Wanted) -> Query:
        """Give a widget's question, as the dashboard is now."""
        return published.asked(self.system.workspace, self.shown, wanted)

    async def prove(self, rights: tuple[int, ...]) -> None:
        """Look whether the link still leads to the same dashboard; raises `LINK_INVALID` and `DASHBOARD_CHANGED`."""
        if rights == self.rights and time.monotonic() < self.due:
            return
        self.rights, self.due = rights, time.monotonic() + PROVEN_EVERY
        version = self.shown.version
        self.system, self.shown = await run_in_threadpool(_found, self.install, self.link)
        if self.shown.version != version:
            raise Conflict("DASHBOARD_CHANGED", "The dashboard was changed meanwhile: show it anew.")

    def told(self, error: KeepsumError) -> KeepsumError:
        """Give a refusal without what else there is to be asked."""
        return published.untold(error)


def _opened(request: Request, link: str) -> tuple[System, Shown]:
    return _found(install_of(request), link)


def _found(install: Install, link: str) -> tuple[System, Shown]:
    what = published.find(install.control, link)
    system = install.system(what.workspace)
    return system, published.show(system.workspace, what, system.calendar().number_of(system.clock()))


def _date(name: str, text: str) -> dt.date:
    found = date_in(text)
    if found is None:
        raise Invalid("BAD_PARAMETER", f"The parameter {name!r} is wrong: give a date such as 2026-01-31.")
    return found
