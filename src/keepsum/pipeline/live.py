"""Days that no rollup answers, from their living records: the roll-up statement itself, under a rollup made to fit."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from keepsum.engine import codes
from keepsum.engine.codes import source_column
from keepsum.engine.compile import decode
from keepsum.engine.compile.statement import Statement
from keepsum.engine.guard.reading import steps
from keepsum.engine.merge import Key
from keepsum.engine.numbers import join
from keepsum.engine.plan import Group, Need
from keepsum.engine.rolled import Rolled
from keepsum.model.catalog import definition_hash
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import Distinct, Quantiles, Rollup, Uniques
from keepsum.model.stream import Stream
from keepsum.pipeline.asked import Asked
from keepsum.pipeline.recent import Recent
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.workspace import Workspace

REMEMBERED = 512
RECORDS_AT_ONCE = 1_500_000

# One day's figures of one need: the group's texts in the order of the asked dimensions, and its states.
Figures = tuple[Sequence[Key], Sequence[Any]]


@dataclass(frozen=True)
class LiveDay:
    """A day's figures by need, in the order they were asked for, and how many records they were made of."""

    figures: tuple[Figures, ...]
    records: int


class Remembered:
    """The figures of days that did not change since they were last asked, and the records of those that did.

    Of both the oldest are forgotten first. `asked` is what databases of applications said a moment ago, `firsts` the
    first days they have rows of. One is shared by all questions of a process.
    """

    def __init__(self, most: int = REMEMBERED) -> None:
        self.records = Recent()
        self.asked: Asked[LiveDay] = Asked()
        self.firsts: Asked[int | None] = Asked()
        self._most = most
        self._days: OrderedDict[tuple[object, ...], LiveDay] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many days are remembered."""
        return len(self._days)

    def get(self, key: tuple[object, ...]) -> LiveDay | None:
        """Give a day's figures if they are remembered."""
        with self._lock:
            found = self._days.get(key)
            if found is not None:
                self._days.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], day: LiveDay) -> None:
        """Remember a day's figures."""
        with self._lock:
            self._days[key] = day
            while len(self._days) > self._most:
                self._days.popitem(last=False)


def live_days(
    workspace: Workspace,
    connection: Connection,
    group: Group,
    needs: Sequence[Need],
    states: Iterable[DayState],
    remembered: Remembered,
    *,
    steps_of: int | None = None,
) -> dict[int, LiveDay]:
    """Give the figures of needs of one group, day by day, from records; a day without records has none.

    With `steps_of`, the k of today, only each day's total is counted, up to the last full k people, and its dimensions
    do not matter. Raises `Damaged` when a segment cannot be read.
    """
    rollup = asked_rollup(group, needs, by=() if steps_of else group.dimensions)
    digest = definition_hash(rollup)
    found: dict[int, LiveDay] = {}
    waiting: list[DayState] = []
    for state in states:
        known = remembered.get(_key(workspace, state, digest, steps_of))
        if known is not None:
            found[state.day] = known
        elif state.control.records:
            waiting.append(state)
    for batch in _batches(waiting):
        names = _columns(rollup, steps_of)
        read = [remembered.records.read(workspace, connection, group.stream, state, names) for state in batch]
        records = pa.concat_tables(read).unify_dictionaries()
        for state, day in zip(batch, _days(workspace, rollup, needs, records, batch, steps_of), strict=True):
            remembered.put(_key(workspace, state, digest, steps_of), day)
            found[state.day] = day
    return found


def _key(workspace: Workspace, state: DayState, digest: str, steps_of: int | None) -> tuple[object, ...]:
    return (workspace.file.path, state.stream, state.day, state.version, state.touched, digest, steps_of, state.steps)


def _batches(states: Sequence[DayState]) -> Iterator[list[DayState]]:
    batch: list[DayState] = []
    size = 0
    for state in states:
        if batch and size + state.control.records > RECORDS_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(state)
        size += state.control.records
    if batch:
        yield batch


