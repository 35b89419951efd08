"""What a look at a workspace shows to those who wait for new figures: which of them can have changed since the last."""

from collections.abc import Mapping
from dataclasses import dataclass

from keepsum.engine.days import Calendar
from keepsum.model.metric import streams_of
from keepsum.model.query import Query
from keepsum.pipeline.asked import FRESH
from keepsum.store import ledger, records
from keepsum.store.standing import covering
from keepsum.store.workspace import Workspace

Mark = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Look:
    """How far a workspace has come: its streams' newest records by number, its ledger, today, and how late it is.

    `while_fresh` changes as often as an application's own database is asked again.
    """

    newest: Mapping[str, int]
    entries: int
    today: int
    while_fresh: int


@dataclass(frozen=True, kw_only=True)
class Concern:
    """Which streams an answer is made of (none: whichever), and whether it has to be asked for to see if it changed."""

    streams: frozenset[str] | None
    is_attached: bool

    def mark(self, look: Look, *, again: bool) -> Mark:
        """Give what is another when the answer may be; `again` for one that could not be given."""
        newest = look.newest if self.streams is None else {name: look.newest.get(name) for name in self.streams}
        late = look.while_fresh if again or self.is_attached else 0
        return tuple(sorted(newest.items())), look.entries, look.today, late


def look_at(workspace: Workspace, *, now: int, seconds: float) -> Look:
    """Give how far a workspace has come; `seconds` are the machine's."""
    with workspace.file.read() as connection:
        newest, (entries, _, _) = records.sequences_of_all(connection), ledger.head(connection)
    today = Calendar(workspace.identity.zone).number_of(now)
    return Look(newest=newest, entries=entries, today=today, while_fresh=int(seconds // FRESH))


def concern(workspace: Workspace, query: Query) -> Concern:
    """Give what a question's answer is made of."""
    known = workspace.catalog.metrics
    if not all(name in known for name in query.metrics):
        return Concern(streams=None, is_attached=False)
    found = (covering(stream) for stream in streams_of(known[name] for name in query.metrics))
    streams = frozenset(name for names in found for name in names)
    return Concern(streams=streams, is_attached=not streams.isdisjoint(workspace.attached))
