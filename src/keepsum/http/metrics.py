"""`/v1/metrics`: what can be asked for by name."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from keepsum.engine.access import visible_measures, visible_metrics
from keepsum.engine.plan import need_of
from keepsum.engine.splits import Splits
from keepsum.http.parameters import StrictRoute, Sys, Who, needs
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.catalog import Catalog
from keepsum.model.describe import describe
from keepsum.model.metric import OWN, leaves, streams_of
from keepsum.model.rollup import MeasureOf

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
            "streams": ["orders"],
            "measured": ["sum"],
            "dimensions": ["country", "product"],
            "custom": False,
        }
    ],
    "measures": [
        {
            "name": "orders_daily.total",
            "stream": "orders",
            "kind": "sum",
            "unit": "EUR",
            "scale": 2,
            "about": "What orders came to.",
            "dimensions": ["country", "product"],
        }
    ],
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
    streams: list[str] = Field(description="The streams whose records it is about.")
    measured: list[str] = Field(description="The kinds of measures it reads: uniques and quantiles are estimates.")
    dimensions: list[str] = Field(description="What the caller may split it by, one at a time, whichever day it is.")
    custom: bool = Field(description="Whether somebody made it; `/v1/metrics/custom` says who.")


class MeasureOut(BaseModel):
    """One measure that a rollup keeps: what formulas are made of."""

    name: str = Field(description="As formulas name it: the rollup's name, a dot, its own.")
    stream: str
    kind: str
    unit: str
    scale: int = Field(description="How many decimals its numbers have.")
    about: str
    dimensions: list[str] = Field(description="What the caller may split it by, one at a time, whichever day it is.")


class MetricsOut(BaseModel):
    """The metrics that are shown to the caller, by name, and the measures of the rollups that are."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    metrics: list[MetricOut]
    measures: list[MeasureOut]


@router.get("/v1/metrics", summary="List the metrics", responses=documented(400, 403))
def list_metrics(system: Sys, who: Who) -> MetricsOut:
    """Give every metric that a question of the caller's can name, and what there is to make metrics of."""
    catalog, today = system.catalog, system.calendar().number_of(system.clock())
    shown, splits = visible_metrics(who, catalog), Splits(who, catalog, today)
    metrics: Any = describe(catalog)["metrics"]
    return MetricsOut(
        metrics=[_metric_out(catalog, one, splits) for one in metrics if one["name"] in shown],
        measures=[_measure_out(leaf, splits) for leaf in visible_measures(who, catalog)],
    )


def _metric_out(catalog: Catalog, described: Mapping[str, Any], splits: Splits) -> MetricOut:
    metric = catalog.metric(described["name"])
    return MetricOut(
        **described,
        streams=[stream.name for stream in streams_of((metric,))],
        measured=sorted({leaf.measure.kind for leaf in leaves(metric)}),
        dimensions=list(splits.of_metric(metric)),
        custom=metric.name.startswith(OWN),
    )


def _measure_out(leaf: MeasureOf, splits: Splits) -> MeasureOut:
    need = need_of(leaf)
    return MeasureOut(
        name=f"{leaf.rollup.name}.{leaf.measure.name}",
        stream=leaf.rollup.of.name,
        kind=need.kind,
        unit=need.unit,
        scale=need.scale,
        about=leaf.measure.about,
        dimensions=list(splits.of_measure(leaf)),
    )
