"""What rolling up gives, whoever computed it: the rows of a rollup, and the parts of its measures kept at grains."""

from dataclasses import dataclass

import pyarrow as pa

from keepsum.model.layout import ARROW, RollupLayout
from keepsum.model.rollup import Rollup

DAY = pa.field("day", pa.int32(), nullable=False)


@dataclass(frozen=True, kw_only=True)
class Rolled:
    """Two Arrow tables.

    `rows`: `day`, `d_*` and the values of the rollup's layout, sorted by day, then dimensions.
    `parts`: `measure`, `at` (the grain's dimensions, joined by commas), `d_*` (`ALL` outside the grain), `day`, and
    `value` (different values) or `data` (encoded registers or buckets), sorted by all that stands before these two.
    Texts sort in binary order. A group has a row, and a part of every measure, if it has any record at all.
    """

    rows: pa.Table
    parts: pa.Table


def rows_schema(rollup: Rollup) -> pa.Schema:
    """The columns of a rollup's rows."""
    layout = RollupLayout(rollup=rollup)
    dimensions = (pa.field(name, pa.string(), nullable=False) for name in layout.dimensions)
    values = (pa.field(column.name, ARROW[column.type], column.null) for column in layout.values)
    return pa.schema([DAY, *dimensions, *values])


def parts_schema(rollup: Rollup) -> pa.Schema:
    """The columns of a rollup's parts."""
    dimensions = RollupLayout(rollup=rollup).dimensions
    texts = (pa.field(name, pa.string(), nullable=False) for name in ("measure", "at", *dimensions))
    return pa.schema([*texts, DAY, pa.field("value", pa.int64()), pa.field("data", pa.binary())])
