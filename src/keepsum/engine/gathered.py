"""The second half of a roll-up whose records stay in their own database: from its groups to rows and parts.

Groups come in batches. A subject becomes a number, a slot and a rank and is dropped; texts become codes. What is then
left to add up runs as statements over Arrow tables in memory.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine import buckets
from keepsum.engine.accept import FORBIDDEN
from keepsum.engine.arrival import Keys
from keepsum.engine.codes import RESERVED, Codes
from keepsum.engine.columns import Column, array_of, each, values_of
from keepsum.engine.compile import decode
from keepsum.engine.compile import gathered as statements
from keepsum.engine.compile.attached import group_columns, spread_measures
from keepsum.engine.compile.decode import Run
from keepsum.engine.compile.roll import pieces
from keepsum.engine.numbers import LIMB
from keepsum.engine.redact import Redactor
from keepsum.engine.rolled import Rolled
from keepsum.engine.rowhash import hash_rows
from keepsum.engine.subjects import Subjects
from keepsum.model.catalog import most_of
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import NONE, OTHER, AtGrains, Quantiles, Rollup
from keepsum.model.stream import PUBLIC, Boolean, Choice, Field, Number, Stream, Text
from keepsum.model.units import UNFIT

Batches = Iterable[Sequence[Column]]  # the columns of some rows
Arrays = dict[str, pa.Array]

_TYPES = {"subject": pa.int32(), "slot": pa.int16(), "rank": pa.uint8(), "spot": pa.int16()}


def rolled(
    rollup: Rollup,
    groups: Batches,
    spread: Batches,
    keys: Keys,
    run: Run,
    *,
    day: int,
    redactor: Redactor | None = None,
) -> Rolled:
    """A rollup's rows and parts of one day, from what its statements `grouped` and `spread` gave.

    `run` computes over `records`. Raises `BAD_ROW` where a group has a value that no record can have.
    """
    gathering = _Gathering(rollup, keys, redactor or Redactor())
    for batch in groups:
        gathering.add_groups(batch)
    for batch in spread:
        gathering.add_spread(batch)
    codes, found, values = gathering.tables(day)
    rows = run(statements.rows(rollup), found)
    asked = ((statements.parts_of_groups(rollup, codes), found), (statements.parts_of_spread(rollup, codes), values))
    parts = [run(statement, table) for statement, table in asked if statement is not None]
    return decode.decode(rollup, codes, rows, pa.concat_tables(parts) if pieces(rollup) else None)


def whole(value: Any) -> int | None:
    """Give a sum as its database gave it: an integer, a decimal, or SQLite's `hi:lo`; `BAD_ROW` where it is none."""
    if value is None or (type(value) is int and -UNFIT < value < UNFIT):
        return value
    try:
        found = _plain_whole(value)
    except (ArithmeticError, ValueError):
        found = None
    if found is None or abs(found) >= UNFIT:
        raise _bad("a number that is no whole one of its field's unit, or has more than 18 digits")
    return found


def _plain_whole(value: Any) -> int | None:
    if isinstance(value, str) and ":" in value:
        high, low = map(int, value.split(":"))
        return high * LIMB + low
    found = value if type(value) is Decimal else Decimal(str(value))
    whole_part = int(found)
    return whole_part if whole_part == found else None