def asked_rollup(group: Group, needs: Sequence[Need], *, by: tuple[str, ...]) -> Rollup:
    """Give the rollup that a question would have declared."""
    measures = tuple(need.measure(f"m{place}", by) for place, need in enumerate(needs))
    return Rollup("asked", of=_stream(group.stream, measures), by=by, measures=measures)


def _stream(stream: Stream, measures: Iterable[object]) -> Stream:
    """The stream, without its subject where no measure asks who: nobody needs to be counted in each group then."""
    people = any(isinstance(m, Uniques) or (isinstance(m, Distinct) and m.of == stream.subject) for m in measures)
    return stream if people else replace(stream, subject=None)


def _columns(rollup: Rollup, steps_of: int | None) -> list[str]:
    """The columns of the records that the rollup reads."""
    stream = rollup.of
    names = {f"f_{name}" for name in rollup.by} | {f"f_{name}" for m in rollup.measures for name, _ in m.where}
    for measure in rollup.measures:
        if isinstance(measure, Quantiles):
            names |= {f"b_{measure.source}", f"f_{measure.source}"}
        elif isinstance(measure, Uniques):
            names |= {"slot", "rank"}
        elif measure.source is not None:
            names.add(source_column(stream, measure.source))
    names |= {"subject"} if steps_of else set[str]()
    return sorted(names or {"time"})  # records are counted by some column


def _days(
    workspace: Workspace,
    rollup: Rollup,
    needs: Sequence[Need],
    records: pa.Table,
    states: Sequence[DayState],
    steps_of: int | None,
) -> Iterator[LiveDay]:
    counts = [state.control.records for state in states]
    if steps_of:
        stepped = [_step(records, state, steps_of) for state in states]
        # Not even how many records were read may tell more than the steps do.
        records, counts = pa.concat_tables(stepped), [step.num_rows for step in stepped]
    rolled = _rolled(workspace, rollup, records)
    for state, count in zip(states, counts, strict=True):
        rows, parts = (_of_day(table, state.day) for table in (rolled.rows, rolled.parts))
        yield LiveDay(tuple(figures(rollup, place, need, rows, parts) for place, need in enumerate(needs)), count)


def _step(records: pa.Table, state: DayState, k: int) -> pa.Table:
    mine = _of_day(records, state.day)
    return mine.slice(0, steps(mine, k, state.steps))


def _rolled(workspace: Workspace, rollup: Rollup, records: pa.Table) -> Rolled:
    def run(statement: Statement, table: pa.Table) -> pa.Table:
        return workspace.engine.run(statement.sql, statement.parameters, {"records": table})

    coded = codes.encode(records, [rollup])
    # Nobody asks how many people a row is made of, or how much is one's: only the parts are about people.
    plain = replace(rollup, of=replace(rollup.of, subject=None), measures=RollupLayout(rollup=rollup).additive)
    return Rolled(rows=decode.rolled_rows(plain, coded, run), parts=decode.rolled_parts(rollup, coded, run))


def _of_day(table: pa.Table, day: int) -> pa.Table:
    return table.filter(pc.equal(table["day"], day))


def figures(rollup: Rollup, place: int, need: Need, rows: pa.Table, parts: pa.Table) -> Figures:
    """Give the figures of the need at a place from a day's rows and parts of its asked rollup."""
    if need.at_grains:
        mine = parts.filter(pc.equal(parts["measure"], f"m{place}"))
        return _keys(rollup, mine), mine["value" if need.kind == "distinct" else "data"].to_pylist()
    if need.kind == "sum":
        limbs = (rows[f"m_m{place}_{limb}"].to_pylist() for limb in ("hi", "lo"))
        return _keys(rollup, rows), [None if hi is None else join(hi, lo) for hi, lo in zip(*limbs, strict=True)]
    return _keys(rollup, rows), rows[f"m_m{place}"].to_pylist()


def _keys(rollup: Rollup, table: pa.Table) -> list[Key]:
    if not rollup.by:
        return [()] * table.num_rows
    return list(zip(*(table[f"d_{name}"].to_pylist() for name in rollup.by), strict=True))
