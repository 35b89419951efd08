"""Rules about the dashboards of packs: they keep the rules of every dashboard, and ask for what is declared."""

from collections.abc import Iterator

from keepsum.engine import compose, show
from keepsum.engine.lint.finding import Hits, groupable, streams
from keepsum.engine.plan import plan
from keepsum.model.catalog import Catalog
from keepsum.model.dashboard import Dashboard, Widget
from keepsum.model.errors import KeepsumError
from keepsum.model.stream import PUBLIC

_ANY_DAY = 0


def _dashboards(catalog: Catalog) -> Iterator[Dashboard]:
    return (one for pack in catalog.packs for one in pack.dashboards)


def _of_dashboard(dashboard: Dashboard) -> str:
    return f"dashboard {dashboard.name!r}"


def _of_widget(dashboard: Dashboard, widget: Widget) -> str:
    return f"widget {widget.id!r} of dashboard {dashboard.name!r}"


def dashboard_unfit(catalog: Catalog) -> Hits:
    """A dashboard has a title, widgets with ids of their own within its columns, and each but a text a question."""
    for dashboard in _dashboards(catalog):
        for where, wrong in compose.faults(dashboard):
            yield _of_dashboard(dashboard), f"at {where!r}: {wrong}"


def dashboard_question(catalog: Catalog) -> Hits:
    """A dashboard asks for declared metrics, by dimensions that their streams have, and is filtered by dimensions."""
    for dashboard in _dashboards(catalog):
        for widget in dashboard.widgets:
            if widget.query is not None:
                for name in (name for name, values in widget.query.where if not values):
                    yield _of_widget(dashboard, widget), f"its condition on {name!r} has no values: leave it out"
                try:
                    plan(catalog, show.question(dashboard, widget, widget.query, _ANY_DAY, _ANY_DAY))
                except KeepsumError as error:
                    yield _of_widget(dashboard, widget), f"its question is refused: {error.message}"
        known = {f.name for s in streams(catalog) for f in s.fields if f.exposure is PUBLIC and groupable(f)}
        for name, _ in dashboard.filters:
            if name not in known:
                yield _of_dashboard(dashboard), f"its filter {name!r} is no dimension of any stream: leave it out"
