"""Where each day's figures come from: a generation of a rollup, living records, or nowhere, and then why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from keepsum.engine.cells import Span
from keepsum.engine.plan import Group
from keepsum.engine.sources import Fit, Source, adds_over_filter, candidates
from keepsum.model.errors import Refusal

Days = frozenset[int]
NO_DAYS: Days = frozenset()

# Of several sources that refuse, the one that came nearest says why a day is missing.
_NEARNESS = (Refusal.DIMENSION_MISSING, Refusal.MEASURE_MISSING, Refusal.GRAIN_TOO_COARSE)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the days of a stream stand.

    `start` is its first covered day (none: it never had a record), `today` the open day. `sealed` days are proven and
    not touched since, purged ones among them unless they went unproven; `collected` days have accepted records;
    `noted` are all that anything is known of. `damaged` days have no records to read, or not all; the figures of
    `short` ones lack records that were accepted. Without `steps` guarded callers see only what is published.
    """

    start: int | None
    today: int
    sealed: Days = NO_DAYS
    purged: Days = NO_DAYS
    collected: Days = NO_DAYS
    noted: Days = NO_DAYS
    damaged: Days = NO_DAYS
    short: Days = NO_DAYS
    steps: bool = True

    def covered(self, first: int, last: int) -> range:
        """Give the days of a range that are the stream's: from its start to today, or to its last record."""
        if self.start is None:
            return range(0)
        end = max((self.today, *self.collected))
        return range(max(first, self.start), min(last, end) + 1)


@dataclass(frozen=True, kw_only=True)
class Leg:
    """Days of one need that come from one place: from a fitting source, or from records where there is none.

    `booked` are the corrections to count instead, as (day, day they were booked on), where a question asks by booking.
    With `is_atoms` only what is published is read, of records their total in steps; `joined` are further days whose
    figures stand at another day.
    """

    fit: Fit | None
    days: Days
    booked: tuple[tuple[int, int], ...] = ()
    is_atoms: bool = False
    joined: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True, kw_only=True)
class Route:
    """How one need is answered: its legs, which days are missing and why, and what each refusing source said.

    `withheld` days are not shown to guarded callers; with a `refusal` no day is answered at all.
    """

    legs: tuple[Leg, ...]
    missing: Mapping[int, Refusal] = field(default_factory=dict[int, Refusal])
    withheld: Days = NO_DAYS
    refused: tuple[tuple[Source, Refusal], ...] = ()
    refusal: Refusal | None = None

    @property
    def answered(self) -> Days:
        """The days that have figures, perhaps together with another day's."""
        return frozenset[int]().union(*(leg.days for leg in self.legs), *(leg.joined for leg in self.legs))


def route(
    group: Group,
    standing: Standing,
    sources: Iterable[Source],
    coverage: Mapping[str, Days],
    corrections: Mapping[str, Iterable[tuple[int, int]]] | None = None,
) -> tuple[Route, ...]:
    """Give the route of each of a group's needs.

    `coverage` says which days each source's table has proven figures of. `corrections` are, by table, the (day,
    booked) of corrections booked within the range, when the question is by booking.

    1. Different values under a filter of several do not add: no day is answered (`GRAIN_TOO_COARSE`).
    2. Days before the stream's start or after today are not the stream's: neither answered nor missing.
    3. A sealed day comes from the best fitting source that covers it, which need not be the same for all days.
    4. Any other day that is not purged comes from its records; today has figures even before its first record.
    5. A damaged day has no records to read: `DAY_DAMAGED`.
    6. A day of which nothing was collected is missing until it is sealed: `NOT_COLLECTED`, or `NOT_SEALED` when
       something else is known of it.
    7. A purged day without a fitting source is missing for the reason of the source that came nearest; if one fits
       but does not cover the day, because its figures expired (`ROLLUP_EXPIRED`) or never were (`NOT_ROLLED`).
    """
    listed = list(sources)
    memory: dict[tuple[tuple[str, ...], Refusal], tuple[list[Days], Days, Mapping[int, Refusal]]] = {}
    routes: list[Route] = []
    for need in group.needs:
        if adds_over_filter(group, need):  # 1
            routes.append(Route(legs=(), refusal=Refusal.GRAIN_TOO_COARSE))
            continue
        fits, refused = candidates(listed, group, need)
        key = (tuple(fit.source.table for fit in fits), nearest(refused))
        if key not in memory:
            memory[key] = _assign(group, standing, fits, coverage, key[1])
        shares, living, missing = memory[key]
        legs = [Leg(fit=fit, days=days) for fit, days in zip(fits, shares, strict=True) if days]
        legs += [Leg(fit=None, days=living)] if living else []
        legs += bookings(fits, corrections) if corrections else []
        routes.append(Route(legs=tuple(legs), missing=missing, refused=tuple(refused)))
    return tuple(routes)


def _assign(
    group: Group, standing: Standing, fits: list[Fit], coverage: Mapping[str, Days], reason: Refusal
) -> tuple[list[Days], Days, Mapping[int, Refusal]]:
    """The days of each fitting source, the days from records, and the missing ones."""
    days = frozenset(standing.covered(group.first, group.last))  # 2
    rest = days & standing.sealed
    shares: list[Days] = []
    for fit in fits:  # 3
        share = rest & coverage.get(fit.source.table, NO_DAYS)
        shares.append(share)
        rest -= share
    unpurged = (rest | (days - standing.sealed)) - standing.purged
    readable = unpurged & (standing.collected | standing.sealed | {standing.today})
    living = readable - standing.damaged  # 4
    missing = dict.fromkeys(readable - living, Refusal.DAY_DAMAGED)  # 5
    for day in unpurged - readable:  # 6
        missing[day] = Refusal.NOT_SEALED if day in standing.noted else Refusal.NOT_COLLECTED
    for day in days & standing.purged & (rest | (days - standing.sealed)):  # 7
        missing[day] = unrolled(day, fits) if fits else reason
    return shares, living, missing


def nearest(refused: Iterable[tuple[Source, Refusal]]) -> Refusal:
    """Give why no source fits: what the one that came nearest said."""
    return max((reason for _, reason in refused), key=_NEARNESS.index, default=Refusal.NOT_ROLLED)


def unrolled(day: int, fits: list[Fit]) -> Refusal:
    """Give why sources that fit have no figures of a day."""
    expired = all(fit.source.kept_from is not None and day < fit.source.kept_from for fit in fits)
    return Refusal.ROLLUP_EXPIRED if expired else Refusal.NOT_ROLLED


def bookings(
    fits: list[Fit], corrections: Mapping[str, Iterable[tuple[int, int]]], *, is_atoms: bool = False
) -> list[Leg]:
    """Give each correction once, from the best source that has it."""
    taken = set[tuple[int, int]]()
    legs: list[Leg] = []
    for fit in fits:
        share = sorted(set(corrections.get(fit.source.table, ())) - taken)
        taken.update(share)
        legs += [Leg(fit=fit, days=NO_DAYS, booked=tuple(share), is_atoms=is_atoms)] if share else []
    return legs


def runs(days: Iterable[int]) -> tuple[Span, ...]:
    """Give the stretches of consecutive days that a set of days is made of, in order."""
    found: list[list[int]] = []
    for day in sorted(days):
        if found and found[-1][1] == day - 1:
            found[-1][1] = day
        else:
            found.append([day, day])
    return tuple((first, last) for first, last in found)
