"""What the roll-up statement's answers mean: codes become texts again, registers and buckets their stored form."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine import buckets, registers
from keepsum.engine.codes import Coded, Codes
from keepsum.engine.compile import roll
from keepsum.engine.compile.roll import Piece, pieces
from keepsum.engine.compile.statement import Statement
from keepsum.engine.rolled import Rolled, parts_schema, rows_schema
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import Distinct, Rollup, Uniques

Run = Callable[[Statement, pa.Table], pa.Table]
Columns = Mapping[str, NDArray[Any]]

_NOWHERE = np.iinfo(np.int16).min  # the spot of records that have none: below all slots and buckets
_MOST_GROUPS = 2**46  # a group's number and a spot fit in 64 bits
_ROOM_A_ROW = 16


def rolled(rollup: Rollup, coded: Coded, run: Run) -> Rolled:
    """A rollup of coded records by its statements, which `run(statement, records)` carries out."""
    return Rolled(rows=rolled_rows(rollup, coded, run), parts=rolled_parts(rollup, coded, run))


def rolled_rows(rollup: Rollup, coded: Coded, run: Run) -> pa.Table:
    """The rows alone, for who needs no parts."""
    return _rows(rollup, coded.codes, run(roll.rows(rollup, coded.codes), coded.table))


def rolled_parts(rollup: Rollup, coded: Coded, run: Run) -> pa.Table:
    """The parts alone, for who needs no rows."""
    statement = roll.parts(rollup, coded.codes)
    return _parts(rollup, coded.codes, run(statement, coded.table) if statement else None)


def decode(rollup: Rollup, codes: Mapping[str, Codes], rows: pa.Table, parts: pa.Table | None) -> Rolled:
    """The answers of the statements `rows` and `parts` as rolled rows and parts."""
    return Rolled(rows=_rows(rollup, codes, rows), parts=_parts(rollup, codes, parts))


def _parts(rollup: Rollup, codes: Mapping[str, Codes], answer: pa.Table | None) -> pa.Table:
    found = [] if answer is None else [_part(rollup, codes, *found) for found in _by_piece(rollup, answer)]
    return pa.concat_tables([parts_schema(rollup).empty_table(), *found])


def _rows(rollup: Rollup, codes: Mapping[str, Codes], answer: pa.Table) -> pa.Table:
    keys = ("day", *RollupLayout(rollup=rollup).dimensions)
    # Sorted here, for a database's own order of texts is rarely the binary one; codes have it.
    answer = answer.take(pa.array(np.lexsort([answer[name].to_numpy() for name in reversed(keys)])))
    texts = {f"d_{name}": _texts(codes[name], answer[f"d_{name}"].to_numpy()) for name in rollup.by}
    schema = rows_schema(rollup)
    return pa.table([texts.get(f.name, answer[f.name].cast(f.type)) for f in schema], schema=schema)


def _texts(codes: Codes, column: NDArray[Any]) -> pa.Array:
    return pa.array(codes.texts, pa.string()).take(pa.array(column))


def _by_piece(rollup: Rollup, answer: pa.Table) -> list[tuple[Piece, Columns]]:
    """Each piece with its rows, which come in one run or a few."""
    spots = answer["spot"].fill_null(_NOWHERE).to_numpy()
    columns = {name: answer[name].to_numpy() for name in answer.column_names if name != "spot"} | {"spot": spots}
    number = columns["piece"]
    runs: list[list[tuple[int, int]]] = [[] for _ in pieces(rollup)]
    for begin, end in pairwise([*_starts(number).tolist(), len(number)]):
        runs[int(number[begin])].append((begin, end))
    return [
        (piece, {name: _joined([column[begin:end] for begin, end in found]) for name, column in columns.items()})
        for piece, found in zip(pieces(rollup), runs, strict=True)
        if found
    ]


def _starts(column: NDArray[Any]) -> NDArray[Any]:
    """Where a run of equal values begins."""
    is_new = np.ones(len(column), np.bool_)
    is_new[1:] = column[1:] != column[:-1]
    return np.flatnonzero(is_new)


def _joined(runs: list[NDArray[Any]]) -> NDArray[Any]:
    return runs[0] if len(runs) == 1 else np.concatenate(runs)


def _part(rollup: Rollup, codes: Mapping[str, Codes], piece: Piece, columns: Columns) -> pa.Table:
    group, groups = _group([columns[name] for name in (*(f"d_{d}" for d in piece.grain), "day")])
    lowest = int(columns["spot"].min())
    spots = int(columns["spot"].max()) - lowest + 1
    order = _order(group * spots + (columns["spot"] - np.int64(lowest)), groups * spots)
    group, spot, amount = group[order], columns["spot"][order], columns["amount"][order]
    starts = _starts(group)
    chosen = order[starts]
    values = {"value": None, "data": None} | _values(piece, group, starts, spot, amount)
    values |= {f"d_{name}": _texts(codes[name], columns[f"d_{name}"][chosen]) for name in rollup.by}
    values |= {"measure": piece.measure.name, "at": piece.at, "day": pa.array(columns["day"][chosen], pa.int32())}
    schema = parts_schema(rollup)
    return pa.table([_filled(values[field.name], field.type, len(starts)) for field in schema], schema=schema)


def _group(columns: Sequence[NDArray[Any]]) -> tuple[NDArray[np.int64], int]:
    """One number a row, which sorts as the columns do, the first before all others; and the number above all."""
    group, room = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        lowest, size = int(column.min()), int(column.max()) - int(column.min()) + 1
        if room * size > _MOST_GROUPS:
            found, group = np.unique(group, return_inverse=True)
            room = len(found)
        group, room = group * size + (column - np.int64(lowest)), room * size
    return group, room


def _order(key: NDArray[np.int64], room: int) -> NDArray[np.signedinteger]:
    """The order that sorts numbers below `room`."""
    if room <= _ROOM_A_ROW * len(key):
        # Where they are dense and all different it is enough to write each row's place where its number says.
        places = np.full(room, -1, np.int32)
        places[key] = np.arange(len(key), dtype=np.int32)
        order = places[places >= 0]
        if len(order) == len(key):
            return order
    return np.argsort(key)


def _values(
    piece: Piece, group: NDArray[np.int64], starts: NDArray[Any], spot: NDArray[np.int16], amount: NDArray[Any]
) -> dict[str, pa.Array]:
    if isinstance(piece.measure, Distinct):
        return {"value": pa.array(np.add.reduceat(amount, starts))}
    stored = registers if isinstance(piece.measure, Uniques) else buckets
    is_spot = spot != _NOWHERE
    nothing = stored.encode(np.empty(0, np.int16), np.empty(0, np.int64))
    data = np.full(len(starts), nothing, object)
    if is_spot.all():
        data[:] = stored.encode_groups(group, spot, amount)
    else:
        some = np.logical_or.reduceat(is_spot, starts)
        data[some] = stored.encode_groups(group[is_spot], spot[is_spot], amount[is_spot])
    return {"data": pa.array(data, pa.binary())}


def _filled(values: Any, kind: pa.DataType, count: int) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.repeat(pa.scalar(values, kind), count)
