"""`/v1/metrics`: what can be asked for by name."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from keepsum.engine.access import visible_metrics
from keepsum.http.parameters import StrictRoute, Sys, Who, needs
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.describe import describe

EXAMPLE: dict[str, Any] = {
    "metrics": [
        {
            "name": "revenue",
            "about": "What orders came to.",
            "owner": "sales",
            "kind": "simple",
            "unit": "EUR",
            "direction": "up",
            "decimals": None,
            "text": "total",
            "formula": {"rollup": "orders_daily", "measure": "total", "where": [], "quantile": None},
        }
    ]
}

router = APIRouter(tags=["metrics"], route_class=StrictRoute, dependencies=[needs(Permission.READ)])


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
    """The metrics that are shown to the caller, by name."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    metrics: list[MetricOut]


@router.get("/v1/metrics", summary="List the metrics", responses=documented(400, 403))
async def list_metrics(system: Sys, who: Who) -> MetricsOut:
    """Give every metric that a question of the caller's can name."""
    shown = visible_metrics(who, system.catalog)
    metrics: Any = describe(system.catalog)["metrics"]
    return MetricsOut(metrics=[MetricOut.model_validate(one) for one in metrics if one["name"] in shown])
