"""The values of a dimension that somebody may see, as a filter takes them: the groups that an answer would have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keepsum.engine import access
from keepsum.engine.days import Calendar
from keepsum.engine.dimensions import dimension
from keepsum.engine.splits import Splits
from keepsum.model.access import Caller
from keepsum.model.errors import Invalid
from keepsum.model.metric import streams_of
from keepsum.model.query import Query
from keepsum.model.rollup import HIDDEN, NONE, OTHER
from keepsum.model.stream import Integer
from keepsum.pipeline.answer import keys
from keepsum.pipeline.asked import Asked
from keepsum.pipeline.live import Remembered
from keepsum.store.workspace import Workspace

REACH = 365  # days that are looked at unless somebody says which
NO_VALUE = frozenset((NONE, OTHER, HIDDEN))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which values: of a dimension, perhaps as one metric has them, within days, with a text in them."""

    dimension: str
    metric: str | None = None
    search: str = ""
    limit: int = 50
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, kw_only=True)
class Values:
    """Values in order, the ones that begin with what was searched for first; `more` when not all are listed."""

    values: tuple[str | None, ...]
    more: bool


Known = Asked[tuple[str, ...]]  # what was read for a caller's question a moment ago: people type letter by letter


def values(
    workspace: Workspace, wanted: Wanted, *, caller: Caller, now: int, remembered: Remembered, known: Known
) -> Values:
    """Give the values that a caller may see of a dimension and in which a text occurs, whatever its case.

    That no value was given is one, None, where nobody searches; `(other)` and `(hidden)` are none, for nothing can be
    filtered by them. Raises `UNKNOWN_DIMENSION`, and what asking a question raises.
    """
    query = _query(workspace, wanted, caller, now)

    def ask() -> tuple[str, ...]:
        return tuple(text for (text,) in keys(workspace, query, caller=caller, now=now, remembered=remembered))

    found = known.get((workspace.file.path, caller), query, ask)
    declared = dimension(streams_of((workspace.catalog.metric(query.metrics[0]),))[0], wanted.dimension)
    searched = wanted.search.casefold()
    texts = [one for one in found if one not in NO_VALUE and searched in one.casefold()]
    ordered: list[str | None] = list(_in_order(texts, searched, is_number=isinstance(declared, Integer)))
    if NONE in found and not searched:
        ordered.append(None)
    return Values(values=tuple(ordered[: wanted.limit]), more=len(ordered) > wanted.limit)


def _in_order(texts: Iterable[str], searched: str, *, is_number: bool) -> Sequence[str]:
    if is_number:
        return sorted(texts, key=int)
    return sorted(texts, key=lambda one: (not one.casefold().startswith(searched), one.casefold(), one))


def _query(workspace: Workspace, wanted: Wanted, caller: Caller, now: int) -> Query:
    """The question whose groups are the values, of no more days than the caller may see where nobody says which."""
    today = Calendar(workspace.identity.zone).number_of(now)
    metric = wanted.metric or _splitting(workspace, caller, wanted.dimension, today)
    last = today if wanted.last is None else wanted.last
    first = wanted.first
    if first is None:
        shown = None
        if metric in workspace.catalog.metrics:
            shown = access.decide(caller, workspace.catalog.metric(metric), today).first_day
        first = min(last, max(last - REACH + 1, last - REACH + 1 if shown is None else shown))
    return Query(metrics=(metric,), by=(wanted.dimension,), first=first, last=last)


def _splitting(workspace: Workspace, caller: Caller, name: str, today: int) -> str:
    """The first metric that the caller may split by a dimension."""
    catalog = workspace.catalog
    splits = Splits(caller, catalog, today)
    for metric in access.visible_metrics(caller, catalog):
        if name in splits.of_metric(catalog.metric(metric)):
            return metric
    raise Invalid("UNKNOWN_DIMENSION", f"Nothing that you see can be split by {name!r}.")
