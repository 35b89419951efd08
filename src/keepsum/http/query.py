"""`/v1/query`: a question as JSON or in the address, the answer with the labels that say what it is."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keepsum.assemble.system import System
from keepsum.http.parameters import IsoDate, Sys, Who, needs, read_json
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.model.day import Grain
from keepsum.model.errors import Invalid
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of, to_json

PATH = "/v1/query"
WHERE = "where."

router = APIRouter(tags=["query"], dependencies=[needs(Permission.READ)])

Scalar = str | int | bool | None
EXAMPLE: dict[str, Any] = {
    "metrics": ["revenue"],
    "by": ["country"],
    "grain": "month",
    "from": "2026-01-01",
    "to": "2026-03-31",
    "where": {"country": ["France", "Spain"]},
    "order": "-revenue",
    "top": 10,
    "totals": True,
}
ANSWER: dict[str, Any] = {
    "columns": [
        {"name": "time", "kind": "time", "unit": "", "scale": 0},
        {"name": "country", "kind": "dimension", "unit": "", "scale": 0},
        {"name": "revenue", "kind": "metric", "unit": "EUR", "scale": 2},
    ],
    "rows": [["2026-01-01", "France", 8450.10], ["2026-01-01", "Spain", None]],
    "totals": [None, None, 8450.10],
    "labels": {
        "exact": True,
        "final": True,
        "coverage": {"days": 31, "missing": []},
        "suppressed": False,
        "guarded": False,
        "basis": "origin",
        "sources": {"rollup": 31, "records": 0, "missing": 0},
        "error": {},
        "notes": [],
    },
    "explain": None,
}


class Question(BaseModel):
    """A question: metrics by dimensions, over a range of local dates, at a grain."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": EXAMPLE})

    metrics: list[str] = Field(description="Names of metrics; `/v1/metrics` lists them.")
    first: IsoDate = Field(alias="from", description="The first local date.")
    to: IsoDate = Field(description="The last local date, included.")
    by: list[str] = Field([], description="Dimensions to split by.")
    grain: Grain = Field(Grain.ALL, description="How long one period of the answer is.")
    where: dict[str, list[Scalar] | Scalar] = Field({}, description="Per dimension, the values that count.")
    compare: Literal["previous"] | None = Field(None, description="Compare with the period before.")
    order: str | None = Field(None, description="The column that sorts, with a minus for the largest first.")
    top: int | None = Field(None, description="How many groups to list; the others become `(other)`.")
    totals: bool = Field(default=False, description="Whether to add a row over everything.")
    basis: Literal["origin", "booked"] = Field("origin", description="Whether corrections restate their own day.")
    guarded: bool = Field(default=False, description="Answer as somebody may see it who must not see small groups.")
    explain: bool = Field(default=False, description="Whether to say where each day's figures come from.")


# A question within a body: `query_of` reads it, and the description refers to the one that stands alone.
Asked = Annotated[dict[str, Any], WithJsonSchema({"x-like": "Question"})]


class ColumnOut(BaseModel):
    """One column: `kind` is time, dimension, metric, comparison or error."""

    name: str
    kind: str
    unit: str
    scale: int


class CoverageOut(BaseModel):
    """How many days are covered, and which are missing."""

    days: int
    missing: list[str]


class LabelsOut(BaseModel):
    """What the numbers are: exact or estimated, final or provisional, complete or not."""

    exact: bool
    final: bool
    coverage: CoverageOut
    suppressed: bool
    guarded: bool
    basis: str
    sources: dict[str, int]
    error: dict[str, float]
    notes: list[str]


class ExplainOut(BaseModel):
    """How the answer came about; how many rows were read is null for whoever sees the rows of some actors only."""

    access: list[dict[str, Any]]
    routes: list[dict[str, Any]]
    refusals: list[dict[str, Any]]
    rows_read: int | None
    seconds: dict[str, float]


class AnswerOut(BaseModel):
    """Rows of cells in the order of the columns; a missing value is null, never zero, a number has all its decimals."""

    model_config = ConfigDict(json_schema_extra={"example": ANSWER})

    columns: list[ColumnOut]
    rows: list[list[str | int | float | None]]
    totals: list[str | int | float | None] | None
    labels: LabelsOut
    explain: ExplainOut | None


RESPONSES: Any = {200: {"model": AnswerOut}, **documented(400, 403, 404, 413, 415, 503)}


@router.post(
    PATH,
    summary="Ask a question",
    responses=RESPONSES,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Question"}}},
        }
    },
)
async def post_query(request: Request, system: Sys, who: Who) -> Response:
    """Give the answer to a question."""
    return await run_in_threadpool(_answered, request, system, who, await read_json(request))


def _parameters() -> list[dict[str, Any]]:
    """Give the parameters of a question in an address, as OpenAPI says them."""
    listed: list[dict[str, Any]] = []
    for name, field in Question.model_fields.items():
        if name == "where":
            continue
        kind = {"type": "boolean"} if field.annotation is bool else {"type": "string"}
        shown = field.alias or name
        given = {"metrics": "revenue,customers", "from": "2026-01-01", "to": "2026-03-31"}.get(shown)
        example = {"example": given} if given else {}
        listed.append(
            {
                "name": shown,
                "in": "query",
                "required": field.is_required(),
                "schema": kind,
                "description": field.description,
                **example,
            }
        )
    listed.append(
        {
            "name": "filters",
            "in": "query",
            "style": "form",
            "explode": True,
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            "description": "Per dimension `where.<dimension>=<value>`, once for each value that counts.",
            "example": {"where.country": "France"},
        }
    )
    return listed


@router.get(
    PATH,
    summary="Ask a question in the address",
    responses=RESPONSES,
    openapi_extra={"parameters": _parameters()},
)
async def get_query(request: Request, system: Sys, who: Who) -> Response:
    """Give the answer to a simple question: lists are texts with commas, filters are `where.<dimension>=<value>`."""
    return await run_in_threadpool(_answered, request, system, who, _from_address(request.query_params.multi_items()))


def _from_address(pairs: list[tuple[str, str]]) -> dict[str, object]:
    """Read the pairs of an address; a name may come again only where there can be several values."""
    asked: dict[str, object] = {}
    where: dict[str, list[str]] = {}
    for name, value in pairs:
        if name.startswith(WHERE):
            where.setdefault(name.removeprefix(WHERE), []).append(value)
        elif name in {"metrics", "by"} and name in asked:
            asked[name] = f"{asked[name]},{value}"
        elif name in asked or name == "where":
            raise Invalid(
                "BAD_PARAMETER", f"The parameter {name!r} comes once, filters as 'where.<dimension>=<value>'."
            )
        else:
            asked[name] = value
    return asked | ({"where": where} if where else {})


def _answered(request: Request, system: System, caller: Caller, asked: Mapping[str, object]) -> Response:
    query = query_of(asked)
    found = answer(system.workspace, query, caller=caller, now=system.clock(), remembered=request.app.state.remembered)
    return Response(to_json(found), media_type="application/json")
