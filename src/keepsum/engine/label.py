"""What an answer says of itself: exact or not, final or not, which days are missing, what is hidden, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite

from keepsum.engine.calculate import relative_error
from keepsum.engine.merge import Sheet
from keepsum.engine.plan import Group, Need, Plan
from keepsum.engine.route import Leg, Route, Standing, runs
from keepsum.model.answer import Coverage, Labels
from keepsum.model.day import date_of
from keepsum.model.rollup import HIDDEN

AT_MOST = "AT_MOST"  # different values of a corrected day may be fewer: a late record may repeat one
NOT_ADDED = "NOT_ADDED"  # different values do not add over groups, so there is no total of them
NOT_GUARDED = "NOT_GUARDED"  # the stream is about nobody, so nothing of it is hidden
WITHHELD = "WITHHELD"  # days of too few people are left out
IN_STEPS = "IN_STEPS"  # unsealed days are counted up to the last full k people
OTHER_LEFT_OUT = "OTHER_LEFT_OUT"  # of a filtered value some may be among what its dimension did not keep a day
RECORDS_LOST = "RECORDS_LOST"  # figures of a day lack accepted records that were lost before they were proven
SEVERAL_EPOCHS = "SEVERAL_EPOCHS"  # people were counted under different keys: nobody knows who came twice
PREVIOUS_INCOMPLETE = "PREVIOUS_INCOMPLETE"  # the period before has days without figures

_MOST_LISTED = 1_000


@dataclass(frozen=True, kw_only=True)
class Routed:
    """One group of a plan on its way: how its stream's days stand, where each need comes from, what was corrected."""

    group: Group
    standing: Standing
    routes: tuple[Route, ...]
    guarded: bool
    corrected: frozenset[int] = frozenset()


def labels(
    plan: Plan,
    routed: Sequence[Routed],
    sheet: Sheet,
    previous: Sequence[Routed] = (),
    also: Iterable[str] = (),
    epochs: int = 1,
) -> Labels:
    """Give the labels of an answer from how its own range was routed, and the notes from the one before, too.

    `epochs` is under how many keys the people of one range were counted.
    """
    first, last = plan.query.first, plan.query.last
    missing = {day for r in routed for route in r.routes for day in route.missing}
    errors = {
        metric.name: error
        for metric, formula in zip(plan.metrics, plan.formulas, strict=True)
        if (error := relative_error(formula, plan.needs, epochs)) is not None
    }
    return Labels(
        exact=not errors,
        error={name: round(error, 6) for name, error in errors.items() if isfinite(error)},
        final=all(_is_final(r.standing, first, last) for r in routed),
        coverage=Coverage(
            days=len({day for r in routed for day in r.standing.covered(first, last)}),
            missing=tuple(str(date_of(day)) for day in sorted(missing)),
        ),
        suppressed=_is_suppressed(routed, sheet),
        guarded=any(r.guarded for r in routed),
        basis=plan.query.basis,
        sources=_sources(routed, range(first, last + 1), missing),
        notes=tuple(dict.fromkeys((*_notes(plan, routed, previous), *also))),
    )


def _is_final(standing: Standing, first: int, last: int) -> bool:
    if standing.start is None:
        return False
    return standing.sealed | standing.purged >= frozenset(range(max(first, standing.start), last + 1))


def _is_suppressed(routed: Sequence[Routed], sheet: Sheet) -> bool:
    if any(route.withheld for r in routed for route in r.routes):
        return True
    return any(any(figure.obscured) for figure in sheet.figures) or any(HIDDEN in key for key in sheet.keys)


def _sources(routed: Sequence[Routed], days: range, missing: set[int]) -> Mapping[str, int]:
    """How many days of the range come from where; a day that lacks anything counts as missing."""
    legs = [leg for r in routed for route in r.routes for leg in route.legs]
    rolled = {day for leg in legs if leg.fit is not None for day in (*leg.days, *leg.joined)}
    living = {day for leg in legs if leg.fit is None for day in leg.days}
    asked = frozenset(days)
    return {
        "rollup": len((rolled & asked) - living - missing),
        "records": len((living & asked) - missing),
        "missing": len(missing & asked),
    }


