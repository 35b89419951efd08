"""By which dimensions metrics and measures can be asked: those that a rollup keeps, where the caller may look."""

from collections.abc import Iterator

from keepsum.engine import access
from keepsum.engine.dimensions import texts
from keepsum.engine.guard.reading import allowed
from keepsum.engine.plan import Group, need_of
from keepsum.engine.sources import Fit, Source, fit, source
from keepsum.model.access import Caller, Decision
from keepsum.model.catalog import Catalog, definition
from keepsum.model.ledger import canonical
from keepsum.model.metric import Metric, leaves
from keepsum.model.rollup import MeasureOf, Rollup
from keepsum.model.stream import Stream


class Splits:
    """What one caller may split by, today."""

    def __init__(self, caller: Caller, catalog: Catalog, today: int) -> None:
        self._caller, self._catalog, self._today = caller, catalog, today
        self._sources: dict[str, Source] = {}

    def of_metric(self, metric: Metric) -> tuple[str, ...]:
        """Give the dimensions, one by one, that a metric may be split by and that are kept for all it reads."""
        seen = access.decide(self._caller, metric, self._today)
        found = [set(self._of_leaf(leaf, seen, metric.name)) for leaf in leaves(metric)]
        return tuple(sorted(set[str].intersection(*found)))

    def of_measure(self, leaf: MeasureOf) -> tuple[str, ...]:
        """Give the dimensions, one by one, that a rollup's measure may be split by."""
        seen = access.decide(self._caller, leaf.rollup, self._today)
        return tuple(sorted(set(self._of_leaf(leaf, seen, None))))

    def _of_leaf(self, leaf: MeasureOf, seen: Decision, metric: str | None) -> Iterator[str]:
        stream, need = leaf.rollup.of, need_of(leaf)
        where = texts(stream, leaf.filter)
        rollups = [one for one in self._catalog.rollups_of(stream.name) if self._sees(one, metric)]
        sources = [self._source(rollup) for rollup in rollups]
        for name in dict.fromkeys(name for rollup in rollups for name in rollup.by):
            group = Group(stream=stream, by=(name,), where=where, needs=(need,), first=0, last=0)
            kept = any(isinstance(fit(one, group, need), Fit) for one in sources)
            if kept and _is_shown(stream, name, seen) and not (_is_guarded(stream, seen) and _refused(leaf, group)):
                yield name

    def _sees(self, rollup: Rollup, metric: str | None) -> bool:
        return access.see(self._caller, 0, rollup.of, rollup.name, metric).allowed

    def _source(self, rollup: Rollup) -> Source:
        if rollup.name not in self._sources:
            self._sources[rollup.name] = source(0, "", rollup.name, canonical(definition(rollup)))
        return self._sources[rollup.name]


def _is_shown(stream: Stream, name: str, seen: Decision) -> bool:
    return name != stream.actor or seen.names_actors


def _is_guarded(stream: Stream, seen: Decision) -> bool:
    return seen.guarded and stream.subject is not None


def _refused(leaf: MeasureOf, group: Group) -> bool:
    """Whether guarded callers get nothing of a measure when it is split."""
    return allowed(leaf.measure, group.dimensions) is not None
