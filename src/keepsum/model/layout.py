"""The columns of records and of rolled rows: one layout for the tail, segments, statements and folds."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyarrow as pa

from keepsum.model.catalog import Catalog, definition_hash
from keepsum.model.rollup import AtGrains, Count, Distinct, Max, Measure, Min, Quantiles, Rollup, Sum, Uniques
from keepsum.model.stream import Boolean, Number, Stream

Type = Literal["text", "integer", "boolean", "bytes"]
ARROW = {"text": pa.string(), "integer": pa.int64(), "boolean": pa.bool_(), "bytes": pa.binary()}


@dataclass(frozen=True)
class Column:
    """One column: its name, plain type, and whether it may be null."""

    name: str
    type: Type
    null: bool = True


@dataclass(frozen=True, kw_only=True)
class RecordLayout:
    """The columns of a stream's records as stored, in order: `time key subject slot rank f_* b_*`, then `retired`.

    Retired columns were declared once: new records have null there, older ones still what control was added up from.
    """

    stream: Stream
    bucketed: tuple[str, ...]
    grouped: frozenset[str] = frozenset()  # fields that some rollup groups or filters by: few values, often
    retired: tuple[Column, ...] = ()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every stored column; control and row hashes cover all of them."""
        subject = (Column("subject", "text"), Column("slot", "integer"), Column("rank", "integer"))
        return (
            Column("time", "integer", null=False),
            Column("key", "text", null=False),
            *(subject if self.stream.subject else ()),
            *(Column(f"f_{f.name}", _type(f)) for f in self.stream.stored),
            *(Column(f"b_{name}", "integer") for name in self.bucketed),
            *self.retired,
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(c.name for c in self.columns)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The columns that control adds up."""
        declared = (f"f_{f.name}" for f in self.stream.numbers)
        return (*declared, *(c.name for c in self.retired if c.type == "integer" and c.name.startswith("f_")))

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema of a segment."""
        return pa.schema([pa.field(c.name, ARROW[c.type], c.null) for c in self.columns])


def record_layout(catalog: Catalog, stream: Stream) -> RecordLayout:
    """Give the columns of a stream's records under a catalog: quantile measures ask for buckets."""
    rollups = catalog.rollups_of(stream.name)
    measures = [m for r in rollups for m in r.measures]
    measured = {m.source for m in measures if isinstance(m, Quantiles)}
    grouped = {name for r in rollups for name in r.by} | {name for m in measures for name, _ in m.where}
    bucketed = tuple(f.name for f in stream.numbers if f.name in measured)
    return RecordLayout(stream=stream, bucketed=bucketed, grouped=frozenset(grouped))


def _type(declared: object) -> Type:
    match declared:
        case Number():
            return "integer"
        case Boolean():
            return "boolean"
        case _:
            return "text"


@dataclass(frozen=True, kw_only=True)
class RollupLayout:
    """The columns of a rollup's three tables: rows, parts (measures kept at grains) and atoms (what is open)."""

    rollup: Rollup
    name: str | None = None  # the table of an older generation, whose rollup was restored from its definition

    @property
    def table(self) -> str:
        """The name of this generation's table; its parts and atoms add a suffix."""
        return self.name or f"rollup_{self.rollup.name}_{definition_hash(self.rollup)[:8]}"

    @property
    def guarded(self) -> bool:
        """Whether there are people to protect: the stream has a subject."""
        return self.rollup.of.subject is not None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimension columns, `d_<field>`, as text."""
        return tuple(f"d_{name}" for name in self.rollup.by)

    @property
    def additive(self) -> tuple[Measure, ...]:
        """The measures that stand in the rows themselves."""
        return tuple(m for m in self.rollup.measures if not isinstance(m, AtGrains))

    @property
    def at_grains(self) -> tuple[AtGrains, ...]:
        """The measures that stand in the parts."""
        return tuple(m for m in self.rollup.measures if isinstance(m, AtGrains))

    @property
    def summed(self) -> tuple[Measure, ...]:
        """The measures that a guarded caller gets: counts and sums."""
        return tuple(m for m in self.additive if isinstance(m, (Count, Sum)))

    @property
    def values(self) -> tuple[Column, ...]:
        """The value columns of the rows: people and largest first where there is a subject."""
        guard = (
            Column("people", "integer", null=False),
            *(Column(f"largest_{m.name}", "integer", null=False) for m in self.summed),
        )
        return (*(guard if self.guarded else ()), *(c for m in self.additive for c in measure_columns(m)))

    @property
    def atom_values(self) -> tuple[Column, ...]:
        """The value columns of the atoms."""
        return (Column("people", "integer", null=False), *(c for m in self.summed for c in measure_columns(m)))


def measure_columns(measure: Measure) -> tuple[Column, ...]:
    """Give the columns one measure takes in a row; an exact sum is hi * 10**9 + lo."""
    match measure:
        case Count():
            return (Column(f"m_{measure.name}", "integer", null=False),)
        case Sum():
            # A group without any value has no sum: null, not zero.
            return (Column(f"m_{measure.name}_hi", "integer"), Column(f"m_{measure.name}_lo", "integer"))
        case Min() | Max():
            return (Column(f"m_{measure.name}", "integer"),)
        case Distinct() | Uniques() | Quantiles():
            return ()
        case _:
            raise TypeError(measure)
