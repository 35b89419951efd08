"""Adds records up by their subject: who has the most of a metric.

Nothing of it is ever stored: who they are leaves the records in an answer to somebody who may see people, or never.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from keepsum.engine import numbers
from keepsum.engine.group_values import plain, whole
from keepsum.model.errors import Invalid
from keepsum.model.filter import Filter, Value, conditions
from keepsum.model.metric import Metric
from keepsum.model.rollup import Arithmetic, Count, Formula, Measure, MeasureOf, Rollup, Sum
from keepsum.model.stream import Boolean, Field, Number, Stream


@dataclass(frozen=True, kw_only=True)
class Term:
    """A count or sum that a metric adds (1) or takes away (-1): of a number field, or of records where it is None."""

    sign: int
    source: str | None
    where: Filter


@dataclass(frozen=True, kw_only=True)
class Leading:
    """A metric as sums over the records of one stream, in 10**-scale of its unit."""

    stream: Stream
    terms: tuple[Term, ...]
    scale: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of records that are read."""
        named = {name for term in self.terms for name, _ in term.where}
        named |= {term.source for term in self.terms if term.source is not None}
        return ("subject", *sorted(f"f_{name}" for name in named))


def leading(metric: Metric) -> Leading:
    """Give what to add up; raises `NOT_OF_PEOPLE` for what is no sum over the records of people."""
    leaves = tuple(_leaves(metric, metric.name, 1))
    streams = {leaf.rollup.of.name: leaf.rollup.of for _, leaf in leaves}
    stream = next(iter(streams.values()))
    if len(streams) > 1 or stream.subject is None:
        raise Invalid("NOT_OF_PEOPLE", f"Metric {metric.name!r} is not of one stream with a subject: ask for another.")
    terms = tuple(
        Term(sign=sign, source=leaf.measure.source, where=conditions((*leaf.filter, *leaf.measure.where)))
        for sign, leaf in leaves
    )
    scales = {_scale(stream, term) for term in terms}
    if len(scales) > 1:
        raise Invalid("NOT_OF_PEOPLE", f"Metric {metric.name!r} adds numbers of several scales: ask for one of them.")
    return Leading(stream=stream, terms=terms, scale=scales.pop())


def _leaves(formula: Formula, name: str, sign: int) -> Iterator[tuple[int, MeasureOf]]:
    match formula:
        case Metric():
            yield from _leaves(formula.formula, name, sign)
        case Arithmetic():
            yield from _leaves(formula.left, name, sign)
            yield from _leaves(formula.right, name, sign if formula.op == "+" else -sign)
        case MeasureOf() if isinstance(formula.measure, (Count, Sum)):
            yield sign, formula
        case _:
            raise Invalid("NOT_OF_PEOPLE", f"Metric {name!r} is no sum of counts and sums: ask for one that is.")


def _scale(stream: Stream, term: Term) -> int:
    field = stream.field(term.source) if term.source is not None else None
    return field.scale if isinstance(field, Number) else 0


def grouping(wanted: Leading, fields: Sequence[Field]) -> Rollup:
    """Give the rollup whose groups of one subject each say what it has; it is asked for and never kept."""
    measures: list[Measure] = []
    for n, term in enumerate(wanted.terms):
        measures.append(Count(f"n{n}", where=term.where))
        if term.source is not None:
            measures.append(Sum(f"s{n}", of=term.source, where=term.where))
    return Rollup("leaders", of=wanted.stream, by=tuple(f.name for f in fields), measures=tuple(measures))


