"""The guard in tests: sales sealed day by day as a pipeline would, and every answer that a guarded caller gets."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from tests.rolls import table_of

from keepsum import Count, Integer, Rollup, Stream, Sum, Text, days
from keepsum.engine.codes import encode
from keepsum.engine.fold import Pool, fold, pools
from keepsum.engine.folding import Folding
from keepsum.engine.guard.atoms import DOMINANT, Atoms, Rolled, join, only, split_all, totals
from keepsum.engine.guard.chain import levels, parents
from keepsum.engine.guard.publish import Shown, over_rollups, plan, replace
from keepsum.engine.guard.reading import visible, whole_months
from keepsum.engine.numbers import join as joined
from keepsum.model.rollup import HIDDEN, Measure

SALES = Stream(
    "sales",
    time="at",
    key="id",
    subject="who",
    keep=days(30),
    fields=(Text("a", most=50), Text("b", most=50), Text("c", most=50), Integer("amount"), Integer("tax")),
)
SUMS = (Count("n"), Sum("amount"))
TOTAL = Rollup("total", of=SALES, measures=SUMS)
BY_A = Rollup("by_a", of=SALES, by=("a",), measures=SUMS)
BY_AB = Rollup("by_ab", of=SALES, by=("a", "b"), measures=SUMS)
CHAIN = (TOTAL, BY_A, BY_AB)


@dataclass(frozen=True, eq=False)
class Sale:
    number: int
    day: int
    who: str | None
    a: str = "x"
    b: str = "x"
    c: str = "x"
    amount: int | None = 1
    tax: int | None = 1


Flags = NDArray[np.bool_]
Sales = frozenset[Sale]
Key = tuple[str, ...]


def sales_of(*rows: Any) -> list[Sale]:
    """Sales from what matters about them, numbered; `times` says how many different people did the same."""
    found: list[Sale] = []
    for row in rows:
        for _ in range(row.get("times", 1)):
            facts = {"day": 0, "who": f"person {len(found)}", **row, "number": len(found)}
            found.append(Sale(**{name: fact for name, fact in facts.items() if name != "times"}))
    return found


def random_sales(seed: int, sizes: Mapping[int, int], first: int = 0, names: str = "p") -> list[Sale]:
    """So many sales on each day, most of them of a few groups, one in twelve without an amount or with a large one."""
    persons = 12
    random = np.random.default_rng(seed)
    found: list[Sale] = []
    for day, size in sizes.items():
        for _ in range(size):
            person, kind = random.integers(0, persons + 1), random.integers(0, 24)
            a, b = (values[min(int(random.geometric(0.5)), len(values)) - 1] for values in ("vwxyz", "xyz"))
            amount = None if kind == 0 else 100 if kind == 1 else int(random.integers(-9, 10))
            tax, who = int(random.integers(-2, 40)) if kind > 20 else 0, f"{names}{person}" if person else None
            found.append(Sale(first + len(found), day, who, a, b, amount=amount, tax=tax))
    return found


def records_of(sales: Iterable[Sale]) -> pa.Table:
    """Sales as their segments hold them, in order of arrival."""
    ordered = sorted(sales, key=lambda sale: sale.number)
    return table_of(SALES, [{**vars(sale), "id": sale.number} for sale in ordered])


def rolled(rollup: Rollup, sales: Iterable[Sale], sealed: Iterable[int]) -> Rolled:
    """What rolling up gives the guard, from the real fold."""
    folding = Folding(encode(records_of(sales), [rollup]), SALES)
    rows = fold(folding, rollup).rows

    def pools_of(numbers):
        return pools(folding, rollup, numbers)

    return Rolled(rollup=rollup, rows=rows, pools_of=pools_of, totals=totals(rows, pools_of, sealed))


def people(sales: Iterable[Sale]) -> int:
    """How many different people there are."""
    return len({sale.who for sale in sales} - {None})


def value(sale: Sale, measure: str) -> int:
    """What a sale adds to a measure."""
    return 1 if measure == "n" else getattr(sale, measure) or 0


def pairs(combine: Callable[[Flags, Flags], Flags], one: Flags, other: Flags) -> Flags:
    """What every set of one and of the other combine to, each once."""
    found = combine(one[:, None], other).reshape(len(one) * len(other), one.shape[1])
    packed = np.packbits(found, axis=1)
    whole = np.ascontiguousarray(packed).view(np.dtype((np.void, max(packed.shape[1], 1)))) if packed.size else packed
    return found[np.unique(whole, axis=0, return_index=True)[1]]


class Crowd:
    """Many sets of the same sales looked at together: a set is a row of flags, a sale a column."""

    def __init__(self, sales: Sequence[Sale]) -> None:
        self.sales = sales
        self._column = {sale: column for column, sale in enumerate(sales)}
        persons = sorted({sale.who for sale in sales if sale.who is not None})
        # Floats, because only they are multiplied quickly; numbers this small are exact.
        self._is_of = np.array([[sale.who == who for who in persons] for sale in sales], np.float64)
        self._is_of = self._is_of.reshape(len(sales), len(persons))

    def sets(self, every: Iterable[Iterable[Sale]]) -> Flags:
        """The sets, and the empty one."""
        listed = list(every)
        found = np.zeros((len(listed) + 1, len(self.sales)), np.bool_)
        for row, sales in enumerate(listed):
            found[row, [self._column[sale] for sale in sales]] = True
        return found

    def of(self, flags: Flags) -> Sales:
        return frozenset(self.sales[column] for column in np.flatnonzero(flags).tolist())

    def people(self, sets: Flags) -> NDArray[np.int64]:
        """How many different people are in each set."""
        return np.count_nonzero(sets.astype(np.float64) @ self._is_of, axis=1)

    def may_stand(self, sets: Flags, k: int, measures: Iterable[str] = ("n", "amount")) -> Flags:
        """Of each set, whether nobody is behind its sum, or enough people, none of them with most of it."""
        found = self.people(sets) >= k
        for measure in measures:
            weights = np.array([abs(value(sale, measure)) for sale in self.sales], np.float64)
            most = (sets * weights @ self._is_of).max(axis=1, initial=0)
            found &= most * 10**6 <= DOMINANT * (sets * weights).sum(axis=1)
        return found | (self.people(sets) == 0)


def dimensions(rollup: Rollup, atom: Mapping[str, object]) -> Key:
    return tuple(str(atom[f"d_{name}"]) for name in rollup.by)


def figure(atom: Mapping[str, object], measure: Measure) -> int:
    """What an atom says of a measure."""
    if isinstance(measure, Count):
        return int(str(atom[f"m_{measure.name}"]))
    hi, lo = atom[f"m_{measure.name}_hi"], atom[f"m_{measure.name}_lo"]
    return 0 if hi is None else joined(int(str(hi)), int(str(lo)))


def behind(rollup: Rollup, atoms: pa.Table, sales: Iterable[Sale], day: int) -> dict[Key, Sales]:
    """The sales behind each atom of a day: those with its open dimensions that no atom with more of them has.

    Those of other days, which joined this one, are in its pool.
    """
    keys = [dimensions(rollup, atom) for atom in atoms.to_pylist()]
    found: dict[Key, set[Sale]] = {key: set() for key in keys}
    for sale in sales:
        values = [getattr(sale, name) if sale.day == day else HIDDEN for name in rollup.by]
        fitting = (k for k in keys if all(v in (HIDDEN, w) for v, w in zip(k, values, strict=True)))
        found[min(fitting, key=lambda k: k.count(HIDDEN))].add(sale)
    return {key: frozenset(sales) for key, sales in found.items()}


@dataclass(kw_only=True)
class Day:
    """What is published of a rollup's day and under which k, who is behind each atom, how many people were shown."""

    day: int
    state: str
    at: int
    atoms: pa.Table
    behind: Mapping[Key, Sales]
    k: int
    people: tuple[int, ...] = ()
    joining: Sequence[int] = ()


