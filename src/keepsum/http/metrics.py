"""`/v1/metrics`: what can be asked for by name."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from keepsum.http.parameters import StrictRoute, Sys
from keepsum.http.problems import documented
from keepsum.model.describe import describe

router = APIRouter(tags=["metrics"], route_class=StrictRoute)


class MetricOut(BaseModel):
    """One metric: its unit, whether more is better, and its formula in words and as a tree."""

    name: str
    about: str
    owner: str
    kind: str
    unit: str
    direction: str
    decimals: int | None
    text: str = Field(description="The formula as people read it.")
    formula: dict[str, Any]


class MetricsOut(BaseModel):
    """All metrics, by name."""

    metrics: list[MetricOut]


@router.get("/v1/metrics", summary="List the metrics", responses=documented(400))
async def list_metrics(system: Sys) -> MetricsOut:
    """Give every metric that a question can name."""
    return MetricsOut.model_validate({"metrics": describe(system.catalog)["metrics"]})
