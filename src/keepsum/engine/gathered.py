"""The second half of a roll-up whose records stay in their own database: from its groups to rows and parts.

Groups come in batches. A subject becomes a number, a slot and a rank and is dropped; texts become codes. What is then
left to add up runs as statements over Arrow tables in memory.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine import buckets, registers
from keepsum.engine.accept import FORBIDDEN
from keepsum.engine.arrival import Keys
from keepsum.engine.codes import RESERVED, Codes
from keepsum.engine.compile import decode
from keepsum.engine.compile import gathered as statements
from keepsum.engine.compile.attached import group_columns, spread_measures
from keepsum.engine.compile.decode import Run
from keepsum.engine.compile.roll import pieces
from keepsum.engine.numbers import LIMB
from keepsum.engine.redact import Redactor
from keepsum.engine.rolled import Rolled
from keepsum.model.catalog import most_of
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import NONE, OTHER, AtGrains, Quantiles, Rollup
from keepsum.model.stream import PUBLIC, Boolean, Choice, Field, Number, Stream, Text
from keepsum.model.units import UNFIT

Batches = Iterable[Sequence[Sequence[Any]]]
Arrays = dict[str, pa.Array]

_TYPES = {"subject": pa.int64(), "slot": pa.int16(), "rank": pa.uint8(), "spot": pa.int16()}


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
        self._rollup, self._keys = rollup, keys
        self._guarded = RollupLayout(rollup=rollup).guarded
        self._names = group_columns(rollup)
        self._dimensions = {name: _Dimension(_field(rollup.of, name), redactor) for name in rollup.by}
        self._values = [_Values(rollup.of, measure, redactor) for measure in spread_measures(rollup)]
        self._people: dict[str, int] = {}
        self._groups: defaultdict[str, list[pa.Array]] = defaultdict(list)
        self._spread: defaultdict[str, list[pa.Array]] = defaultdict(list)

    def add_groups(self, batch: Sequence[Sequence[Any]]) -> None:
        """Take groups, as `group_columns` names them; the whole day of a rollup is a group even without a record."""
        records = self._names.index("n")
        some = [group for group in batch if group[records]]
        if not some:
            return
        for name, values in zip(self._names, zip(*some, strict=True), strict=True):
            for column, array in self._columns(name, values).items():
                self._groups[column].append(array)

    def _columns(self, name: str, values: Sequence[Any]) -> Arrays:
        """The columns that one column of groups becomes."""
        if name == "subject":
            return self._subjects(values)
        match name[:2]:
            case "d_":
                return {name: self._dimensions[name[2:]].numbers(values)}
            case "m_" | "a_":
                return _limbs(name, values)
            case _:
                return {name: pa.array([whole(value) for value in values], pa.int64())}

    def _subjects(self, values: Sequence[Any]) -> Arrays:
        subjects = [plain(value) for value in values]
        slots, ranks, nobody = registers.slots_and_ranks(subjects, self._keys.epoch)
        people = self._people
        numbers = [0 if one is None else people.setdefault(one, len(people)) for one in subjects]
        arrays = {"subject": numbers, "slot": slots, "rank": ranks}
        return {name: pa.array(array, _TYPES[name], mask=nobody) for name, array in arrays.items()}

    def add_spread(self, batch: Sequence[Sequence[Any]]) -> None:
        """Take spread values: the number of their measure, dimensions, value, how often."""
        measures, *dimensions, values, counts = zip(*batch, strict=True)
        for name, found in zip(self._rollup.by, dimensions, strict=True):
            self._spread[f"d_{name}"].append(self._dimensions[name].numbers(found))
        of_measures: list[_Values] = [self._values[measure] for measure in measures]
        numbers = [of.number(value) for of, value in zip(of_measures, values, strict=True)]
        of_quantiles = np.array([of.is_bucketed for of in of_measures], np.bool_)
        found = np.array(numbers, np.int64)
        columns = {"measure": list(measures), "value": found, "n": [whole(count) for count in counts]}
        for name, column in columns.items():
            self._spread[name].append(pa.array(column, pa.int64()))
        self._spread["spot"].append(pa.array(buckets.bucket_of(found), pa.int16(), mask=~of_quantiles))

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

    def numbers(self, values: Sequence[Any]) -> pa.Array:
        """A number for each value, null for null."""
        known = self._numbers
        return pa.array([None if one is None else known.setdefault(one, len(known)) for one in values], pa.int32())

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
    """The values of one measure: the numbers that quantiles are of, or a number for each that is told from others."""

    def __init__(self, stream: Stream, measure: AtGrains, redactor: Redactor) -> None:
        field = stream.field(str(measure.source))
        self.is_bucketed = isinstance(measure, Quantiles)
        self._is_number = isinstance(field, Number)
        self._redactor = redactor if field is not None and _is_redacted(field) else None
        self._numbers: dict[str | None, int] = {}

    def number(self, value: Any) -> int:
        """The number of a value."""
        text = plain(value)
        if self._is_number:
            return whole(text) or 0
        redacted = self._redactor.column([text])[0] if self._redactor else text
        return self._numbers.setdefault(redacted, len(self._numbers))


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


def _limbs(name: str, values: Sequence[Any]) -> Arrays:
    sums = [whole(value) for value in values]
    nothing = np.array([value is None for value in sums], np.bool_)
    pairs = [divmod(value or 0, LIMB) for value in sums]
    return {
        f"{name}_{limb}": pa.array([pair[place] for pair in pairs], pa.int64(), mask=nothing)
        for place, limb in enumerate(("hi", "lo"))
    }


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