class _Gathering:
    """The batches so far, in numbers."""

    def __init__(self, rollup: Rollup, keys: Keys, redactor: Redactor) -> None:
        self._rollup = rollup
        self._guarded = RollupLayout(rollup=rollup).guarded
        self._names = group_columns(rollup)
        self._dimensions = {name: _Dimension(_field(rollup.of, name), redactor) for name in rollup.by}
        self._values = [_Values(rollup.of, measure, keys, redactor) for measure in spread_measures(rollup)]
        self._subjects = Subjects(keys.epoch)
        self._groups: defaultdict[str, list[pa.Array]] = defaultdict(list)
        self._spread: defaultdict[str, list[pa.Array]] = defaultdict(list)

    def add_groups(self, batch: Sequence[Column]) -> None:
        """Take groups, as `group_columns` names them; the whole day of a rollup is a group even without a record."""
        if not _wholes(batch[self._names.index("n")]).to_numpy().any():
            return
        for name, values in zip(self._names, batch, strict=True):
            for column, array in self._columns(name, values).items():
                self._groups[column].append(array)

    def _columns(self, name: str, values: Column) -> Arrays:
        """The columns that one column of groups becomes."""
        if name == "subject":
            return dict(zip(("subject", "slot", "rank"), self._subjects.columns(_texts(values)), strict=True))
        match name[:2]:
            case "d_":
                return {name: self._dimensions[name[2:]].numbers(values)}
            case "m_" | "a_":
                return _limbs(name, values)
            case _:
                return {name: _wholes(values)}

    def add_spread(self, batch: Sequence[Column]) -> None:
        """Take spread values: the number of their measure, dimensions, value, how often."""
        measures, *dimensions, values, counts = batch
        for name, found in zip(self._rollup.by, dimensions, strict=True):
            self._spread[f"d_{name}"].append(self._dimensions[name].numbers(found))
        of = _wholes(measures).to_numpy()
        numbers, is_bucketed = np.zeros(len(of), np.int64), np.zeros(len(of), np.bool_)
        for place, measured in enumerate(self._values):
            chosen = np.flatnonzero(of == place)
            numbers[chosen] = measured.numbers(_chosen(values, chosen))
            is_bucketed[chosen] = measured.is_bucketed
        for name, column in {"measure": of, "value": numbers, "n": _wholes(counts)}.items():
            self._spread[name].append(pa.array(column, pa.int64()))
        self._spread["spot"].append(pa.array(buckets.bucket_of(numbers), pa.int16(), mask=~is_bucketed))

    def tables(self, day: int) -> tuple[dict[str, Codes], pa.Table, pa.Table]:
        """The codes of each dimension, and groups and spread values as tables with these codes."""
        codes = {name: dimension.codes() for name, dimension in self._dimensions.items()}
        groups = _table(self._groups, self._names_of_groups(), day)
        names = (*RollupLayout(rollup=self._rollup).dimensions, "measure", "value", "n", "spot")
        spread = _table(self._spread, names, day)
        for name in self._rollup.by:
            kept = self._kept(name, codes[name], groups)
            groups, spread = (_coded(table, f"d_{name}", kept) for table in (groups, spread))
        return codes, groups, spread

    def _names_of_groups(self) -> list[str]:
        names: list[str] = []
        for name in self._names:
            is_summed = name[:2] in {"m_", "a_"}
            names += [f"{name}_hi", f"{name}_lo"] if is_summed else [name]
            names += ["slot", "rank"] if name == "subject" else []
        return names

    def _kept(self, name: str, codes: Codes, groups: pa.Table) -> NDArray[np.int32]:
        """The code for each number of a dimension, that of null last; the values with the fewest records are the rest.

        Of values with as many records each, the smaller one stays.
        """
        places = self._dimensions[name].places(codes)
        column = groups[f"d_{name}"]
        known = column.is_valid().to_numpy()
        counts = np.zeros(len(codes.texts), np.int64)
        np.add.at(counts, places[column.fill_null(0).to_numpy()[known]], groups["n"].to_numpy()[known])
        found = np.flatnonzero(counts)
        ranked = found[np.lexsort((found, -counts[found]))]
        surplus = ranked[most_of(self._rollup.of.field(name)) :]
        kept = np.where(np.isin(places, surplus), codes.of(OTHER), places)
        return np.append(kept, codes.of(NONE)).astype(np.int32)


class _Dimension:
    """The values of a dimension, numbered as they come."""

    def __init__(self, field: Field, redactor: Redactor) -> None:
        self._field = field
        self._redactor = redactor if _is_redacted(field) else None
        self._numbers: dict[Any, int] = {}

    def numbers(self, values: Column) -> pa.Array:
        """A number for each value, null for null."""
        return _numbered(values, self._numbers)

    def codes(self) -> Codes:
        """The codes of all values that came."""
        return Codes(tuple(sorted({*self._texts(), *RESERVED})))

    def places(self, codes: Codes) -> NDArray[np.int64]:
        """The code of each number."""
        return np.array([codes.of(text) for text in self._texts()], np.int64)

    def _texts(self) -> list[str]:
        texts = [_spelled(self._field, value) for value in self._numbers]
        found = self._redactor.column(texts) if self._redactor else texts
        return [text or "" for text in found]


class _Values:
    """The values of one measure: the numbers that quantiles are of, or a keyed mark for each that is told from others.

    Two values with one mark would make the rollup another than its records fold to, and so hold the day.
    """

    def __init__(self, stream: Stream, measure: AtGrains, keys: Keys, redactor: Redactor) -> None:
        field = stream.field(str(measure.source))
        self.is_bucketed = isinstance(measure, Quantiles)
        self._is_number = isinstance(field, Number)
        self._redactor = redactor if field is not None and _is_redacted(field) else None
        self._key = keys.control

    def numbers(self, column: Column) -> NDArray[np.int64]:
        """The number of each value."""
        texts = _texts(column)
        if self._is_number:
            return _wholes_said(texts)
        found = each(texts, self._redactor.column) if self._redactor else texts
        return hash_rows({"value": found}, self._key)[0].view(np.int64)


