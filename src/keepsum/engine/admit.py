"""What a question may read of what its caller may see: refused where it asks for more, never silently cut.

1. The caller may read, and every metric that is asked for is shown to him at all.
2. Whose rows they are is asked by, or filtered, only where the level allows it, and only for rows that are shown.
3. No figure is read of a day before the first that is shown: no period before, no running sum, no late booking.
4. Where a rollup keeps what is asked, it is read from one that is shown; what no rollup keeps is read from living
   records only where the stream itself, or the metric by its own name, is.
Rows of some actors only are a filter on every part of the question, like one of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from keepsum.engine import access
from keepsum.engine.dimensions import Texts, stored
from keepsum.engine.plan import Group, Limits, Plan, need_of
from keepsum.engine.sources import Fit, Source, fit, source
from keepsum.model.access import EVERYTHING, Caller, Decision, Permission, Reason
from keepsum.model.catalog import Catalog, definition
from keepsum.model.day import date_of
from keepsum.model.errors import Forbidden, NotFound
from keepsum.model.ledger import canonical
from keepsum.model.metric import Metric, leaves
from keepsum.model.query import Query
from keepsum.model.rollup import Rollup
from keepsum.model.stream import Stream


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A question that may be asked; `decisions` are by metric and stream, `query` is guarded where one of them is."""

    caller: Caller
    today: int
    query: Query
    decisions: Mapping[tuple[str, str], Decision]
    streams: Mapping[str, Stream]

    @property
    def limits(self) -> Limits:
        """The filters that every part of the question gets, by metric and stream."""
        found: dict[tuple[str, str], Texts] = {}
        for (metric, stream), decision in self.decisions.items():
            actor = self.streams[stream].actor
            if decision.actors is not None and actor is not None:
                found[metric, stream] = ((actor, tuple(sorted(decision.actors))),)
        return found

    @property
    def sees_some_rows(self) -> bool:
        """Whether only rows of some actors are read of anything."""
        return any(decision.actors is not None for decision in self.decisions.values())

    def of_stream(self, name: str) -> Decision:
        """What is shown of a stream to all metrics that are asked for."""
        return access.narrowest(decision for (_, stream), decision in self.decisions.items() if stream == name)

    def reads(self, stream: Stream, rollup: str | None) -> bool:
        """Whether a stream's rollup, or its records, show the metrics at least as they were admitted."""
        return self._is_alike or all(
            access.covers(access.see(self.caller, self.today, stream, rollup, metric), decision)
            for (metric, name), decision in self.decisions.items()
            if name == stream.name
        )

    @cached_property
    def _is_alike(self) -> bool:
        """Whether each role shows all or nothing, so that it does not matter where something is read."""
        readers = (role for role in self.caller.held if Permission.READ in role.permissions)
        return all(grant.on == EVERYTHING for role in readers for grant in role.grants)

    def explained(self) -> tuple[Mapping[str, object], ...]:
        """Give why each metric is shown, and how much of it."""
        return tuple(
            {
                "metric": metric,
                "stream": stream,
                "reason": str(decision.reason),
                "role": decision.role,
                "grant": decision.grant,
                "from": None if decision.first_day is None else str(date_of(decision.first_day)),
                "guarded": decision.guarded,
            }
            for (metric, stream), decision in self.decisions.items()
        )


def admit(caller: Caller, catalog: Catalog, query: Query, today: int) -> Admission:
    """Let a question in, guarded where a decision says so.

    Raises `NOT_PERMITTED`, `UNKNOWN_METRIC` (which lists only what the caller may see), `NO_ACTOR_HERE`,
    `ACTOR_UNKNOWN`, `ACTOR_HIDDEN` and `OUTSIDE_GRANT`.
    """
    access.require(caller, Permission.READ)
    decisions: dict[tuple[str, str], Decision] = {}
    streams: dict[str, Stream] = {}
    for name in query.metrics:
        metric = _known(caller, catalog, name)
        for stream, rollups in _read(metric):
            found = access.narrowest(access.see(caller, today, stream, rollup, name) for rollup in rollups)
            _check_shown(name, stream, found)
            _check_actor(query, metric, stream, found)
            _check_actor_kept(catalog, metric, stream, found)
            decisions[name, stream.name], streams[stream.name] = found, stream
    _check_basis(query, decisions.values())
    is_guarded = query.guarded or any(decision.guarded for decision in decisions.values())
    asked = replace(query, guarded=is_guarded)
    return Admission(caller=caller, today=today, query=asked, decisions=decisions, streams=streams)


