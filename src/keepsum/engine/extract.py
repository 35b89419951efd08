"""What stands in an exported file: columns of plain Arrow types, made of records as they are stored or of an answer."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from keepsum.model.answer import Answer, Cell
from keepsum.model.answer import Column as AnswerColumn
from keepsum.model.filter import Filter, Value
from keepsum.model.stream import DIGITS, Boolean, Number, Stream

Kind = Literal["text", "boolean", "number", "date", "instant"]
PIECE = 20_000  # rows of one batch
EXACT = 38  # digits of a figure, which may be a sum of many numbers


@dataclass(frozen=True, kw_only=True)
class Heading:
    """One column of a file: what it is called, what its values are, and in which unit and decimals numbers are."""

    name: str
    kind: Kind
    unit: str = ""
    scale: int = 0

    @property
    def type(self) -> pa.DataType:
        """The Arrow type of its values: exact decimals, instants in UTC to the microsecond."""
        match self.kind:
            case "text":
                return pa.string()
            case "boolean":
                return pa.bool_()
            case "date":
                return pa.date32()
            case "instant":
                return pa.timestamp("us", tz="UTC")
            case "number":
                return pa.decimal128(EXACT, self.scale)


def schema(headings: Sequence[Heading]) -> pa.Schema:
    """Give the Arrow schema of a file's rows."""
    return pa.schema([pa.field(one.name, one.type) for one in headings])


def headings_of(stream: Stream, names: Iterable[str]) -> tuple[Heading, ...]:
    """Give what the columns of a stream's records look like in a file."""
    return tuple(_heading(stream, name) for name in names)


def _heading(stream: Stream, name: str) -> Heading:
    declared = stream.field(name)
    match declared:
        case Number():
            return Heading(name=name, kind="number", unit=declared.unit, scale=declared.scale)
        case Boolean():
            return Heading(name=name, kind="boolean")
        case _ if name == stream.time:
            return Heading(name=name, kind="date" if stream.time_kind == "date" else "instant")
        case _:
            return Heading(name=name, kind="text")


def stored_as(stream: Stream, name: str) -> str:
    """Give the column in which records keep what their stream calls so."""
    implicit = {stream.time: "time", stream.key: "key", stream.subject: "subject"}
    return implicit.get(name) or f"f_{name}"


def picked(stream: Stream, records: pa.RecordBatch, headings: Sequence[Heading], where: Filter) -> pa.RecordBatch:
    """Give those of the records that the filters let through, with a file's columns in their types."""
    for name, values in where:
        records = records.filter(_passing(records.column(stored_as(stream, name)), values))
    columns = [_cast(records.column(stored_as(stream, one.name)), one) for one in headings]
    return pa.RecordBatch.from_arrays(columns, schema=schema(headings))


def _passing(column: pa.Array, values: Sequence[Value]) -> pa.Array:
    wanted = pa.array([_alike(value, column.type) for value in values if value is not None], column.type)
    found = pc.is_in(column, value_set=wanted)
    return pc.or_(found, pc.is_null(column)) if None in values else found


def _alike(value: Value, kind: pa.DataType) -> Value:
    """Give a filter's value, which may come as a text, as the column has it."""
    if pa.types.is_boolean(kind):
        return value in (True, "true")
    return int(value) if pa.types.is_integer(kind) and value is not None else str(value)


def _cast(column: pa.Array, heading: Heading) -> pa.Array:
    match heading.kind:
        case "number":
            return _scaled(column, heading)
        case "date":
            return column.cast(pa.timestamp("us")).cast(pa.date32())
        case _:
            return column.cast(heading.type)


def _scaled(column: pa.Array, heading: Heading) -> pa.Array:
    """Give integers of the smallest part of a unit as exact decimals of the unit."""
    whole = column.cast(pa.decimal128(DIGITS + 1, 0))
    one = pa.scalar(Decimal(1).scaleb(-heading.scale), pa.decimal128(DIGITS, heading.scale))
    return pc.multiply(whole, one).cast(heading.type)


def headings_of_answer(answer: Answer) -> tuple[Heading, ...]:
    """Give what the columns of an answer look like in a file."""
    return tuple(_answer_heading(column) for column in answer.columns)


def _answer_heading(column: AnswerColumn) -> Heading:
    match column.kind:
        case "time":
            return Heading(name=column.name, kind="date")
        case "dimension":
            return Heading(name=column.name, kind="text")
        case _:
            return Heading(name=column.name, kind="number", unit=column.unit, scale=column.scale)


def rows_of_answer(answer: Answer) -> Iterator[pa.RecordBatch]:
    """Give the rows of an answer in pieces."""
    headings = headings_of_answer(answer)
    for begin in range(0, len(answer.rows), PIECE):
        rows = answer.rows[begin : begin + PIECE]
        columns = [pa.array([_plain(row[place], one) for row in rows], one.type) for place, one in enumerate(headings)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema(headings))


def _plain(cell: Cell, heading: Heading) -> Any:
    if cell is None:
        return None
    match heading.kind:
        case "date":
            return dt.date.fromisoformat(str(cell))
        case "number":
            return Decimal(cell)
        case _:
            return str(cell)
