"""The tables of what is shown: rows as they stand, pools as exact sums of rows, in one shape and order."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from keepsum.engine.guard.chain import HIDDEN_SCALAR, Numbers
from keepsum.engine.numbers import LIMB
from keepsum.engine.rolled import DAY
from keepsum.model.layout import ARROW, RollupLayout, measure_columns
from keepsum.model.rollup import Count, Measure, Rollup


def atoms_schema(rollup: Rollup) -> pa.Schema:
    """The columns of a rollup's atoms: `day`, `d_*`, `people` and the `m_*` of its counts and sums."""
    layout = RollupLayout(rollup=rollup)
    dimensions = (pa.field(name, pa.string(), nullable=False) for name in layout.dimensions)
    values = (pa.field(column.name, ARROW[column.type], column.null) for column in layout.atom_values)
    return pa.schema([DAY, *dimensions, *values])


def standing(rollup: Rollup, rows: pa.Table, is_alone: NDArray[np.bool_]) -> pa.Table:
    """The rows that stand alone, as atoms."""
    return rows.filter(pa.array(is_alone)).select(atoms_schema(rollup).names)


def pooled(rollup: Rollup, rows: pa.Table, groups: Numbers, people: Numbers, shown: Iterable[str]) -> pa.Table:
    """One atom for each group of rows: the dimensions in `shown`, which its rows share, stay, the others are hidden.

    `people` has, for each row, how many are behind its group.
    """
    schema = atoms_schema(rollup)
    _, first, places = np.unique(groups, return_index=True, return_inverse=True)
    kept = {"day", *(f"d_{name}" for name in shown)}
    columns: dict[str, Any] = {name: rows[name].take(pa.array(first)) for name in kept}
    hidden = set(RollupLayout(rollup=rollup).dimensions) - kept
    columns |= {name: pa.repeat(HIDDEN_SCALAR, len(first)) for name in hidden}
    columns["people"] = pa.array(people[first], pa.int64())
    for measure in RollupLayout(rollup=rollup).summed:
        columns |= _summed(measure, rows, places, len(first))
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema=schema)


def whole(rollup: Rollup, rows: pa.Table, *, day: int, people: int) -> pa.Table:
    """All these rows as one atom of a day with every dimension hidden; no atom of no rows."""
    days = pa.array(np.full(len(rows), day, np.int32))
    moved = rows.set_column(rows.column_names.index("day"), DAY, days)
    return pooled(rollup, moved, np.zeros(len(rows), np.int64), np.full(len(rows), people, np.int64), ())


def is_whole(rollup: Rollup, atoms: pa.Table) -> NDArray[np.bool_]:
    """Which atoms have every dimension hidden; all of them where there is no dimension."""
    found = np.ones(len(atoms), np.bool_)
    for name in RollupLayout(rollup=rollup).dimensions:
        found &= pc.equal(atoms[name], HIDDEN_SCALAR).to_numpy()
    return found


def ordered(rollup: Rollup, tables: Iterable[pa.Table]) -> pa.Table:
    """The atoms of several tables in one, sorted by day and dimensions in binary order."""
    schema = atoms_schema(rollup)
    table = pa.concat_tables([schema.empty_table(), *(t.cast(schema) for t in tables)])
    keys = ("day", *RollupLayout(rollup=rollup).dimensions)
    return table.sort_by([(name, "ascending") for name in keys])


def _summed(measure: Measure, rows: pa.Table, groups: Numbers, count: int) -> dict[str, pa.Array]:
    """The columns of one count or sum, added up exactly; a sum of groups without any value is null."""
    names = [column.name for column in measure_columns(measure)]
    if isinstance(measure, Count):
        return {names[0]: pa.array(_added(rows[names[0]], groups, count))}
    hi, lo = (_added(rows[name], groups, count) for name in names)
    known = rows[names[0]].is_valid().to_numpy()
    is_nothing = np.bincount(groups[known], minlength=count) == 0
    carry = lo // LIMB
    return {names[0]: pa.array(hi + carry, mask=is_nothing), names[1]: pa.array(lo - carry * LIMB, mask=is_nothing)}


def _added(column: pa.ChunkedArray, groups: Numbers, count: int) -> Numbers:
    found = np.zeros(count, np.int64)
    np.add.at(found, groups, column.fill_null(0).to_numpy())
    return found