def _table(columns: Mapping[str, list[pa.Array]], names: Iterable[str], day: int) -> pa.Table:
    found = {name: pa.chunked_array(columns.get(name, []), _type(name)) for name in names}
    count = len(next(iter(found.values())))
    return pa.table({"day": pa.array(np.full(count, day, np.int32)), **found})


def _type(name: str) -> pa.DataType:
    return pa.int32() if name[:2] == "d_" else _TYPES.get(name, pa.int64())


def _coded(table: pa.Table, name: str, kept: NDArray[np.int32]) -> pa.Table:
    """The table with codes in place of the numbers of a dimension; null is the last number."""
    numbers = table[name].fill_null(len(kept) - 1).to_numpy()
    return table.set_column(table.column_names.index(name), name, pa.array(kept[numbers]))


def _wholes(column: Column) -> pa.Array:
    """Whole numbers of at most 64 bits, which counts are."""
    array = array_of(column)
    if array is not None and pa.types.is_int64(array.type):
        return array
    return pa.array([whole(value) for value in values_of(column)], pa.int64())


def _wholes_said(texts: pa.Array) -> NDArray[np.int64]:
    """Whole numbers that come as texts."""
    try:
        return texts.cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:  # with decimals that are zeros, or none at all
        return np.array([whole(text) for text in texts.to_pylist()], np.int64)


def _limbs(name: str, column: Column) -> Arrays:
    array = array_of(column)
    if array is not None and pa.types.is_int64(array.type):
        sums, nothing = array.fill_null(0).to_numpy(), ~array.is_valid().to_numpy(zero_copy_only=False)
        highs, lows = np.divmod(sums, LIMB)
    else:
        wholes = [whole(value) for value in values_of(column)]
        nothing = np.array([value is None for value in wholes], np.bool_)
        highs, lows = np.array([divmod(value or 0, LIMB) for value in wholes], np.int64).reshape(-1, 2).T
    return {f"{name}_{limb}": pa.array(part, mask=nothing) for limb, part in (("hi", highs), ("lo", lows))}


def _texts(column: Column) -> pa.Array:
    array = array_of(column)
    if array is not None and (pa.types.is_string(array.type) or pa.types.is_binary(array.type)):
        with suppress(pa.ArrowInvalid):
            return array.cast(pa.string())
    try:
        return pa.array([plain(value) for value in values_of(column)], pa.string())
    except UnicodeError:
        raise _bad("a text that is no UTF-8") from None  # whose words hold the text


def _numbered(column: Column, known: dict[Any, int]) -> pa.Array:
    """A number for each value, the next one for each that is not known yet; null for null."""
    array = array_of(column)
    if array is None:
        every = values_of(column)
        return pa.array([None if one is None else known.setdefault(one, len(known)) for one in every], pa.int32())
    coded = array.dictionary_encode()
    numbers = [known.setdefault(one, len(known)) for one in coded.dictionary.to_pylist()]
    return pa.array(numbers, pa.int32()).take(coded.indices)


def _chosen(column: Column, places: NDArray[np.int64]) -> Column:
    return column.take(pa.array(places)) if isinstance(column, pa.Array) else [column[place] for place in places]


def _spelled(field: Field, value: Any) -> str:
    """A dimension's value as it stands in rolled rows; of spread values numbers come as texts."""
    text = plain(value) or ""
    match field:
        case Boolean() if text in {"0", "1"}:
            return "true" if text == "1" else "false"
        case Boolean():
            raise _bad(f"a value of {field.name!r} that is neither true nor false")
        case Number():
            return str(whole(text))
        case Choice() if text not in field.options:
            raise _bad(f"a value of {field.name!r} that is none of its options")
        case _ if FORBIDDEN.search(text):
            raise _bad(f"a value of {field.name!r} with a reserved control character")
        case _:
            return text


def plain(value: Any) -> str | None:
    """Give a text, which MySQL hands over as bytes."""
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _is_redacted(field: Field) -> bool:
    return isinstance(field, Text) and field.exposure is PUBLIC


def _field(stream: Stream, name: str) -> Field:
    field = stream.field(name)
    if field is None:
        raise KeyError(name)
    return field


def _bad(what: str) -> ProofFailed:
    return ProofFailed("BAD_ROW", f"A row of the application's table has {what}, so nothing can be made of its day.")
