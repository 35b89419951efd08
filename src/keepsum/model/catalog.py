"""Everything one install declares, by name, and the canonical form of a definition."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from keepsum.model.access import ROLES, Role
from keepsum.model.dashboard import Dashboard
from keepsum.model.errors import NotFound
from keepsum.model.export import Dataset
from keepsum.model.metric import Metric
from keepsum.model.night import Nightly
from keepsum.model.published import Published
from keepsum.model.rollup import (
    AtGrains,
    Count,
    Declared,
    Distinct,
    Max,
    Measure,
    Min,
    Quantiles,
    Rollup,
    Sum,
    Uniques,
)
from keepsum.model.route import PROBLEM, ErrorShape, Route
from keepsum.model.setting import Setting
from keepsum.model.stream import MOST_VALUES, Field, Number, Stream, Text

T = TypeVar("T")

MEASURES: Mapping[str, type[Measure]] = {
    kind.__name__.lower(): kind for kind in (Count, Sum, Min, Max, Distinct, Uniques, Quantiles)
}


@dataclass(frozen=True)
class Reader:
    """How a pack reads one file format into records of a stream: `read(row) -> record`, pure."""

    name: str
    _: KW_ONLY
    stream: str
    read: Callable[[Mapping[str, str]], Mapping[str, object]]


@dataclass(frozen=True)
class DataFile:
    """A file of records that comes with a pack, to try it with: where it lies, who reads it, whose it is."""

    name: str
    _: KW_ONLY
    path: str
    reader: str
    attribution: str = ""


@dataclass(frozen=True)
class Pack:
    """One domain's declarations."""

    name: str
    _: KW_ONLY
    about: str = ""
    streams: tuple[Stream, ...] = ()
    rollups: tuple[Rollup, ...] = ()
    metrics: tuple[Metric, ...] = ()
    readers: tuple[Reader, ...] = ()
    data: tuple[DataFile, ...] = ()
    later: tuple[Declared, ...] = ()
    roles: tuple[Role, ...] = ()
    settings: tuple[Setting, ...] = ()
    routes: tuple[Route, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    published: tuple[Published, ...] = ()
    dashboards: tuple[Dashboard, ...] = ()
    errors: ErrorShape = PROBLEM
    nightly: Nightly | None = None


@dataclass(frozen=True)
class Catalog:
    """The declarations of all enabled packs, and the metrics that people of the workspace made of them."""

    packs: tuple[Pack, ...] = ()
    own: tuple[Metric, ...] = ()

    @cached_property
    def streams(self) -> Mapping[str, Stream]:
        """Streams by name."""
        return {s.name: s for pack in self.packs for s in pack.streams}

    @cached_property
    def rollups(self) -> Mapping[str, Rollup]:
        """Rollups by name."""
        return {r.name: r for pack in self.packs for r in pack.rollups}

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """Metrics by name."""
        return {m.name: m for m in (*(m for pack in self.packs for m in pack.metrics), *self.own)}

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """Datasets by name."""
        return {d.name: d for pack in self.packs for d in pack.datasets}

    @cached_property
    def dashboards(self) -> Mapping[str, tuple[Pack, Dashboard]]:
        """The packs' dashboards by pack and name, as `shop.overview`, each with its pack."""
        return {f"{pack.name}.{one.name}": (pack, one) for pack in self.packs for one in pack.dashboards}

    @cached_property
    def readers(self) -> Mapping[str, Reader]:
        """File readers by name."""
        return {r.name: r for pack in self.packs for r in pack.readers}

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """Roles by name: those of every workspace, and the packs' own."""
        return {**ROLES, **{r.name: r for pack in self.packs for r in pack.roles}}

    @cached_property
    def routes(self) -> tuple[tuple[Pack, Route], ...]:
        """The packs' routes, each with its pack: those with plain segments before those with parameters there."""
        every = ((pack, route) for pack in self.packs for route in pack.routes)
        return tuple(sorted(every, key=_route_order))

    @property
    def nightly(self) -> str | None:
        """When the packs want the nightly job to run, as cron: the first one that says so."""
        return next((pack.nightly.cron for pack in self.packs if pack.nightly is not None), None)

    def stream(self, name: str) -> Stream:
        """Give the stream, or raise `UNKNOWN_STREAM`."""
        return _found(self.streams, name, "UNKNOWN_STREAM", "stream")

    def metric(self, name: str) -> Metric:
        """Give the metric, or raise `UNKNOWN_METRIC`."""
        return _found(self.metrics, name, "UNKNOWN_METRIC", "metric")

    def rollup(self, name: str) -> Rollup:
        """Give the rollup, or raise `UNKNOWN_ROLLUP`."""
        return _found(self.rollups, name, "UNKNOWN_ROLLUP", "rollup")

    def dataset(self, name: str) -> Dataset:
        """Give the dataset, or raise `UNKNOWN_DATASET`."""
        return _found(self.datasets, name, "UNKNOWN_DATASET", "dataset")

    def rollups_of(self, stream: str) -> tuple[Rollup, ...]:
        """Give the stream's rollups, the coarsest first."""
        mine = (r for r in self.rollups.values() if r.of.name == stream)
        return tuple(sorted(mine, key=lambda r: (len(r.by), r.name)))


def _route_order(one: tuple[Pack, Route]) -> tuple[object, ...]:
    route = one[1]
    return [part is None for part in route.shape], route.path, route.method


def _found(known: Mapping[str, T], name: str, code: str, noun: str) -> T:
    if name not in known:
        raise NotFound(code, f"There is no {noun} {name!r}; known: {', '.join(sorted(known)) or 'none'}.")
    return known[name]


def definition(rollup: Rollup) -> dict[str, object]:
    """Give what decides a rollup's numbers, as plain JSON values in one canonical order."""
    return {
        "stream": rollup.of.name,
        "time_kind": rollup.of.time_kind,
        "subject": rollup.of.subject,
        "by": [_dimension(rollup.of.field(name), name) for name in rollup.by],
        "measures": [_measure(rollup, m) for m in rollup.measures],
    }


@lru_cache(1_024)
def definition_hash(rollup: Rollup) -> str:
    """Give 64 hex digits that change whenever the rollup's numbers could."""
    text = json.dumps(definition(rollup), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def restored(name: str, text: str, stream: Stream) -> Rollup:
    """Give the rollup that a definition, as canonical JSON, was made of; fields are those of today's stream."""
    value = json.loads(text)
    measures = tuple(_restored_measure(m) for m in value["measures"])
    return Rollup(name, of=stream, by=tuple(d["name"] for d in value["by"]), measures=measures)


def _restored_measure(value: Mapping[str, Any]) -> Measure:
    where = tuple((field, tuple(allowed)) for field, allowed in value["where"])
    measure = MEASURES[value["kind"]](value["name"], of=value["of"], where=where)
    if isinstance(measure, AtGrains):
        return replace(measure, at=tuple(tuple(grain) for grain in value["at"]))
    return measure


def most_of(declared: Field | None) -> int:
    """Give how many values a day a dimension keeps."""
    return declared.most if isinstance(declared, Text) and declared.most is not None else MOST_VALUES


def _dimension(declared: Field | None, name: str) -> dict[str, object]:
    return {"name": name, "type": type(declared).__name__, "most": most_of(declared)}


def _measure(rollup: Rollup, measure: Measure) -> dict[str, object]:
    source = rollup.of.field(measure.source) if measure.source else None
    return {
        "name": measure.name,
        "kind": measure.kind,
        "of": measure.source,
        "scale": source.scale if isinstance(source, Number) else 0,
        "unit": source.unit if isinstance(source, Number) else "",
        "where": [[name, list(values)] for name, values in measure.where],
        "at": [list(g) for g in rollup.grains(measure)] if isinstance(measure, AtGrains) else None,
    }
