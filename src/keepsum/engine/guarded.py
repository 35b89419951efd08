"""Where a guarded caller's figures come from: atoms as they were published, or steps of k people, and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from keepsum.engine.guard.reading import PublishedDay, Visible, allowed, visible
from keepsum.engine.plan import Group
from keepsum.engine.route import NO_DAYS, Days, Leg, Route, Standing, bookings, nearest, unrolled
from keepsum.engine.sources import Fit, Source, candidates
from keepsum.model.errors import Refusal


@dataclass(frozen=True, kw_only=True)
class _Shares:
    """What the fitting sources show between them: days read and days that joined them, and what is left out."""

    read: list[tuple[Days, Mapping[int, int]]] = field(default_factory=list[tuple[Days, Mapping[int, int]]])
    withheld: Days = NO_DAYS
    rest: Days = NO_DAYS


def route(
    group: Group,
    standing: Standing,
    sources: Iterable[Source],
    published: Mapping[str, Sequence[PublishedDay]],
    corrections: Mapping[str, Iterable[tuple[int, int]]] | None = None,
) -> tuple[Route, ...]:
    """Give the route of each of a group's needs for a guarded caller.

    `published` is, by table, what is published of the whole months that the range touches.

    1. What is not for guarded callers at all is refused: `GUARDED_MEASURE`.
    2. A published day comes from the best fitting source's atoms, even when it was touched since; one whose joined
       days are not all in the range is withheld.
    3. A day of which nothing is published anywhere comes from its records, in steps, as its total only, if its stream
       can be shown in steps.
    4. Any other day is missing, for the reasons that `keepsum.engine.route` gives.
    """
    listed = list(sources)
    routes: list[Route] = []
    for need in group.needs:
        refusal = allowed(need.measure(need.kind), group.dimensions)
        if refusal is not None:  # 1
            routes.append(Route(legs=(), refusal=refusal))
            continue
        fits, refused = candidates(listed, group, need)
        found = _assign(group, standing, fits, published)
        legs = [
            Leg(fit=fit, days=days, joined=joined, is_atoms=True)
            for fit, (days, joined) in zip(fits, found.read, strict=True)
            if days
        ]
        living, missing = _rest(standing, found.rest, published, fits, nearest(refused))
        legs += [Leg(fit=None, days=living, is_atoms=True)] if living else []
        legs += bookings(fits, corrections, is_atoms=True) if corrections else []
        routes.append(Route(legs=tuple(legs), missing=missing, withheld=found.withheld, refused=tuple(refused)))
    return tuple(routes)


def _assign(
    group: Group, standing: Standing, fits: list[Fit], published: Mapping[str, Sequence[PublishedDay]]
) -> _Shares:
    """Rule 2: what each source shows of the days that none before it has."""
    rest = frozenset(standing.covered(group.first, group.last))
    withheld = set[int]()
    read: list[tuple[Days, Mapping[int, int]]] = []
    for fit in fits:
        known = published.get(fit.source.table, ())
        shown = visible(known, group.first, group.last)
        mine = rest & frozenset(day.day for day in known)
        days = mine & frozenset(shown.days)
        withheld |= mine & frozenset(shown.withheld)
        read.append((days, _joined(known, shown, mine)))
        rest -= mine
    return _Shares(read=read, withheld=frozenset(withheld), rest=rest)


def _joined(known: Sequence[PublishedDay], shown: Visible, mine: Days) -> Mapping[int, int]:
    """Where the figures of the days that joined others stand."""
    read = set(shown.days)
    return {one.day: one.at for one in known if one.day in mine and one.day not in read and one.at in read}


def _rest(
    standing: Standing,
    rest: Days,
    published: Mapping[str, Sequence[PublishedDay]],
    fits: list[Fit],
    reason: Refusal,
) -> tuple[Days, Mapping[int, Refusal]]:
    """Rules 3 and 4: the days that are read in steps, and the missing ones."""
    elsewhere = frozenset(day.day for days in published.values() for day in days)
    unpurged = rest - standing.purged - elsewhere
    readable = unpurged & (standing.collected | standing.sealed | {standing.today}) if standing.steps else NO_DAYS
    missing: dict[int, Refusal] = {}
    for day in rest - (readable - standing.damaged):
        if day in readable:
            missing[day] = Refusal.DAY_DAMAGED
        elif day in unpurged:
            missing[day] = Refusal.NOT_SEALED if day in standing.noted else Refusal.NOT_COLLECTED
        else:
            missing[day] = unrolled(day, fits) if fits else reason
    return readable - standing.damaged, missing
