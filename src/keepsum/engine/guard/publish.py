"""When a day is shown, which withheld days join it, and when what was shown is replaced."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from keepsum.engine.fold import Pool
from keepsum.engine.guard.atoms import Atoms, Rolled, is_dominated, is_open, is_shown, only, placed, unsplit
from keepsum.engine.guard.chain import NOWHERE, Levels, Nest, Numbers, nest
from keepsum.model.day import date_of


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`joined` names, for each day that joins another, that other; `withheld` days wait for one of their month."""

    joined: Mapping[int, int]
    withheld: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a rollup shows of a day, none if it shows nothing, though others of its stream do.

    `people` are all numbers of people of the whole day under which any rollup of the stream ever showed it.
    """

    atoms: pa.Table | None
    people: Collection[int]


def over_rollups(totals: Iterable[Pool]) -> Pool:
    """One day's totals in all rollups of a stream as one: its people, and the largest share in any measure."""
    every = list(totals)
    shares = (share for total in every for share in total.largest.values())
    return Pool(people=max((total.people for total in every), default=0), largest={"": max(shares, default=0)})


def plan(sealed: Mapping[int, Pool], waiting: Mapping[int, tuple[Pool, int]], k: int) -> Plan:
    """Which days join which, for all rollups of a stream alike, or one rollup would tell what another hides.

    `sealed` has the totals of days that were never shown, in the order of their seals, `waiting` those of the days
    withheld before, each with the k of its seal. A day of fewer than k people waits; the first day of its month that
    is shown after it takes it in, if it has as many people as either k asks for. A day of which one person holds more
    than 85 % joins none, for of a sum of days nobody could say how much is his. Of the others nobody's share of all
    days is above his largest of one day, and all have at least the people of the largest.
    """
    waits = {day: one for day, one in waiting.items() if day not in sealed}
    joined: dict[int, int] = {}
    for day, total in sealed.items():
        if is_open(total, k):
            same = ((small, *one) for small, one in waits.items() if _month(small) == _month(day))
            joined |= {small: day for small, who, own in same if _may_join(who, own, total)}
            waits = {small: one for small, one in waits.items() if small not in joined}
        elif not is_shown(total, k):
            waits[day] = total, k
    return Plan(joined=joined, withheld=tuple(sorted(waits)))


def may_replace(shown: Iterable[int], people: int, k: int) -> bool:
    """Whether a number of people may follow those shown before: of each it is the same, or at least k away."""
    return all(people == before or abs(people - before) >= k for before in shown)


def may_show_corrections(shown: Iterable[int], people: int, k: int) -> bool:
    """Whether the corrections of a purged day, of so many people by now, may be shown.

    `shown` has the numbers of people at which they were shown before, for they move in steps of at least k.
    """
    return people - max(shown, default=0) >= k


def replace(rolled: Rolled, chain: Levels, k: int, shown: Mapping[int, Shown]) -> dict[int, Atoms | None]:
    """What a rollup shows of days that are sealed again, by day; None where all stays as it is.

    1. All stays where the day's people are others but fewer than k more or less than ever before, or where its total
       may not stand.
    2. The new atoms are cut as the old ones were, so that nothing is split later. Where one has fewer people than
       before, or more but fewer than k more, or may not stand, the day shows its total only, from then on; so does
       a day of which the rollup showed nothing.

    `chain` is the rollup's levels down to its own; k is the larger of the day's and today's. A day that joined
    another or that others joined never changes: do not give it.
    """
    days = [day for day, old in shown.items() if _may_follow(old, rolled.totals[day], k)]
    found = unsplit(only(rolled, days), k)
    before = {day: old for day in days if (old := shown[day].atoms) is not None}
    if before:
        some, atoms = only(rolled, before.keys()), pa.concat_tables(before.values())
        held = nest(some.rows, atoms, chain)
        level = held.depth.copy()
        people = _as_before(some, held, atoms["people"].to_numpy(), level, k)
        found |= placed(some, chain, held.groups[:-1], level, people)
    return {day: found.get(day) for day in shown}


def _month(day: int) -> tuple[int, int]:
    date = date_of(day)
    return date.year, date.month


def _may_join(total: Pool, k: int, other: Pool) -> bool:
    return 0 < total.people < k <= other.people and not is_dominated(total)


def _may_follow(old: Shown, total: Pool, k: int) -> bool:
    return is_shown(total, k) and may_replace(old.people, total.people, k)


def _as_before(some: Rolled, held: Nest, before: Numbers, level: Numbers, k: int) -> Numbers:
    """Close, in `level`, the days whose atoms may not be replaced one by one; give the people of each row's atom."""
    atoms = {pair: place for place, pair in enumerate(_pairs(held.level, held.atoms))}
    pools = np.array([atoms.get(pair, -1) for pair in _pairs(level, held.groups)], np.int64)
    days, of_row = some.rows["day"].to_numpy(), pools.tolist()
    found = some.pools_of(pools)
    fine = {place for place, pool in found.items() if _may_follow_atom(int(before[place]), pool, k)}
    people = np.array([found[place].people if place in found else 0 for place in of_row], np.int64)
    failing = np.array([place not in fine for place in of_row], np.bool_)
    for day in np.unique(days[failing]).tolist():
        level[days == day] = 0
        people[days == day] = some.totals[day].people
    return people


def _may_follow_atom(before: int, pool: Pool, k: int) -> bool:
    # Only upwards, so that an atom is k people away from all that stood before it, not from the last one only.
    return is_open(pool, k) and (pool.people == before or pool.people - before >= k)


def _pairs(level: Numbers, groups: tuple[Numbers, ...]) -> list[tuple[int, int]]:
    """Each one's level, and its group there."""
    found = np.full(len(level), NOWHERE, np.int64)
    for place, group in enumerate(groups):
        found[level == place] = group[level == place]
    return list(zip(level.tolist(), found.tolist(), strict=True))
