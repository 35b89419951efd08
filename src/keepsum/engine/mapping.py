"""A mapping in plain Python: what has to be read of a row, and what each field of its record comes to.

The statements that run in the database are compiled from the same mapping elsewhere; nothing is shared with them but
the list of what is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from keepsum.engine.columns import Column as Read
from keepsum.engine.columns import array_of, values_of
from keepsum.engine.numbers import LIMIT, parse
from keepsum.model.attached import (
    Amount,
    Attached,
    Children,
    Choose,
    Clock,
    Coalesce,
    Column,
    Constant,
    Has,
    Lookup,
    Mapped,
    Minus,
    On,
    mapped,
)
from keepsum.model.filter import Filter, Value
from keepsum.model.stream import Boolean, Field, Number, Stream
from keepsum.model.units import shift_of, units

Kind = Literal["text", "boolean", "number"]
Path = tuple[tuple[str, On], ...]  # the tables that are looked up one after another, the stream's own first


class Bad:
    """Stands where a row has a value that its field cannot have."""


BAD: Final = Bad()
NO_TRUTH = 2  # what a boolean column is read as when it holds neither truth


@dataclass(frozen=True)
class Leaf:
    """One thing that is read of a row: a column as text, as boolean, as number or as it is, or a count of children."""

    kind: Literal["text", "boolean", "number", "plain", "children"]
    path: Path = ()
    name: str = ""
    amount: Amount | None = None
    children: Children | None = None
    scale: int = 0


def kind_of(field: Field) -> Kind:
    """Give what a field's values are to a database."""
    return "number" if isinstance(field, Number) else "boolean" if isinstance(field, Boolean) else "text"


def scale_of(field: Field) -> int:
    """Give the decimals of a field's unit; 0 for what is no number."""
    return field.scale if isinstance(field, Number) else 0


def attached_of(stream: Stream) -> Attached:
    """Give the mapping of a stream that has one."""
    if stream.attached is None:
        raise ValueError(stream.name)
    return stream.attached


@lru_cache(maxsize=256)
def leaves(stream: Stream) -> tuple[Leaf, ...]:
    """Give what is read of a row beside its key and time, each once."""
    attached = attached_of(stream)
    found = [] if attached.subject is None else list(leaves_of(mapped(attached.subject), "text", 0))
    for field in stream.stored:
        found += leaves_of(attached.value(field.name), kind_of(field), scale_of(field))
    return tuple(dict.fromkeys(found))


def tables_read(stream: Stream) -> frozenset[str]:
    """Give the tables that a stream's records are made of, its own among them."""
    attached = attached_of(stream)
    found = {attached.table}
    for leaf in leaves(stream):
        found.update(table for table, _ in leaf.path)
        if leaf.children is not None:
            found.add(leaf.children.table)
    for clock in filter(None, (attached.time, attached.changed)):
        found.update(table for table, _ in clock_column(clock)[1])
    return frozenset(found)


def clock_column(clock: Clock) -> tuple[str, Path]:
    """Give the name of a clock's column, and the lookups that lead to it."""
    path: Path = ()
    column: Mapped | str = clock.column
    while isinstance(column, Lookup):
        path, column = (*path, (column.table, column.on)), column.value
    return column if isinstance(column, str) else column.name, path  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] -- lint asks for a column there


def leaves_of(value: Mapped, kind: Kind, scale: int, path: Path = ()) -> Iterator[Leaf]:
    """Give what has to be read for a value of a kind; `BAD_MAPPING` rules see to it that kinds fit."""
    match value:
        case Column():
            yield Leaf(kind, path, value.name)
        case Amount():
            yield Leaf("number", path, value.name, value, scale=scale)
        case Lookup():
            yield from leaves_of(mapped(value.value), kind, scale, (*path, (value.table, value.on)))
        case Children():
            yield Leaf("children", path, children=value, scale=scale)
        case Coalesce():
            for one in value.values:
                yield from leaves_of(one, kind, scale, path)
        case Minus():
            yield from leaves_of(value.left, kind, scale, path)
            yield from leaves_of(value.right, kind, scale, path)
        case Choose():
            yield from _leaves_of_cases(value, kind, scale, path)
        case _:
            return


def _leaves_of_cases(value: Choose, kind: Kind, scale: int, path: Path) -> Iterator[Leaf]:
    for case in value.cases:
        for test in case.tests:
            yield from ([counted(test)] if isinstance(test, Has) else _leaves_of_filter(test))
        yield from leaves_of(case.then, kind, scale, path)
    if value.otherwise is not None:
        yield from leaves_of(value.otherwise, kind, scale, path)


def counted(test: Has) -> Leaf:
    """Give the count of children that a test asks for."""
    return Leaf("children", children=Children(test.table, on=test.on, count=True, where=test.where))


def _leaves_of_filter(where: Filter) -> Iterator[Leaf]:
    for name, values in where:
        yield from (Leaf(kind_of_value(value), (), name) for value in values)


def kind_of_value(value: Value) -> Literal["text", "boolean", "plain"]:
    """Give how a column is read that a filter compares with a value."""
    return "boolean" if isinstance(value, bool) else "plain" if isinstance(value, int) else "text"


