"""Records of days that still change, as they were last read: only what came in since is read again."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa

from keepsum.model.layout import ARROW
from keepsum.model.stream import Stream
from keepsum.pipeline.records import filled, grouped, read_records, with_day
from keepsum.store import manifest, records
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.workspace import Workspace

MOST_RECORDS = 2_000_000
MOST_CHUNKS = 32

Key = tuple[object, str, int, tuple[str, ...]]  # the workspace's file, stream, day, columns


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A day's records up to the last row of the tail that was there, of one state of its files."""

    version: int
    moved: int
    last: int
    table: pa.Table


class Recent:
    """What was read of days lately, the oldest forgotten first; some columns only, in memory only."""

    def __init__(self, most: int = MOST_RECORDS) -> None:
        self._most = most
        self._days: OrderedDict[Key, _Read] = OrderedDict()
        self._lock = threading.Lock()

    def read(
        self, workspace: Workspace, connection: Connection, stream: Stream, state: DayState, names: Sequence[str]
    ) -> pa.Table:
        """Give a day's records as `read_records` would. Raises `Damaged`."""
        key = (workspace.file.path, stream.name, state.day, tuple(names))
        known = self._get(key)
        if known is None or (known.version, known.moved) != (state.version, state.moved):
            known = _from_files(workspace, connection, stream, state, names)
        found = _up_to_date(workspace, connection, stream, state, names, known)
        # TRICKY: what another thread read a moment later has records that this snapshot does not know of.
        if found.table.num_rows != state.control.records:
            return read_records(workspace, connection, stream, (state,), names)
        self._put(key, found)
        return found.table

    def forget(self, file: object, stream: str, days: Collection[int]) -> None:
        """Let go of the records of days that are purged."""
        with self._lock:
            for key in [k for k in self._days if (k[0], k[1]) == (file, stream) and k[2] in days]:
                del self._days[key]

    def __len__(self) -> int:
        """How many records are remembered."""
        return sum(read.table.num_rows for read in self._days.values())

    def _get(self, key: Key) -> _Read | None:
        with self._lock:
            return self._days.get(key)

    def _put(self, key: Key, read: _Read) -> None:
        with self._lock:
            self._days[key] = read
            self._days.move_to_end(key)
            while len(self) > self._most:
                self._days.popitem(last=False)


def _from_files(
    workspace: Workspace, connection: Connection, stream: Stream, state: DayState, names: Sequence[str]
) -> _Read:
    """The records of a day's files."""
    layout = workspace.layout(stream)
    pieces = [
        with_day(filled(layout, workspace.segments.read(segment, layout, names)), state.day)
        for segment in manifest.of_day(connection, stream.name, state.day)
    ]
    if not pieces:
        nothing = pa.table({c.name: pa.array([], ARROW[c.type]) for c in layout.columns if c.name in names})
        pieces = [with_day(grouped(layout, nothing), state.day)]
    table = pa.concat_tables(pieces).unify_dictionaries()
    return _Read(version=state.version, moved=state.moved, last=state.moved, table=table)


def _up_to_date(
    workspace: Workspace,
    connection: Connection,
    stream: Stream,
    state: DayState,
    names: Sequence[str],
    known: _Read,
) -> _Read:
    """The same with the rows of the tail that came in since."""
    layout = workspace.layout(stream)
    newest, last = records.tail(connection, layout, state.day, known.last, names)
    if not newest.num_rows:
        return known
    newest = with_day(grouped(layout, filled(layout, newest)), state.day)
    table = pa.concat_tables([known.table, newest]).unify_dictionaries()
    if table.column(0).num_chunks > MOST_CHUNKS:
        table = table.combine_chunks()
    return _Read(version=known.version, moved=known.moved, last=last, table=table)