def _notes(plan: Plan, routed: Sequence[Routed], previous: Sequence[Routed]) -> Iterator[str]:
    for r in (*routed, *previous):
        for need, route in zip(r.group.needs, r.routes, strict=True):
            yield from _notes_of(r, need, route)
        if plan.query.guarded and not r.guarded:
            yield NOT_GUARDED
    if plan.query.by and (plan.query.totals or plan.query.top) and any(n.kind == "distinct" for n in plan.needs):
        yield NOT_ADDED
    if any(_lacks(r) for r in previous):
        yield PREVIOUS_INCOMPLETE


def _notes_of(routed: Routed, need: Need, route: Route) -> Iterator[str]:
    if route.refusal is not None:
        yield str(route.refusal)
    if route.withheld:
        yield WITHHELD
    if need.kind == "distinct" and routed.corrected & route.answered:
        yield AT_MOST
    if routed.standing.short & route.answered:
        yield RECORDS_LOST
    if routed.guarded and any(leg.fit is None and leg.days for leg in route.legs):
        yield IN_STEPS


def _lacks(routed: Routed) -> bool:
    asked = range(routed.group.first, routed.group.last + 1)
    return any(len(route.answered) < len(asked) for route in routed.routes if route.refusal is None)


def explained_routes(routed: Iterable[Routed]) -> tuple[Mapping[str, object], ...]:
    """Give where each measure's days come from, one entry a stretch of days; the first thousand."""
    return tuple(islice((entry for r in routed for entry in _stretches(r)), _MOST_LISTED))


def _stretches(routed: Routed) -> Iterator[Mapping[str, object]]:
    for need, route in zip(routed.group.needs, routed.routes, strict=True):
        what = {"stream": routed.group.stream.name, "measure": named(need)}
        for leg in route.legs:
            for first, last in runs({*leg.days, *leg.joined, *(booked for _, booked in leg.booked)}):
                yield {**what, "from": _date(first), "to": _date(last), **_source(leg)}


def _source(leg: Leg) -> Mapping[str, object]:
    if leg.fit is None:
        return {"source": "records"}
    kind = "corrections" if leg.booked else "atoms" if leg.is_atoms else "rollup"
    at = {} if leg.fit.at is None else {"at": list(leg.fit.at)}
    return {"source": kind, "rollup": leg.fit.source.rollup, "table": leg.fit.source.table, **at}


def explained_refusals(routed: Iterable[Routed]) -> tuple[Mapping[str, object], ...]:
    """Give why sources were not taken, why days are missing or withheld, and why measures are not answered at all."""
    found = (entry for r in routed for place in range(len(r.routes)) for entry in _refusals(r, place))
    return tuple(islice(found, _MOST_LISTED))


def _refusals(routed: Routed, place: int) -> Iterator[Mapping[str, object]]:
    route = routed.routes[place]
    what = {"stream": routed.group.stream.name, "measure": named(routed.group.needs[place])}
    if route.refusal is not None:
        yield {**what, "reason": str(route.refusal)}
    for source, reason in route.refused:
        yield {**what, "rollup": source.rollup, "table": source.table, "reason": str(reason)}
    for reason in sorted(set(route.missing.values())):
        for first, last in runs(day for day, why in route.missing.items() if why == reason):
            yield {**what, "from": _date(first), "to": _date(last), "reason": str(reason)}
    for first, last in runs(route.withheld):
        yield {**what, "from": _date(first), "to": _date(last), "reason": WITHHELD}


def named(need: Need) -> str:
    """Give a measure in words, such as `sum of amount where direction in (credit)`."""
    where = " and ".join(f"{name} in ({', '.join(map(str, values))})" for name, values in need.where)
    return need.kind + (f" of {need.of}" if need.of else "") + (f" where {where}" if where else "")


def _date(day: int) -> str:
    return str(date_of(day))