class Rows:
    """The rows of a batch, by what was read of them: each leaf's values, one a row."""

    def __init__(self, stream: Stream, columns: Sequence[Read], count: int) -> None:
        self.count = count
        listed = zip(leaves(stream), columns, strict=True)
        self._columns = {leaf: _plain_column(leaf, column) for leaf, column in listed}

    def column(self, value: Mapped, kind: Kind, scale: int, path: Path = ()) -> Read:
        """Give what a value comes to in each row: as `values`, or as an array if none of it is `BAD`."""
        match value:
            case Column() | Amount() | Children():
                return self._columns[next(leaves_of(value, kind, scale, path))]
            case Lookup():
                return self.column(mapped(value.value), kind, scale, (*path, (value.table, value.on)))
            case _:
                return self.values(value, kind, scale, path)

    def values(self, value: Mapped, kind: Kind, scale: int, path: Path = ()) -> Sequence[Any]:
        """Give what a value comes to in each row: a text, a boolean, an integer of units, None or `BAD`."""
        match value:
            case Column() | Amount() | Children() | Lookup():
                return values_of(self.column(value, kind, scale, path))
            case Constant():
                return [_constant(value.value, kind, scale)] * self.count
            case Coalesce():
                found = [self.values(one, kind, scale, path) for one in value.values]
                return [next((one for one in row if one is not None), None) for row in zip(*found, strict=True)]
            case Minus():
                pair = (self.values(one, kind, scale, path) for one in (value.left, value.right))
                return [_difference(left, right) for left, right in zip(*pair, strict=True)]
            case Choose():
                return self._chosen(value, kind, scale, path)
            case _:
                raise TypeError(value)

    def _chosen(self, value: Choose, kind: Kind, scale: int, path: Path) -> Sequence[Any]:
        last = value.otherwise
        chosen = list(self.values(last, kind, scale, path)) if last is not None else [None] * self.count
        for case in reversed(value.cases):
            then = self.values(case.then, kind, scale, path)
            holds = zip(*(self._holds(test) for test in case.tests), strict=True)
            chosen = [new if all(all_) else old for all_, new, old in zip(holds, then, chosen, strict=True)]
        return chosen

    def _holds(self, test: Filter | Has) -> Sequence[bool]:
        """Say in which rows a test holds."""
        if isinstance(test, Has):
            return [bool(count) for count in values_of(self._columns[counted(test)])]
        holds = [True] * self.count
        for name, allowed in test:
            found = [False] * self.count
            for value in allowed:
                column = values_of(self._columns[Leaf(kind_of_value(value), (), name)])
                found = [was or (is_ == value and is_ is not BAD) for was, is_ in zip(found, column, strict=True)]
            holds = [one and other for one, other in zip(holds, found, strict=True)]
        return holds


def _plain_column(leaf: Leaf, column: Read) -> Read:
    """Give values as they were read in their plain form: texts, booleans, integers of units, or `BAD`."""
    array = array_of(column)
    found = None if array is None else _plain_array(leaf, array)
    if found is not None:
        return found
    values = values_of(column)
    return [_text(value) for value in values] if leaf.kind == "text" else [_plain(leaf, value) for value in values]


def _plain_array(leaf: Leaf, array: pa.Array) -> pa.Array | None:
    """Give the same of a whole array, where it takes no more than a cast and none is `BAD`."""
    amount = leaf.amount
    if leaf.kind == "text" and pa.types.is_binary(array.type):
        # MySQL hands texts over as bytes, so that nothing compares them in its own way.
        return _cast(array, pa.string())
    if leaf.kind == "text" and pa.types.is_string(array.type):
        return array
    if not pa.types.is_int64(array.type):
        return None
    if leaf.kind == "boolean":
        return _cast(array, pa.bool_()) if _lies_within(array, 0, 1) else None
    if amount is None or amount.stored == "text":
        return None
    shift = shift_of(amount, leaf.scale)
    most = LIMIT // 10 ** max(shift, 0)
    if shift < 0 or not _lies_within(array, -most, most):
        return None
    return pc.multiply(array, 10**shift) if shift else array


def _lies_within(array: pa.Array, lowest: int, highest: int) -> bool:
    known = array.drop_null().to_numpy()
    return not len(known) or (lowest <= int(np.min(known)) and int(np.max(known)) <= highest)


def _cast(array: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        return array.cast(kind)
    except pa.ArrowInvalid:
        return None


def _plain(leaf: Leaf, value: Any) -> Any:
    if value is None:
        return 0 if leaf.children is not None and leaf.children.count else None
    match leaf.kind:
        case "boolean":
            return bool(value) if value in (0, 1) else BAD
        case "number" if leaf.amount is not None:
            found = units(value, leaf.amount.stored, shift_of(leaf.amount, leaf.scale))
            return BAD if found is None else found
        case "children":
            counts = leaf.children is not None and leaf.children.count
            found = units(value, "integer", leaf.scale if counts else 0)
            return BAD if found is None else found
        case _:
            return value


def _text(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    try:
        return value.decode()
    except (AttributeError, UnicodeError):
        return BAD


def _difference(left: Any, right: Any) -> Any:
    if left is BAD or right is BAD:
        return BAD
    if left is None or right is None:
        return None
    return left - right if abs(left - right) <= LIMIT else BAD


def _constant(value: Value, kind: Kind, scale: int) -> Any:
    return parse(value, scale) if kind == "number" and isinstance(value, (int, str)) else value