def bound(admission: Admission, catalog: Catalog, plan: Plan) -> None:
    """Check what is to be read; raises `OUTSIDE_GRANT`, naming the first day that may be asked for, `NOT_PERMITTED`."""
    for group in plan.groups:
        first = admission.of_stream(group.stream.name).first_day
        if first is not None and group.first < first:
            message = (
                f"The question reads stream {group.stream.name!r} from {date_of(group.first)} on; your roles show it "
                f"from {date_of(first)} on: ask from then, without what runs on from before."
            )
            raise Forbidden("OUTSIDE_GRANT", message)
        _check_kept(admission, catalog, group)


def _known(caller: Caller, catalog: Catalog, name: str) -> Metric:
    if name not in catalog.metrics:
        known = ", ".join(access.visible_metrics(caller, catalog)) or "none"
        raise NotFound("UNKNOWN_METRIC", f"There is no metric {name!r}; known: {known}.")
    return catalog.metrics[name]


def _read(metric: Metric) -> Iterable[tuple[Stream, Iterable[str]]]:
    """The streams that a metric's formula reads, each with the rollups of it that the formula names."""
    found: dict[str, tuple[Stream, dict[str, None]]] = {}
    for leaf in leaves(metric):
        found.setdefault(leaf.rollup.of.name, (leaf.rollup.of, {}))[1][leaf.rollup.name] = None
    return found.values()


_REFUSED: Mapping[Reason, tuple[str, str]] = {
    Reason.NO_ACTOR_HERE: ("NO_ACTOR_HERE", "only own rows are shown, and its records do not say whose they are"),
    Reason.ACTOR_UNKNOWN: ("ACTOR_UNKNOWN", "only own rows are shown, and nobody said which are yours: ask for that"),
}


def _check_shown(metric: str, stream: Stream, found: Decision) -> None:
    if found.allowed:
        return
    otherwise = ("NOT_PERMITTED", f"your roles do not show it ({found.reason}): ask an owner for one that does")
    code, why = _REFUSED.get(found.reason, otherwise)
    raise Forbidden(code, f"Metric {metric!r}, of stream {stream.name!r}: {why}.")


def _check_actor(query: Query, metric: Metric, stream: Stream, found: Decision) -> None:
    """Rule 2; a formula may filter, too."""
    filters = (query.where, *(leaf.filter for leaf in leaves(metric) if leaf.rollup.of.name == stream.name))
    asked = {stored(value) for where in filters for name, values in where if name == stream.actor for value in values}
    if stream.actor is None or (stream.actor not in query.by and not asked):
        return
    if not found.names_actors or (found.actors is not None and not asked <= found.actors):
        message = f"Your roles do not show whose rows of stream {stream.name!r} these are: leave {stream.actor!r} out."
        raise Forbidden("ACTOR_HIDDEN", message)


def _check_actor_kept(catalog: Catalog, metric: Metric, stream: Stream, found: Decision) -> None:
    """Some rollup keeps by the actor each thing that only own rows are shown of."""
    if found.actors is None:
        return
    for leaf in leaves(metric):
        need = need_of(leaf)
        by_actor = (r for r in catalog.rollups_of(stream.name) if stream.actor in r.by)
        if leaf.rollup.of.name == stream.name and not any(_source(r).kept(need) for r in by_actor):
            _check_shown(metric.name, stream, replace(found, allowed=False, reason=Reason.NO_ACTOR_HERE))


def _check_basis(query: Query, decisions: Iterable[Decision]) -> None:
    if query.basis == "booked" and any(decision.first_day is not None for decision in decisions):
        message = "By booking, late records of days that your roles do not show are counted: ask with basis 'origin'."
        raise Forbidden("OUTSIDE_GRANT", message)


def _check_kept(admission: Admission, catalog: Catalog, group: Group) -> None:
    """Rule 4."""
    rollups = catalog.rollups_of(group.stream.name)
    shown = {r.name for r in rollups if admission.reads(group.stream, r.name)}
    if len(shown) == len(rollups) and admission.reads(group.stream, None):
        return
    for need in group.needs:
        fitting = {r.name for r in rollups if isinstance(fit(_source(r), group, need), Fit)}
        if not (fitting & shown if fitting else admission.reads(group.stream, None)):
            by = ", ".join(group.dimensions) or "nothing"
            message = f"By {by}, stream {group.stream.name!r} is kept where your roles do not look: ask for less."
            raise Forbidden("NOT_PERMITTED", message)


def _source(rollup: Rollup) -> Source:
    return source(0, "", rollup.name, canonical(definition(rollup)))
