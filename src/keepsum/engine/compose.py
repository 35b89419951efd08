"""Decides what a dashboard may be, whoever makes it: a pack, or somebody at a door."""

import re
from collections.abc import Iterator

from keepsum.engine.plan import MOST_DAYS, MOST_TOP
from keepsum.model import dashboard as model
from keepsum.model.dashboard import Between, Dashboard, Preset, Widget, WidgetQuery
from keepsum.model.document import document
from keepsum.model.ledger import canonical

_WIDGET_ID = re.compile(r"[a-z0-9-]{1,32}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?")

Faults = Iterator[tuple[str, str]]  # where in the document, and what is wrong there


def faults(dashboard: Dashboard, most: int = model.MOST_WIDGETS) -> Faults:
    """Give what a dashboard breaks of the rules that its shape alone does not show."""
    yield from _words("title", dashboard.title, model.LONGEST_TITLE)
    if not dashboard.title.strip():
        yield "title", "a dashboard has a title"
    yield from _words("about", dashboard.about, model.LONGEST_ABOUT)
    if dashboard.range not in model.PRESETS:
        yield from _between_faults(dashboard.range)
    if dashboard.grain is not None and dashboard.grain not in model.TIME_GRAINS:
        yield "grain", f"a grain is one of {', '.join(model.TIME_GRAINS)}"
    if dashboard.refresh != "live" and not _within(dashboard.refresh, model.SOONEST, 86_400):
        yield "refresh", f"a dashboard is looked at again after {model.SOONEST} seconds to a day, or is 'live'"
    yield from _filter_faults(dashboard)
    if len(dashboard.widgets) > most:
        yield "widgets", f"a dashboard has at most {most} widgets"
    ids = [widget.id for widget in dashboard.widgets]
    for place, widget in enumerate(dashboard.widgets):
        if widget.id in ids[:place]:
            yield f"widgets.{place}.id", f"two widgets are called {widget.id!r}"
        yield from ((f"widgets.{place}.{where}", wrong) for where, wrong in _widget_faults(widget))
    if len(canonical(document(dashboard))) > model.LARGEST:
        yield "widgets", f"all that is said of a dashboard has at most {model.LARGEST:,} characters"


def _between_faults(given: Preset | Between) -> Faults:
    if not isinstance(given, Between):
        yield "range", f"a range is two dates, or one of {', '.join(model.PRESETS)}"
    elif given.last < given.first:
        yield "range", "the range ends before it starts"
    elif (given.last - given.first).days >= MOST_DAYS:
        yield "range", f"a range has at most {MOST_DAYS} days"


def _filter_faults(dashboard: Dashboard) -> Faults:
    names = [name for name, _ in dashboard.filters]
    if len(names) > model.MOST_FILTERS:
        yield "filters", f"a dashboard offers at most {model.MOST_FILTERS} filters"
    for place, (name, values) in enumerate(dashboard.filters):
        if names.index(name) < place:
            yield f"filters.{place}.dimension", f"the filter {name!r} is there twice"
        if len(values) > model.MOST_CHOSEN:
            yield f"filters.{place}.values", f"at most {model.MOST_CHOSEN:,} values are chosen"


def _widget_faults(widget: Widget) -> Faults:
    if not _WIDGET_ID.fullmatch(widget.id):
        yield "id", "an id has 1 to 32 lower-case letters, digits and hyphens"
    if widget.kind not in model.WIDGET_KINDS:
        yield "kind", f"a widget is one of {', '.join(model.WIDGET_KINDS)}"
    yield from _words("title", widget.title, model.LONGEST_TITLE)
    yield from _words("about", widget.about, model.LONGEST_ABOUT)
    yield from _words("options.text", widget.options.text, model.LONGEST_TEXT)
    at = widget.place
    if not (_within(at.x, 0, model.COLUMNS - 1) and _within(at.w, 1, model.COLUMNS) and at.x + at.w <= model.COLUMNS):
        yield "place", f"a widget lies within the {model.COLUMNS} columns"
    if not (_within(at.y, 0, model.LOWEST_ROW) and _within(at.h, 1, model.MOST_ROWS)):
        yield "place", f"a widget is 1 to {model.MOST_ROWS} rows high, and begins by row {model.LOWEST_ROW}"
    if widget.options.target is not None and not _NUMBER.fullmatch(widget.options.target):
        yield "options.target", "a target is a decimal number as text, such as 12.50"
    if (widget.query is None) != (widget.kind == "text"):
        yield "query", "a widget asks a question, unless it is a text, which asks none"
    if widget.query is not None:
        yield from ((f"query.{where}", wrong) for where, wrong in _query_faults(widget.query))


def _query_faults(query: WidgetQuery) -> Faults:
    for where, names, least, most in (
        ("metrics", query.metrics, 1, model.MOST_METRICS), ("by", query.by, 0, model.MOST_DIMENSIONS),
    ):  # fmt: skip
        if not least <= len(names) <= most:
            yield where, f"a widget asks for {least} to {most} of them"
        if len(set(names)) < len(names):
            yield where, "one of them is named twice"
    if len(query.where) > model.MOST_FILTERS:
        yield "where", f"a widget has at most {model.MOST_FILTERS} filters"
    if any(len(values) > model.MOST_CHOSEN for _, values in query.where):
        yield "where", f"at most {model.MOST_CHOSEN:,} values are chosen"
    if query.grain is not None and query.grain not in (*model.TIME_GRAINS, "all"):
        yield "grain", f"a grain is one of {', '.join(model.TIME_GRAINS)}, all"
    if query.order is not None and query.order.removeprefix("-") not in (*query.metrics, *query.by, "time"):
        yield "order", "an answer is ordered by one of its metrics or dimensions, or by time"
    if query.top is not None and not (query.by and _within(query.top, 1, MOST_TOP)):
        yield "top", f"top is 1 to {MOST_TOP:,}, of a question by dimensions"


def _words(place: str, text: str, longest: int) -> Faults:
    if len(text) > longest:
        yield place, f"it has at most {longest:,} characters"


def _within(number: int | str, least: int, most: int) -> bool:
    return isinstance(number, int) and least <= number <= most
