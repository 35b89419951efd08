"""Rolling up in tests: records from plain values, the statement by DuckDB, the fold, and a third reckoning."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from keepsum.engine import buckets, registers
from keepsum.engine.codes import encode
from keepsum.engine.compile.decode import rolled
from keepsum.engine.compile.statement import Statement
from keepsum.engine.fold import Pool, fold
from keepsum.engine.folding import Folding
from keepsum.engine.rolled import Rolled, parts_schema, rows_schema
from keepsum.model.catalog import most_of
from keepsum.model.layout import ARROW, RecordLayout, RollupLayout
from keepsum.model.rollup import ALL, NONE, OTHER, Count, Distinct, Max, Measure, Min, Rollup, Sum, Uniques
from keepsum.model.stream import Stream

KEY = bytes(range(32))

# By the stream's own names, and `day`; what is left out is null.
Record = Mapping[Any, Any]
Row = dict[Any, Any]


def table_of(stream: Stream, records: Iterable[Record], *, bucketed: Iterable[str] = ()) -> pa.Table:
    """Records as their segments hold them, in order, with their day."""
    records = list(records)
    layout = RecordLayout(stream=stream, bucketed=tuple(bucketed))
    columns: dict[str, Any] = {
        "time": [record.get(stream.time, 0) for record in records],
        "key": [str(record.get(stream.key, i)) for i, record in enumerate(records)],
    }
    if stream.subject:
        columns["subject"] = [record.get(stream.subject) for record in records]
        slots, ranks, nobody = registers.slots_and_ranks(columns["subject"], KEY)
        columns["slot"] = pa.array(slots.astype(np.int64), mask=nobody)
        columns["rank"] = pa.array(ranks.astype(np.int64), mask=nobody)
    columns |= {f"f_{field.name}": [record.get(field.name) for record in records] for field in stream.stored}
    for name in layout.bucketed:
        columns[f"b_{name}"] = [_bucket(value) for value in columns[f"f_{name}"]]
    arrays = {c.name: pa.array(columns[c.name], ARROW[c.type]) for c in layout.columns}
    return pa.table({"day": pa.array([record["day"] for record in records], pa.int32())} | arrays)


def _bucket(value: int | None) -> int | None:
    return None if value is None else int(buckets.bucket_of(np.array([value]))[0])


def run(statement: Statement, records: pa.Table) -> pa.Table:
    """The answer of DuckDB over a relation `records`."""
    connection = _connection()
    connection.register("records", records)
    return connection.sql(statement.sql, params=list(statement.parameters)).to_arrow_table()


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def computed(rollup: Rollup, records: pa.Table) -> Rolled:
    """What the roll-up statement makes of records."""
    return rolled(rollup, encode(records, [rollup]), run)


def folded(rollup: Rollup, records: pa.Table) -> Rolled:
    """What the fold makes of records."""
    return fold(Folding(encode(records, [rollup]), rollup.of), rollup)


def reckoned(rollup: Rollup, records: Iterable[Record]) -> Rolled:
    """What records come to, reckoned one by one from their plain values."""
    rows = _kept(rollup, list(records))
    found = [_row(rollup, key, group) for key, group in sorted(_grouped(rows, rollup.by).items())]
    kept = RollupLayout(rollup=rollup).at_grains
    parts = [
        _part(rollup, measure, grain, key, group)
        for measure in kept
        for grain in rollup.grains(measure)
        for key, group in _grouped(rows, grain).items()
    ]
    parts.sort(key=lambda part: [part[name] for name in parts_schema(rollup).names[:-2]])
    return Rolled(
        rows=pa.Table.from_pylist(found, rows_schema(rollup)), parts=pa.Table.from_pylist(parts, parts_schema(rollup))
    )


def pooled(rollup: Rollup, records: Iterable[Record], chosen: Iterable[tuple[Any, ...]]) -> dict[int, Pool]:
    """The pool of the chosen groups, (day, dimensions) each, reckoned from the records' plain values."""
    groups, pools = _grouped(_kept(rollup, list(records)), rollup.by), defaultdict[int, list[Row]](list)
    for key in chosen:
        pools[key[0]] += groups[key]
    summed = RollupLayout(rollup=rollup).summed
    return {
        day: Pool(people=_people(rollup, pool), largest={m.name: _largest(rollup, m, pool) for m in summed})
        for day, pool in pools.items()
    }


