"""`/v1/metrics/custom`: metrics that people make of what packs declare, checked while they are written."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keepsum.assemble.system import System
from keepsum.engine.formula import LONGEST, Problem
from keepsum.engine.own_metrics import Given
from keepsum.http.dashboards import NEWEST, SomebodyOut
from keepsum.http.parameters import By, StrictRoute, Sys, Who, install_of, instant, needs, read_as, takes
from keepsum.http.problems import documented, problem
from keepsum.http.query import EXAMPLE as QUESTION
from keepsum.http.query import RESPONSES, Asked
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import CallerId
from keepsum.model.metric import Direction
from keepsum.pipeline import dashboards, own_metrics
from keepsum.pipeline.ask import query_of, to_json
from keepsum.pipeline.own_metrics import ASKED, LONGEST_ABOUT, LONGEST_UNIT, Changed, Known

PATH = "/v1/metrics/custom"
ONE = PATH + "/{name}"
WRITTEN: dict[str, Any] = {
    "name": "margin",
    "formula": "(revenue - orders_daily.costs) / revenue",
    "unit": "",
    "about": "What is left of each euro.",
    "direction": "up",
    "decimals": 2,
}
CUSTOM: dict[str, Any] = {
    **WRITTEN,
    "name": "own_margin",
    "text": "(revenue - costs) / revenue",
    "owner": {"id": "01KGCH5YG0FENWGD6T0SG4JJ3T", "name": "Ann"},
    "version": 3,
    "changed_at": "2026-02-01T09:00:00Z",
    "may_edit": True,
    "problems": [],
}

router = APIRouter(tags=["metrics"], route_class=StrictRoute)


class ProblemOut(BaseModel):
    """What is wrong with a formula, and from which character on; 0 where it is about all of it."""

    at: int
    code: str
    message: str


class Check(BaseModel):
    """A formula as somebody is writing it, perhaps in a unit."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"formula": "revenue / orders", "unit": "EUR"}}
    )

    formula: str = Field(max_length=LONGEST * 10)
    unit: str = Field("", max_length=LONGEST_UNIT)


class CheckedOut(BaseModel):
    """What a formula comes to, in words and in which unit; null where it is none."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"ok": True, "text": "revenue / orders", "unit": "EUR", "problems": []}}
    )

    ok: bool
    text: str | None
    unit: str | None
    problems: list[ProblemOut]


class Preview(BaseModel):
    """A formula, and the question to answer with it in place of the metrics that the question names."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"formula": "revenue / orders", "decimals": 2, "query": QUESTION | {"order": None}}
        },
    )

    formula: str = Field(max_length=LONGEST * 10)
    unit: str = Field("", max_length=LONGEST_UNIT)
    decimals: int = Field(2, ge=0, le=12)
    query: Asked = Field(description=f"The figure's column is called `{ASKED}`.")


class Written(BaseModel):
    """A metric as it is written; its whole name begins with `own_`, which may be left out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": WRITTEN})

    name: str = Field(max_length=60)
    formula: str = Field(max_length=LONGEST * 10, description="Of metrics and measures, as `/v1/metrics` lists them.")
    unit: str = Field("", max_length=LONGEST_UNIT, description="What its numbers are of, where that is not plain.")
    about: str = Field("", max_length=LONGEST_ABOUT)
    direction: Direction = Field("up", description="Which way is better: up, down or none.")
    decimals: int = Field(2, ge=0, le=12, description="How many decimals a quotient has.")


REWRITTEN: dict[str, Any] = {"version": 3} | {name: v for name, v in WRITTEN.items() if name != "name"}


class Rewritten(BaseModel):
    """The same, of a metric that has its name, and which version that was made of."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": REWRITTEN})

    version: int = Field(ge=1, le=NEWEST)
    formula: str = Field(max_length=LONGEST * 10)
    unit: str = Field("", max_length=LONGEST_UNIT)
    about: str = Field("", max_length=LONGEST_ABOUT)
    direction: Direction = "up"
    decimals: int = Field(2, ge=0, le=12)


class CustomOut(BaseModel):
    """A metric that somebody made; with `problems` it has no answer any more, as a pack lost what it reads."""

    model_config = ConfigDict(json_schema_extra={"example": CUSTOM})

    name: str
    formula: str = Field(description="As it was written.")
    text: str | None = Field(description="As people read it.")
    unit: str
    about: str
    direction: Direction
    decimals: int
    owner: SomebodyOut | None = Field(description="Null when whoever made it is not here any more.")
    version: int
    changed_at: dt.datetime | None
    may_edit: bool
    problems: list[ProblemOut]


class CustomsOut(BaseModel):
    """Metrics that people made, by name."""

    model_config = ConfigDict(json_schema_extra={"example": {"metrics": [CUSTOM]}})

    metrics: list[CustomOut]


@router.post(
    "/v1/metrics/check",
    summary="Check a formula",
    dependencies=[needs(Permission.COMPOSE)],
    responses=documented(400, 403, 413, 415, 503),
    openapi_extra=takes(Check),
)
async def check_formula(request: Request, system: Sys, who: Who) -> CheckedOut:
    """Give what a formula comes to, or what is wrong with it; nothing is kept."""
    given = await read_as(request, Check)
    found = await run_in_threadpool(own_metrics.check, system.workspace, who, given.formula, given.unit)
    return CheckedOut(ok=found.ok, text=found.text, unit=found.unit, problems=_problems(found.problems))


