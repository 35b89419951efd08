"""The second half of a roll-up whose records stay in their own database: from its groups to rows and parts.

Groups come subject by subject, in batches. A subject becomes a slot and a rank and is dropped; texts become numbers.
Lots of groups, each with whole subjects, are added up by statements over Arrow tables in memory, and so are then the
subtotals of all lots: what is held at a time is one lot and as many subtotals as the rollup has groups.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine import buckets
from keepsum.engine import group_values as values
from keepsum.engine.arrival import Keys
from keepsum.engine.codes import Codes
from keepsum.engine.columns import Column
from keepsum.engine.compile import decode
from keepsum.engine.compile import gathered as statements
from keepsum.engine.compile.attached import group_columns, spread_measures
from keepsum.engine.compile.decode import Run
from keepsum.engine.compile.roll import pieces
from keepsum.engine.compile.statement import Statement
from keepsum.engine.redact import Redactor
from keepsum.engine.rolled import Rolled
from keepsum.engine.subjects import Subjects
from keepsum.model.catalog import most_of
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import Rollup
from keepsum.model.stream import Field, Stream

Batches = Iterable[Sequence[Column]]  # the columns of some rows
Recode = Mapping[str, tuple[Codes, NDArray[np.int32]]]

AT_ONCE = 20_000  # groups of a lot: more of them take memory, fewer take time
_TYPES = {"subject": pa.string(), "slot": pa.int16(), "rank": pa.uint8(), "spot": pa.int16()}


def rolled(
    rollup: Rollup,
    groups: Callable[[], Batches],
    spread: Batches,
    keys: Keys,
    run: Run,
    *,
    day: int,
    redactor: Redactor | None = None,
    at_once: int = AT_ONCE,
) -> Rolled:
    """A rollup's rows and parts of one day, from what its statements `grouped` and `spread` gave.

    `groups` asks for the groups, those of a subject one behind another: a second time where a dimension has more values
    than are kept, for only then it is known which. `run` computes over `records`, `at_once` groups and those that come
    with the last one of them. Raises `BAD_ROW` where a group has a value that no record can have.
    """
    gathering = _Gathering(rollup, keys, partial(_on_day, run, day), redactor or Redactor(), at_once)
    gathering.read(groups())
    if gathering.cap():
        gathering.read(groups())
    for batch in spread:
        gathering.add_spread(batch)
    return gathering.rolled()


class _Gathering:
    """What came so far, in numbers."""

    def __init__(self, rollup: Rollup, keys: Keys, run: Run, redactor: Redactor, at_once: int) -> None:
        self._rollup, self._epoch, self._run, self._at_once = rollup, keys.epoch, run, at_once
        self._layout = RollupLayout(rollup=rollup)
        self._names = group_columns(rollup)
        self._dimensions = {name: values.Dimension(_field(rollup.of, name), redactor) for name in rollup.by}
        self._first = dict.fromkeys(rollup.by, values.FIRST_CODES)
        self._values = [values.Values(rollup.of, measure, keys, redactor) for measure in spread_measures(rollup)]
        self._spread: defaultdict[str, list[pa.Array]] = defaultdict(list)
        self._is_counted = False
        self._begin()

    def _begin(self) -> None:
        self._waiting = _Waiting(self._group_columns(), is_of_people=self._layout.guarded)
        self._subtotals = _Together(partial(self._run, statements.subtotals_together(self._rollup)), self._at_once)
        self._parts = _Together(partial(self._run, statements.parts_together(self._rollup)), self._at_once)

    def read(self, groups: Batches) -> None:
        """Add groups up, all that there are."""
        self._begin()
        for batch in groups:
            self._take(batch)
            if self._waiting.rows >= self._at_once:
                self._add_up(self._waiting.whole())
        self._add_up(self._waiting.rest())
        self._is_counted = True

    def _take(self, batch: Sequence[Column]) -> None:
        """Take groups, as `group_columns` names them; the whole day of a rollup is a group even without a record."""
        counts = values.wholes(batch[self._names.index("n")])
        if not counts.to_numpy().any():
            return
        found: dict[str, pa.Array] = {}
        for name, column in zip(self._names, batch, strict=True):
            if name[:2] == "d_":
                numbers = self._dimensions[name[2:]].numbers(column)
                if not self._is_counted:
                    self._dimensions[name[2:]].count(numbers, counts.to_numpy())
                found[name] = pa.array(numbers)
            elif name[:2] in {"m_", "a_"}:
                found[f"{name}_hi"], found[f"{name}_lo"] = values.limbs(column)
            elif name != "n":
                found[name] = values.texts(column) if name == "subject" else values.wholes(column)
        self._waiting.add(found)

    def _group_columns(self) -> list[str]:
        """The columns of groups that wait."""
        names: list[str] = []
        for name in self._names:
            names += [f"{name}_hi", f"{name}_lo"] if name[:2] in {"m_", "a_"} else [name] if name != "n" else []
        return names

    def _add_up(self, groups: pa.Table) -> None:
        """Add up groups of whole subjects, of which then only slots and ranks are left."""
        if not len(groups) and self._subtotals.is_begun:
            return
        table = groups
        if self._layout.guarded:
            people = Subjects(self._epoch).columns(table["subject"].combine_chunks())
            table = table.drop_columns(["subject"])
            for name, column in zip(("subject", "slot", "rank"), people, strict=True):
                table = table.append_column(name, column)
        self._subtotals.add(self._run(statements.subtotals(self._rollup), table))
        of_groups = statements.parts_of_groups(self._rollup, self._first)
        if of_groups is not None:
            self._parts.add(self._run(of_groups, table))

    def cap(self) -> bool:
        """Choose the values of dimensions that are kept, and say whether the groups have to be read again for it.

        Where no people are counted, what is left over can still be put together in the end.
        """
        capped = [one.cap(most_of(self._rollup.of.field(name))) for name, one in self._dimensions.items()]
        return any(capped) and self._layout.guarded

    def add_spread(self, batch: Sequence[Column]) -> None:
        """Take spread values: the number of their measure, dimensions, value, how often."""
        measures, *dimensions, told, counts = batch
        for name, found in zip(self._rollup.by, dimensions, strict=True):
            self._spread[f"d_{name}"].append(pa.array(self._dimensions[name].numbers(found)))
        of = values.wholes(measures).to_numpy()
        numbers, is_bucketed = np.zeros(len(of), np.int64), np.zeros(len(of), np.bool_)
        for place, measured in enumerate(self._values):
            chosen = np.flatnonzero(of == place)
            numbers[chosen] = measured.numbers(values.chosen(told, chosen))
            is_bucketed[chosen] = measured.is_bucketed
        for name, column in {"measure": of, "value": numbers, "n": values.wholes(counts)}.items():
            self._spread[name].append(pa.array(column, pa.int64()))
        self._spread["spot"].append(pa.array(buckets.bucket_of(numbers), pa.int16(), mask=~is_bucketed))

    def rolled(self) -> Rolled:
        """The rows and parts, after all that there is."""
        recode = {name: dimension.codes() for name, dimension in self._dimensions.items()}
        codes = {name: known for name, (known, _) in recode.items()}
        rows = self._run(statements.rows(self._rollup), _coded(self._subtotals.table(), recode))
        if not pieces(self._rollup):
            return decode.decode(self._rollup, codes, rows, None)
        # What fell together only now is put together again.
        parts = [self._run(statements.parts_together(self._rollup), _coded(self._parts.table(), recode))]
        of_spread = statements.parts_of_spread(self._rollup, codes)
        if of_spread is not None:
            parts.append(self._run(of_spread, _coded(self._spread_table(), recode)))
        return decode.decode(self._rollup, codes, rows, pa.concat_tables(parts))

    def _spread_table(self) -> pa.Table:
        names = (*self._layout.dimensions, "measure", "value", "n", "spot")
        return pa.table({name: pa.chunked_array(self._spread.pop(name, []), _type(name)) for name in names})


class _Waiting:
    """Groups that wait for being added up, among them perhaps not all of the last subject."""

    def __init__(self, names: Iterable[str], *, is_of_people: bool) -> None:
        self._nothing = pa.schema([pa.field(name, _type(name)) for name in names]).empty_table()
        self._is_of_people = is_of_people
        self._tables = [self._nothing]

    @property
    def rows(self) -> int:
        """How many they are."""
        return sum(map(len, self._tables))

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        """Take some more."""
        self._tables.append(pa.table(columns).select(self._nothing.column_names))

    def whole(self) -> pa.Table:
        """Give those before the last subject's, and wait for more with that one's."""
        table = self.rest()
        begin = _last_begin(table["subject"]) if self._is_of_people else len(table)
        if begin < len(table):
            self._tables.append(table.slice(begin).take(pa.array(np.arange(len(table) - begin))))
        return table.slice(0, begin)

    def rest(self) -> pa.Table:
        """Give all of them."""
        table = pa.concat_tables(self._tables)
        self._tables = [self._nothing]
        return table


class _Together:
    """Tables of one form, put together whenever they have become twice as long as that made them."""

    def __init__(self, together: Callable[[pa.Table], pa.Table], room: int) -> None:
        self._together, self._room, self._most = together, room, room
        self._tables: list[pa.Table] = []

    @property
    def is_begun(self) -> bool:
        return bool(self._tables)

    def add(self, table: pa.Table) -> None:
        self._tables.append(table)
        if sum(map(len, self._tables)) > self._most:
            self._tables = [self._together(self.table())]
            self._most = self._room + 2 * len(self._tables[0])

    def table(self) -> pa.Table:
        return pa.concat_tables(self._tables)


def _on_day(run: Run, day: int, statement: Statement, table: pa.Table) -> pa.Table:
    """What a statement answers over rows that are of one day, whether they say so or not."""
    if "day" not in table.column_names:
        table = table.append_column("day", pa.array(np.full(len(table), day, np.int32)))
    return run(statement, table)


def _last_begin(subjects: pa.ChunkedArray) -> int:
    """Where the last one of these begins."""
    numbers = subjects.combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy()
    others = np.flatnonzero(numbers != numbers[-1])
    return int(others[-1]) + 1 if len(others) else 0


def _type(name: str) -> pa.DataType:
    return pa.int32() if name[:2] == "d_" else _TYPES.get(name, pa.int64())


def _coded(table: pa.Table, recode: Recode) -> pa.Table:
    """The table with codes in place of the numbers of its dimensions."""
    for name, (_, places) in recode.items():
        column = f"d_{name}"
        coded = pa.array(places[table[column].to_numpy()])
        table = table.set_column(table.column_names.index(column), column, coded)
    return table


def _field(stream: Stream, name: str) -> Field:
    field = stream.field(name)
    if field is None:
        raise KeyError(name)
    return field
