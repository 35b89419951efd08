"""Which sums of a sealed day stand alone, which are pooled, and which days show their total only."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine.fold import Pool
from keepsum.engine.guard.chain import Levels, Numbers, levels, nest, parents
from keepsum.engine.guard.figures import is_whole, ordered, pooled, standing, whole
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import Rollup

DOMINANT = 850_000  # parts per million of a count or sum: nobody holds more of an atom

Flags = NDArray[np.bool_]
State = Literal["open", "closed", "joined", "withheld"]

_LARGEST = "largest_"
_TOTAL: Levels = ((),)
_WITHHELD = -1


class PoolsOf(Protocol):
    """Who is behind pools of rows, found in the records."""

    def __call__(self, pools: Numbers, /) -> Mapping[int, Pool]:
        """Give each pool by its number; `pools` has the number of each row's pool, -1 for a row in none."""
        ...


@dataclass(frozen=True, kw_only=True)
class Rolled:
    """A rollup's rows of some days, who is behind them, and who is behind each day; a day without rows is empty."""

    rollup: Rollup
    rows: pa.Table
    pools_of: PoolsOf
    totals: Mapping[int, Pool]


@dataclass(frozen=True, kw_only=True)
class Above:
    """What the parent shows of the same days, and the levels of dimensions from the total down to its own."""

    levels: Levels
    atoms: pa.Table


@dataclass(frozen=True, kw_only=True)
class Atoms:
    """What is shown of one rollup's day: `table` has `day`, `d_*`, `people`, `m_*`, sorted by dimensions.

    An open day is split, a closed one shows its total only, a withheld one nothing; `people` is of the whole day.
    """

    table: pa.Table
    state: State
    people: int


def is_open(pool: Pool, k: int) -> bool:
    """Whether a sum may stand: at least k people are behind it, and none of them holds more than 85 % of it."""
    return pool.people >= k and not is_dominated(pool)


def is_dominated(pool: Pool) -> bool:
    """Whether one person holds more than 85 % of a count or sum."""
    return max(pool.largest.values(), default=0) > DOMINANT


def is_shown(total: Pool, k: int) -> bool:
    """Whether a day's total may stand; the total of nobody may, for it is about nobody."""
    return is_open(total, k) or total.people == 0


def totals(rows: pa.Table, pools_of: PoolsOf, days: Iterable[int]) -> dict[int, Pool]:
    """Who is behind each of these days."""
    numbers, places = np.unique(rows["day"].to_numpy(), return_inverse=True)
    # Rows that are days themselves know it already.
    found = _known(rows.take(pa.array(np.argsort(places)))) if len(numbers) == len(rows) else pools_of(places)
    by_day = {day: found[place] for place, day in enumerate(numbers.tolist())}
    return {day: by_day.get(day, Pool(people=0, largest={})) for day in days}


def _known(rows: pa.Table) -> dict[int, Pool]:
    """Who is behind each row, by its place."""
    named = [(name.removeprefix(_LARGEST), name) for name in rows.column_names if name.startswith(_LARGEST)]
    every = rows.select(["people", *(name for _, name in named)]).to_pylist()
    return {
        place: Pool(people=row["people"], largest={measure: row[name] for measure, name in named})
        for place, row in enumerate(every)
    }


def only(rolled: Rolled, days: Collection[int]) -> Rolled:
    """The same of some of the days."""
    chosen = np.isin(rolled.rows["day"].to_numpy(), list(days))

    def pools_of(pools: Numbers, /) -> Mapping[int, Pool]:
        every = np.full(len(chosen), -1, np.int64)
        every[chosen] = pools
        return rolled.pools_of(every)

    some = {day: rolled.totals[day] for day in days}
    rows = rolled.rows.filter(pa.array(chosen))
    return Rolled(rollup=rolled.rollup, rows=rows, pools_of=pools_of, totals=some)


def split_all(rolled: Iterable[Rolled], k: int) -> dict[str, dict[int, Atoms]]:
    """What the rollups of one stream show of days that none of them ever showed, by rollup and day."""
    by_name = {one.rollup.name: one for one in rolled}
    family = parents(one.rollup for one in by_name.values())
    found: dict[str, dict[int, Atoms]] = {}
    for name, parent in family.items():
        above = None
        if parent is not None:
            tables = [atoms.table for atoms in found[parent.name].values()]
            above = Above(levels=levels(parent, family), atoms=ordered(parent, tables))
        found[name] = split(by_name[name], k, above)
    return found


