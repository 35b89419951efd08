"""What a generation of a rollup can answer: rebuilt from its stored definition, so that old ones still speak."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from keepsum.engine.plan import Group, Need
from keepsum.model.errors import Refusal
from keepsum.model.filter import Filter, Value

Grain = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A measure as a generation keeps it: its name there, what it measures, and at which grains if at any."""

    name: str
    need: Need
    at: tuple[Grain, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """One generation of a rollup; of two with the same dimensions the one with the higher `id` is newer.

    `kept_from` is the first day whose figures have not expired, where they do.
    """

    id: int
    table: str
    rollup: str
    by: tuple[str, ...]
    measures: tuple[Kept, ...]
    kept_from: int | None = None

    def kept(self, need: Need) -> Kept | None:
        """Give the measure that is exactly what is needed."""
        return next((kept for kept in self.measures if kept.need == need), None)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A source that can answer a need: from its rows, or from the parts of one grain."""

    source: Source
    kept: Kept
    at: Grain | None = None


@lru_cache(maxsize=1_024)
def source(id: int, table: str, rollup: str, definition: str, kept_from: int | None = None) -> Source:  # noqa: A002 -- its name everywhere
    """Give the source that a stored definition (`model.catalog.definition` as JSON) describes."""
    plain = json.loads(definition)
    return Source(
        id=id,
        table=table,
        rollup=rollup,
        by=tuple(dimension["name"] for dimension in plain["by"]),
        measures=tuple(_kept(measure) for measure in plain["measures"]),
        kept_from=kept_from,
    )


def _kept(measure: dict[str, object]) -> Kept:
    counts = measure["kind"] in {"distinct", "uniques", "count"}
    need = Need(
        kind=str(measure["kind"]),
        of=None if measure["of"] is None else str(measure["of"]),
        scale=0 if counts else int(str(measure["scale"])),
        unit="" if counts else str(measure["unit"]),
        where=_filter(measure["where"]),
    )
    return Kept(name=str(measure["name"]), need=need, at=_grains(measure["at"]))


def _filter(where: object) -> Filter:
    listed: list[tuple[str, list[Value]]] = where  # pyright: ignore[reportAssignmentType] -- what `definition` writes
    return tuple((name, tuple(values)) for name, values in listed)


def _grains(at: object) -> tuple[Grain, ...]:
    listed: list[list[str]] = at or []  # pyright: ignore[reportAssignmentType] -- what `definition` writes
    return tuple(tuple(grain) for grain in listed)


def fit(source: Source, group: Group, need: Need) -> Fit | Refusal:
    """Say whether and how a source answers a need.

    1. It must have every dimension asked by or filtered.
    2. It must keep the same measure: kind, field, filter, unit and decimals.
    3. A measure kept at grains must be kept at one that has those dimensions; of several the coarsest is taken.
       Different values do not add over dimensions, so for them it has to be that grain exactly.
    """
    asked = set(group.dimensions)
    if not asked <= set(source.by):
        return Refusal.DIMENSION_MISSING
    kept = source.kept(need)
    if kept is None:
        return Refusal.MEASURE_MISSING
    if not need.at_grains:
        return Fit(source=source, kept=kept)
    exact = need.kind == "distinct"
    fitting = [at for at in kept.at if (set(at) == asked if exact else set(at) >= asked)]
    if not fitting:
        return Refusal.GRAIN_TOO_COARSE
    return Fit(source=source, kept=kept, at=min(fitting, key=lambda at: (len(at), at)))


def adds_over_filter(group: Group, need: Need) -> bool:
    """Whether the filter makes a need add over dimensions although it cannot: several values, not asked by."""
    return need.kind == "distinct" and any(len(texts) > 1 and name not in group.by for name, texts in group.where)


def candidates(sources: Iterable[Source], group: Group, need: Need) -> tuple[list[Fit], list[tuple[Source, Refusal]]]:
    """Give the sources that fit, the best first (fewest dimensions, then newest), and why the others do not."""
    fitting: list[Fit] = []
    refused: list[tuple[Source, Refusal]] = []
    for source in sources:
        found = fit(source, group, need)
        if isinstance(found, Fit):
            fitting.append(found)
        else:
            refused.append((source, found))
    return sorted(fitting, key=_preference), refused


def _preference(found: Fit) -> tuple[int, int, int]:
    width = len(found.source.by)
    return (width if found.at is None else len(found.at), width, -found.source.id)