def _kept(rollup: Rollup, records: list[Record]) -> list[Row]:
    """Records with `d_*`: the texts of their dimensions once surplus values are gone."""
    rows = [dict(record) for record in records]
    for name in rollup.by:
        texts = [_text(record.get(name)) for record in records]
        counts = Counter((record["day"], text) for record, text in zip(records, texts, strict=True) if text is not None)
        places: defaultdict[int, list[str]] = defaultdict(list)
        for (day, text), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0][1])):
            places[day].append(text)
        most = most_of(rollup.of.field(name))
        for row, text in zip(rows, texts, strict=True):
            row[f"d_{name}"] = NONE if text is None else text if text in places[row["day"]][:most] else OTHER
    return rows


def _text(value: Any) -> str | None:
    return value if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _grouped(rows: list[Row], grain: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    groups: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[(row["day"], *(row[f"d_{name}"] for name in grain))].append(row)
    return groups


def _row(rollup: Rollup, key: tuple[Any, ...], group: list[Row]) -> Row:
    layout = RollupLayout(rollup=rollup)
    row: Row = dict(zip(("day", *layout.dimensions), key, strict=True))
    if layout.guarded:
        row["people"] = _people(rollup, group)
        row |= {f"largest_{m.name}": _largest(rollup, m, group) for m in layout.summed}
    for measure in layout.additive:
        values = _values(measure, group)
        match measure:
            case Count():
                row[f"m_{measure.name}"] = len(values)
            case Sum():
                hi, lo = divmod(sum(values), 10**9) if values else (None, None)
                row |= {f"m_{measure.name}_hi": hi, f"m_{measure.name}_lo": lo}
            case Min():
                row[f"m_{measure.name}"] = min(values, default=None)
            case Max():
                row[f"m_{measure.name}"] = max(values, default=None)
    return row


def _people(rollup: Rollup, group: list[Row]) -> int:
    return len({record.get(rollup.of.subject) for record in group} - {None})


def _values(measure: Measure, group: list[Row]) -> list[Any]:
    allowed = [r for r in group if all(r.get(name) in values for name, values in measure.where)]
    values = [1 if isinstance(measure, Count) else r.get(measure.source) for r in allowed]
    return [value for value in values if value is not None]


def _largest(rollup: Rollup, measure: Measure, group: list[Row]) -> int:
    weights: Counter[str | None] = Counter()
    for record in group:
        weights[record.get(rollup.of.subject)] += sum(map(abs, _values(measure, [record])))
    largest = max((weight for person, weight in weights.items() if person is not None), default=0)
    return -(-largest * 10**6 // weights.total()) if largest else 0


def _part(rollup: Rollup, measure: Any, grain: tuple[str, ...], key: tuple[Any, ...], group: list[Row]) -> Row:
    texts = dict(zip(grain, key[1:], strict=True))
    part = {"measure": measure.name, "at": ",".join(grain), "day": key[0]}
    part |= {f"d_{name}": texts.get(name, ALL) for name in rollup.by}
    values = _values(measure, group)
    if isinstance(measure, Distinct):
        return part | {"value": len(set(values)), "data": None}
    if isinstance(measure, Uniques):
        slots, ranks, _ = registers.slots_and_ranks(values, KEY)
        return part | {"value": None, "data": registers.encode(slots, ranks)}
    found = buckets.bucket_of(np.array(values, np.int64))
    return part | {"value": None, "data": buckets.encode(found, np.ones(len(found), np.int64))}