def unsplit(rolled: Rolled, k: int) -> dict[int, Atoms]:
    """A rollup's days as totals, whatever its rows are."""
    level, people = np.zeros(len(rolled.rows), np.int64), np.zeros(len(rolled.rows), np.int64)
    day = np.unique(rolled.rows["day"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    _show_totals(rolled, level == 0, level, people, k)
    return placed(rolled, (*_TOTAL, rolled.rollup.by), (day,), level, people)


def split(rolled: Rolled, k: int, above: Above | None) -> dict[int, Atoms]:
    """What a rollup shows of days that were never shown, by day; `above` is its parent, none where it has none.

    1. Within each atom of the parent that is a row of the parent, open rows stand, and the others are pooled.
    2. A pool that may not stand closes that atom: only its total stands. What the parent pooled is never split.
    3. A total that may not stand, because of a count or sum that the parent lacks, joins the pool one level up.
    4. A day whose total may not stand is withheld.
    """
    chain = _TOTAL if above is None else above.levels
    atoms = rolled.rows.slice(0, 0) if above is None else above.atoms
    held = nest(rolled.rows, atoms, chain)
    depth = np.zeros(len(rolled.rows), np.int64) if above is None else held.depth
    deepest = len(chain) - 1
    level = np.maximum(depth, 0)
    if above is not None or rolled.rollup.by:
        level[_open_rows(rolled, k) & (depth == deepest)] = deepest + 1
    people = _settle(rolled, held.groups, level, k)
    return placed(rolled, (*chain, rolled.rollup.by), held.groups, level, people)


def placed(
    rolled: Rolled, chain: Levels, groups: tuple[Numbers, ...], level: Numbers, people: Numbers
) -> dict[int, Atoms]:
    """The atoms by day of rows that stand alone, or are pooled with their group at a level, or are withheld (-1).

    `level[i]` is the level row i is pooled at, `len(groups)` where it stands alone; `people[i]` is of its atom.
    """
    rollup, rows = rolled.rollup, rolled.rows
    tables = [standing(rollup, rows, level == len(groups))]
    for place, group in enumerate(groups):
        members = np.flatnonzero(level == place)
        chosen = rows.take(pa.array(members))
        tables.append(pooled(rollup, chosen, group[members], people[members], chain[place]))
    table = ordered(rollup, tables)
    days, deepest = rows["day"].to_numpy(), dict[int, int]()
    for place in range(_WITHHELD, len(groups) + 1):
        deepest |= dict.fromkeys(np.unique(days[level == place]).tolist(), place)
    bounds = table["day"].to_numpy()
    found: dict[int, Atoms] = {}
    for day, total in rolled.totals.items():
        begin, end = np.searchsorted(bounds, [day, day + 1]).tolist()
        state = _state(rollup, deepest.get(day))
        found[day] = Atoms(table=table.slice(begin, end - begin), state=state, people=total.people)
    return found


def join(rollup: Rollup, atoms: Atoms, joining: pa.Table, day: int) -> Atoms:
    """What is shown of a day that other, withheld days join: their rows are added to its pool.

    Where the day has no pool over all dimensions, only the total of all stands. The people of a pool stay those of
    the day itself: the other days' may be the same ones.
    """
    if atoms.state == "withheld":
        return atoms
    in_pool = is_whole(rollup, atoms.table)
    state = atoms.state
    if not in_pool.any():
        in_pool, state = np.ones(len(atoms.table), np.bool_), "closed" if rollup.by else "open"
    pool = atoms.table.filter(pa.array(in_pool))
    people = pool["people"][0].as_py() if in_pool.sum() == 1 else atoms.people
    added = pa.concat_tables([pool, whole(rollup, joining, day=day, people=0).select(pool.column_names)])
    rest = atoms.table.filter(pa.array(~in_pool))
    table = ordered(rollup, [rest, whole(rollup, added, day=day, people=people)])
    return Atoms(table=table, state=state, people=atoms.people)


def _state(rollup: Rollup, deepest: int | None) -> State:
    if deepest == _WITHHELD:
        return "withheld"
    return "closed" if deepest == 0 and rollup.by else "open"


def _open_rows(rolled: Rolled, k: int) -> Flags:
    layout = RollupLayout(rollup=rolled.rollup)
    found = rolled.rows["people"].to_numpy() >= k
    for measure in layout.summed:
        found &= rolled.rows[f"largest_{measure.name}"].to_numpy() <= DOMINANT
    return found


def _settle(rolled: Rolled, groups: tuple[Numbers, ...], level: Numbers, k: int) -> Numbers:
    """Close upwards whatever may not stand, in `level`; give how many people are behind each row's atom."""
    people = np.array(rolled.rows["people"].to_numpy())
    for place in reversed(range(len(groups))):
        failing = _failing(rolled, groups[place], level == place, people, k)
        is_closed = np.isin(groups[place], groups[place][failing]) & (level >= place)
        level[is_closed] = place
        if place:
            level[_failing(rolled, groups[place], is_closed, people, k)] = place - 1
        else:
            _show_totals(rolled, is_closed, level, people, k)
    return people


def _failing(rolled: Rolled, group: Numbers, members: Flags, people: Numbers, k: int) -> Flags:
    """Which rows are in a pool that may not stand; the pools are of members with the same group."""
    failing = np.zeros(len(members), np.bool_)
    if not members.any():
        return failing
    pools = np.full(len(members), -1, np.int64)
    pools[members] = places = np.unique(group[members], return_inverse=True)[1]
    found = rolled.pools_of(pools)
    every = [found[place] for place in range(len(found))]
    people[members] = np.array([pool.people for pool in every], np.int64)[places]
    failing[members] = np.array([not is_open(pool, k) for pool in every], np.bool_)[places]
    return failing


def _show_totals(rolled: Rolled, members: Flags, level: Numbers, people: Numbers, k: int) -> None:
    """Set closed days to their totals, or withhold them."""
    days = rolled.rows["day"].to_numpy()
    for day in np.unique(days[members]).tolist():
        total, is_day = rolled.totals[day], days == day
        people[is_day] = total.people
        if not is_shown(total, k):
            level[is_day] = _WITHHELD