@router.post(
    "/v1/metrics/preview",
    summary="Try a formula",
    dependencies=[needs(Permission.COMPOSE)],
    responses=RESPONSES,
    openapi_extra=takes(Preview),
)
async def preview_formula(request: Request, system: Sys, who: Who) -> Response:
    """Give the answer to a question with a formula that is not kept, as any question of the caller's is answered."""
    given = await read_as(request, Preview)
    query = query_of(given.query)
    written = Given(name=ASKED, formula=given.formula, unit=given.unit, decimals=given.decimals)
    remembered = request.app.state.remembered

    def answered() -> bytes:
        now = system.clock()
        return to_json(own_metrics.preview(system.workspace, who, written, query, now=now, remembered=remembered))

    return Response(await run_in_threadpool(answered), media_type="application/json")


@router.get(
    PATH,
    summary="List the metrics that people made",
    dependencies=[needs(Permission.READ)],
    responses=documented(400, 403, 503),
)
def list_custom(system: Sys, who: Who) -> CustomsOut:
    """Give the metrics that people made, as far as the caller may see them; in questions they are as any other."""
    found = own_metrics.listing(system.workspace, who)
    return CustomsOut(metrics=_customs_out(system, found))


@router.post(
    PATH,
    status_code=201,
    summary="Make a metric",
    dependencies=[needs(Permission.COMPOSE)],
    responses=documented(400, 403, 409, 413, 415, 503),
    openapi_extra=takes(Written),
)
async def make_custom(request: Request, system: Sys, by: By) -> CustomOut:
    """Keep a new metric, made of what the caller may see; everybody sees it who sees the figures that it is made of."""
    given = await read_as(request, Written)
    return await run_in_threadpool(_made, request, system, by, given)


@router.put(
    ONE,
    summary="Change a metric",
    dependencies=[needs(Permission.COMPOSE)],
    responses=documented(400, 403, 404, 409, 413, 415, 503),
    openapi_extra=takes(Rewritten),
    response_model=CustomOut,
)
async def change_custom(request: Request, system: Sys, by: By, name: str) -> CustomOut | Response:
    """Keep a metric as it is written now; dashboards that ask for it show that at once.

    When somebody changed it meanwhile, nothing is kept, and the error says who.
    """
    given = await read_as(request, Rewritten)
    return await run_in_threadpool(_changed, request, system, by, name, given)


@router.delete(
    ONE,
    status_code=204,
    summary="Delete a metric",
    dependencies=[needs(Permission.COMPOSE)],
    responses=documented(400, 403, 404, 409, 503),
)
def delete_custom(request: Request, system: Sys, by: By, name: str) -> Response:
    """Delete a metric that no dashboard asks for."""
    system.refuse_archived()
    own_metrics.delete(system.workspace, by, name, now=system.clock())
    install_of(request).look_at(system.id)
    return Response(status_code=204)


def _made(request: Request, system: System, by: Caller, given: Written) -> CustomOut:
    system.refuse_archived()
    found = own_metrics.make(system.workspace, by, Given(**given.model_dump()), now=system.clock())
    return _shown(request, system, found)


def _changed(request: Request, system: System, by: Caller, name: str, given: Rewritten) -> CustomOut | Response:
    system.refuse_archived()
    written = Given(name=name, **given.model_dump(exclude={"version"}))
    try:
        found = own_metrics.change(system.workspace, by, written, given.version, now=system.clock())
    except Changed as error:
        newest = error.newest
        by_whom = _somebody(newest.changed_by, dashboards.names(system.dashboards, (newest.changed_by,)))
        told = by_whom and by_whom.model_dump()
        return problem(error, version=newest.version, changed_at=instant(newest.changed_at), changed_by=told)
    return _shown(request, system, found)


def _shown(request: Request, system: System, found: Known) -> CustomOut:
    """Give a metric that was kept, after the others were told."""
    install_of(request).look_at(system.id)
    return _customs_out(system, (found,))[0]


def _customs_out(system: System, found: Sequence[Known]) -> list[CustomOut]:
    named = dashboards.names(system.dashboards, (one.kept.owner for one in found))
    return [_custom_out(one, named) for one in found]


def _custom_out(found: Known, named: Mapping[CallerId, str | None]) -> CustomOut:
    kept = found.kept
    return CustomOut(
        name=kept.name,
        formula=kept.formula,
        text=found.judged.text,
        unit=kept.unit or found.judged.unit or "",
        about=kept.about,
        direction=kept.direction,
        decimals=kept.decimals,
        owner=_somebody(kept.owner, named),
        version=kept.version,
        changed_at=instant(kept.changed_at),
        may_edit=found.may_edit,
        problems=_problems(found.judged.problems),
    )


def _somebody(one: CallerId, named: Mapping[CallerId, str | None]) -> SomebodyOut | None:
    return SomebodyOut(id=one.id, name=named[one]) if one in named else None


def _problems(found: tuple[Problem, ...]) -> list[ProblemOut]:
    return [ProblemOut(at=one.at, code=one.code, message=one.message) for one in found]
