"""What anybody sees by a public link: one dashboard, and the answers to what its widgets ask over its own days.

Whoever comes by a link has a viewer's rights and is guarded, whoever published it.
"""

from dataclasses import dataclass, replace

from keepsum.engine.show import chosen, question, span
from keepsum.model.access import Caller, stranger
from keepsum.model.answer import Answer
from keepsum.model.dashboard import Dashboard, TimeGrain, Widget, WidgetQuery
from keepsum.model.day import Grain, date_of
from keepsum.model.document import dashboard_of
from keepsum.model.errors import Forbidden, Invalid, KeepsumError, NotFound
from keepsum.model.query import Query
from keepsum.pipeline.answer import answer
from keepsum.pipeline.live import Remembered
from keepsum.store import dashboards as store
from keepsum.store import public_links
from keepsum.store.database import Database
from keepsum.store.public_links import Published
from keepsum.store.workspace import Workspace, terms


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A published dashboard, and the days it is about now, by number."""

    id: str
    dashboard: Dashboard
    version: int
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody asks by a link: a widget's question over some days, perhaps at a grain that it leaves open."""

    widget: str
    first: int
    last: int
    grain: TimeGrain | None = None
    compare: bool = False


def find(control: Database, link: str) -> Published:
    """Give what a link leads to; raises `LINK_INVALID`."""
    with control.read() as connection:
        found = public_links.find(connection, link)
    if found is None:
        raise _over()
    return found


def show(workspace: Workspace, what: Published, today: int) -> Shown:
    """Give a published dashboard; raises `LINK_INVALID` when it is no longer there."""
    with workspace.file.read() as connection:
        stored, week_start = store.find(connection, what.dashboard), terms(connection).week_start
    if stored is None:
        raise _over()
    dashboard = dashboard_of(stored.newest.document)
    first, last = span(dashboard.range, today, week_start)
    return Shown(id=stored.id, dashboard=dashboard, version=stored.newest.version, first=first, last=last)


def ask(workspace: Workspace, shown: Shown, wanted: Wanted, *, now: int, remembered: Remembered) -> Answer:
    """Give the answer to a widget's question; raises what `asked` raises, and what `untold` gives."""
    query, caller = asked(workspace, shown, wanted), anybody(workspace, shown)
    try:
        return answer(workspace, query, caller=caller, now=now, remembered=remembered)
    except KeepsumError as error:
        raise untold(error) from None


def anybody(workspace: Workspace, shown: Shown) -> Caller:
    """Give whoever sees a published dashboard."""
    return stranger(workspace.identity.id, shown.id)


def asked(workspace: Workspace, shown: Shown, wanted: Wanted) -> Query:
    """Give a widget's question, under its own filter and those that are set on the dashboard.

    Raises `UNKNOWN_WIDGET`, `OUTSIDE_DASHBOARD` and what `untold` gives.
    """
    board = shown.dashboard
    widget = next((one for one in board.widgets if one.id == wanted.widget), None)
    if widget is None or widget.query is None:
        raise NotFound("UNKNOWN_WIDGET", f"There is no widget {wanted.widget!r} here that asks anything.")
    if not shown.first <= wanted.first <= wanted.last <= shown.last:
        days = f"from {date_of(shown.first)} to {date_of(shown.last)}"
        raise Forbidden("OUTSIDE_DASHBOARD", f"This dashboard is about the days {days}: ask within them.")
    if wanted.compare and not (board.compare or widget.options.comparison):
        raise Forbidden("OUTSIDE_DASHBOARD", "This dashboard compares with no period before: leave 'compare' out.")
    try:
        return _query(workspace, board, widget, widget.query, wanted)
    except KeepsumError as error:
        raise untold(error) from None


def untold(error: KeepsumError) -> KeepsumError:
    """Give a refusal without its words, which name what else there is to be asked; those about the dashboard stay."""
    if error.code in _OWN or not isinstance(error, (Invalid, NotFound, Forbidden)):
        return error
    return type(error)(error.code, "This widget has no answer as it is: whoever published it can mend it.")


_OWN = frozenset(("UNKNOWN_WIDGET", "OUTSIDE_DASHBOARD", "LINK_INVALID"))


def _query(workspace: Workspace, board: Dashboard, widget: Widget, asked: WidgetQuery, wanted: Wanted) -> Query:
    query = question(board, widget, asked, wanted.first, wanted.last)
    if wanted.grain is not None and asked.grain is None and query.grain is not Grain.ALL:
        query = replace(query, grain=Grain(wanted.grain))
    where = chosen(workspace.catalog, board, asked)
    return replace(query, where=where, compare="previous" if wanted.compare else None, guarded=True)


def _over() -> NotFound:
    return NotFound("LINK_INVALID", "Nothing is published under this link: it was taken back, or never was.")