@dataclass
class Book:
    """One stream's published days, kept as a pipeline keeps them; `k` may be another from one seal to the next."""

    rollups: Sequence[Rollup]
    k: int
    sales: list[Sale] = field(default_factory=list)
    published: dict[str, dict[int, Day]] = field(default_factory=dict)
    waiting: dict[int, tuple[Pool, int]] = field(default_factory=dict)

    def seal(self, sales: Iterable[Sale], sealed: Sequence[int]) -> None:
        """Seal some days, in this order, with all their sales so far and these."""
        self.sales.extend(sales)
        every = {r.name: rolled(r, self.sales, {s.day for s in self.sales} | set(sealed)) for r in self.rollups}
        unseen = [day for day in sealed if not self._is_shown(day)]
        fresh = split_all([only(r, unseen) for r in every.values()], self.k)
        for day in sealed:
            if self._is_shown(day):  # by now: a day before it may have taken it in
                self._again(every, day)
            else:
                self._first(every, {name: found[day] for name, found in fresh.items()}, day)

    def remove(self, gone: Iterable[Sale]) -> None:
        """Forget some sales, as an accepted loss of records does."""
        self.sales = [sale for sale in self.sales if sale not in set(gone)]

    def _is_shown(self, day: int) -> bool:
        return any(day in found and found[day].state != "withheld" for found in self.published.values())

    def _first(self, every: Mapping[str, Rolled], atoms: Mapping[str, Atoms], day: int) -> None:
        total = over_rollups(r.totals[day] for r in every.values())
        found = plan({day: total}, self.waiting, self.k)
        waited = self.waiting
        self.waiting = {d: p for d, p in (self.waiting | {day: (total, self.k)}).items() if d in found.withheld}
        for rollup in self.rollups:
            shown, joining = atoms[rollup.name], sorted(found.joined)
            if joining:
                shown = join(rollup, shown, only(every[rollup.name], joining).rows, day)
            self._publish(rollup, day, shown, self.k, joining)
            for small in joining:
                nothing, k = shown.table.slice(0, 0), waited[small][1]
                joined = Day(day=small, state="joined", at=day, atoms=nothing, behind={}, k=k)
                self.published[rollup.name][small] = joined

    def _again(self, every: Mapping[str, Rolled], day: int) -> None:
        found = [found[day] for found in self.published.values()]
        if any(one.at != day or one.joining for one in found):
            return  # a group never changes
        people, k = {number for one in found for number in one.people}, max(self.k, *(one.k for one in found))
        family = parents(self.rollups)
        for rollup in self.rollups:
            old = self.published[rollup.name][day]
            shown = {day: Shown(atoms=None if old.state == "withheld" else old.atoms, people=people)}
            new = replace(only(every[rollup.name], [day]), levels(rollup, family), k, shown)[day]
            if new is not None:
                self._publish(rollup, day, new, k, [])

    def _publish(self, rollup: Rollup, day: int, atoms: Atoms, k: int, joining: Sequence[int]) -> None:
        mine = self.published.setdefault(rollup.name, {})
        before = mine[day].people if day in mine else ()
        sales = [s for s in self.sales if s.day in (day, *joining)] if atoms.state != "withheld" else []
        mine[day] = Day(
            day=day,
            state=atoms.state,
            at=day,
            atoms=atoms.table,
            behind=behind(rollup, atoms.table, sales, day),
            k=k,
            people=(*before, atoms.people) if atoms.state != "withheld" else before,
            joining=joining,
        )

    def answers(self, measure: str = "n") -> dict[Sales, int]:
        """Every answer to a range and a filter: the sales that are behind it, and their count or sum."""
        every = sorted({day for found in self.published.values() for day in found})
        answered: dict[Sales, int] = {}
        for rollup in self.rollups:
            asked, published = rollup.measure(measure), self.published[rollup.name]
            if asked is None:
                continue
            by_day = {day: self._answers_of(rollup, asked, found) for day, found in published.items()}
            for first, last in combinations_with_replacement(every, 2):
                low, high = whole_months(first, last)
                read = visible([d for d in published.values() if low <= d.day <= high], first, last).days
                for answers in zip(*(by_day[day] for day in read), strict=True):
                    answered[frozenset[Sale]().union(*(s for s, _ in answers))] = sum(n for _, n in answers)
        return answered

    def _answers_of(self, rollup: Rollup, measure: Measure, day: Day) -> list[tuple[Sales, int]]:
        """One day's answers to every filter."""
        figures = (figure(atom, measure) for atom in day.atoms.to_pylist())
        atoms = [(key, sales, n) for (key, sales), n in zip(day.behind.items(), figures, strict=True)]
        found: list[tuple[Sales, int]] = []
        for where in self._filters(rollup):
            chosen = [(sales, n) for key, sales, n in atoms if _matches(rollup, key, where)]
            found.append((frozenset[Sale]().union(*(sales for sales, _ in chosen)), sum(n for _, n in chosen)))
        return found

    def _filters(self, rollup: Rollup) -> Iterator[dict[str, list[str]]]:
        """No filter, one value, and all values but one, of every dimension."""
        values = {name: sorted({getattr(sale, name) for sale in self.sales}) for name in rollup.by}
        choices = [
            [None, *([v] for v in every), *([w for w in every if w != v] for v in every)] for every in values.values()
        ]
        for chosen in product(*choices):
            yield {name: some for name, some in zip(rollup.by, chosen, strict=True) if some is not None}


def _matches(rollup: Rollup, key: Key, where: Mapping[str, Sequence[str]]) -> bool:
    return all(name not in where or value in where[name] for name, value in zip(rollup.by, key, strict=True))
