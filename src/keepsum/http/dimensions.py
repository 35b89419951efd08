"""`/v1/dimensions`: the values that figures can be filtered by."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from keepsum.http.parameters import From, StrictRoute, Sys, To, Who, needs, span
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.pipeline.values import Wanted, values

MOST = 1_000
EXAMPLE: dict[str, Any] = {"values": ["France", "Spain", None], "more": False}

router = APIRouter(tags=["query"], route_class=StrictRoute, dependencies=[needs(Permission.READ)])


class ValuesOut(BaseModel):
    """Values as filters take them, those that begin with what was searched for first."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    values: list[str | None] = Field(description="Null stands for records that have none.")
    more: bool = Field(description="Whether there are more than are listed.")


@router.get(
    "/v1/dimensions/{name}/values",
    summary="List the values of a dimension",
    responses=documented(400, 403, 404, 503),
)
def list_values(  # noqa: PLR0913, PLR0917 -- each is a part of the address
    request: Request,
    system: Sys,
    who: Who,
    name: str,
    metric: Annotated[str | None, Query(description="As this metric has them; else as any that is split so.")] = None,
    search: Annotated[str, Query(max_length=200, description="A text that occurs in them, whatever its case.")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 50,
    first: From = None,
    to: To = None,
) -> ValuesOut:
    """Give the values that the caller may see of a dimension; without `from`, of the year up to `to` or today."""
    begin, end = span(first, to)
    wanted = Wanted(dimension=name, metric=metric, search=search, limit=limit, first=begin, last=end)
    state: Any = request.app.state
    found = values(
        system.workspace, wanted, caller=who, now=system.clock(), remembered=state.remembered, known=state.values
    )
    return ValuesOut(values=list(found.values), more=found.more)