class Standings:
    """What each subject has so far, exactly; who has no record that counts is not there."""

    def __init__(self, wanted: Leading) -> None:
        self._wanted = wanted
        self._totals: defaultdict[str, int] = defaultdict(int)
        self._most: dict[str, tuple[Any, ...]] = {}

    def add(self, records: pa.Table) -> None:
        """Count further records in; those of nobody do not count."""
        for term in self._wanted.terms:
            mine = _passing(records, term.where).select([*_read(term)])
            mine = mine.filter(pc.is_valid(mine.column("subject")))
            for subject, amount in _added(mine, term):
                self._totals[subject] += term.sign * amount

    def add_groups(self, names: Sequence[str], groups: Sequence[Sequence[Any]]) -> None:
        """Count in what a database grouped by `grouping`, its columns as they are called."""
        places = {name: place for place, name in enumerate(names)}
        fields = [places[name] for name in names if name.startswith("d_")]
        for group in groups:
            subject = plain(group[places["subject"]])
            counts = [whole(group[places[f"m_n{n}"]]) for n in range(len(self._wanted.terms))]
            if subject is None or not any(counts):
                continue
            for n, term in enumerate(self._wanted.terms):
                amount = counts[n] if term.source is None else whole(group[places[f"m_s{n}"]])
                self._totals[subject] += term.sign * (amount or 0)
            records = whole(group[places["n"]]) or 0
            if records > self._most.get(subject, (0,))[0]:
                self._most[subject] = (records, *(group[place] for place in fields))

    def fields(self, subjects: Iterable[str], fields: Sequence[Field]) -> dict[str, tuple[Any, ...]]:
        """Give the fields of these subjects as most of the records in groups have them."""
        return {s: tuple(_shown(v, f) for v, f in zip(self._most[s][1:], fields, strict=True)) for s in subjects}

    def first(self, count: int) -> list[tuple[str, int]]:
        """Give who has the most, the largest first; of equals the one whose id comes first."""
        return sorted(self._totals.items(), key=lambda one: (-one[1], one[0]))[:count]


def _read(term: Term) -> tuple[str, ...]:
    return ("subject",) if term.source is None else ("subject", f"f_{term.source}")


def _passing(records: pa.Table, where: Filter) -> pa.Table:
    for name, values in where:
        records = records.filter(_is_one_of(records.column(f"f_{name}"), values))
    return records


def _is_one_of(column: pa.ChunkedArray, values: Sequence[Value]) -> pa.ChunkedArray:
    plain = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    found = pc.is_in(column.cast(plain), value_set=pa.array([v for v in values if v is not None], plain))
    return pc.or_(found, pc.is_null(column)) if None in values else found


def _added(records: pa.Table, term: Term) -> Iterator[tuple[str, int]]:
    """The sum of each subject, in two limbs, because it may need more than 64 bits."""
    if term.source is None:
        counted = records.group_by("subject").aggregate([([], "count_all")])
        yield from zip(counted["subject"].to_pylist(), counted["count_all"].to_pylist(), strict=True)
        return
    amounts = records.column(f"f_{term.source}").fill_null(0).to_numpy()
    limbs = {"hi": amounts // numbers.LIMB, "lo": np.remainder(amounts, numbers.LIMB)}
    table = pa.table({"subject": records.column("subject"), **limbs})
    summed = table.group_by("subject").aggregate([("hi", "sum"), ("lo", "sum")])
    for subject, hi, lo in zip(*(summed[name].to_pylist() for name in ("subject", "hi_sum", "lo_sum")), strict=True):
        yield subject, numbers.join(hi, lo)


def latest(records: pa.Table, fields: Sequence[Field], subjects: set[str]) -> dict[str, tuple[Any, ...]]:
    """Give the fields of each of these subjects as its last record has them, by time and then by key."""
    mine = records.filter(pc.is_in(records.column("subject"), value_set=pa.array(sorted(subjects), pa.string())))
    mine = mine.sort_by([("time", "ascending"), ("key", "ascending")])
    columns = [_values(mine.column(f"f_{field.name}"), field) for field in fields]
    rows = zip(*columns, strict=True) if columns else ((),) * mine.num_rows
    return dict(zip(mine.column("subject").to_pylist(), rows, strict=True))


def _shown(value: Any, field: Field) -> Any:
    """Give a field as a database grouped by it."""
    if value is None:
        return None
    if isinstance(field, Number):
        return shown(whole(value) or 0, field.scale)
    return bool(whole(value)) if isinstance(field, Boolean) else plain(value)


def _values(column: pa.ChunkedArray, field: Field) -> list[Any]:
    found: list[Any] = column.to_pylist()
    if isinstance(field, Number):
        return [None if value is None else shown(value, field.scale) for value in found]
    return [None if value is None else bool(value) for value in found] if isinstance(field, Boolean) else found


def shown(value: int, scale: int) -> int | Decimal:
    """Give a count of 10**-scale of a unit as a number of it."""
    return numbers.amount(value, scale) if scale else value
