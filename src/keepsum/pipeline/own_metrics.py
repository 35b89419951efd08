"""Metrics that people make of what packs declare: who may make, change and delete one, and what is said of it.

  1. A formula is made of what its maker may see, and follows the rules that packs follow.
  2. Whoever made a metric changes and deletes it, and whoever administers the workspace.
  3. One that a dashboard asks for is not deleted; one that strangers see on a published dashboard is changed only by
     those who may publish.
Who sees a metric is decided by the rollups that it reads, as for everything that is made of them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from keepsum.engine import access
from keepsum.engine.own_metrics import Given, Judged, every_name, judge, metric_of, names_of
from keepsum.model.access import Caller, Permission
from keepsum.model.answer import Answer
from keepsum.model.audit import Kind
from keepsum.model.catalog import Catalog
from keepsum.model.counted import counted
from keepsum.model.errors import Conflict, Forbidden, Invalid, NotFound
from keepsum.model.metric import OWN, Metric
from keepsum.model.query import Query
from keepsum.pipeline import audit
from keepsum.pipeline.answer import answer
from keepsum.pipeline.live import Remembered
from keepsum.store import dashboards, public_links
from keepsum.store import own_metrics as store
from keepsum.store.dashboards import Stored
from keepsum.store.database import Connection
from keepsum.store.own_metrics import OwnMetric
from keepsum.store.workspace import Workspace

MOST = 200  # of one workspace
LONGEST_ABOUT = 500
LONGEST_UNIT = 20
ASKED = "own_preview"  # what a formula is called that is not kept yet

_NAME = re.compile(r"[a-z][a-z0-9_]{0,35}")


@dataclass(frozen=True, kw_only=True)
class Known:
    """A metric that somebody made, as it is understood today: `metric` is None when a pack lost what it reads."""

    kept: OwnMetric
    metric: Metric | None
    judged: Judged
    may_edit: bool


class Changed(Conflict):
    """Somebody changed the metric meanwhile; `newest` is what it is now."""

    def __init__(self, newest: OwnMetric) -> None:
        self.newest = newest
        message = f"The metric was changed meanwhile: it has version {newest.version} now. Look at it, then save again."
        super().__init__("METRIC_CHANGED", message)


def with_own(catalog: Catalog, kept: Iterable[OwnMetric]) -> Catalog:
    """Give a catalog with the metrics that people made of it; one that cannot be made any more is left out."""
    names = every_name(catalog)
    found = (metric_of(given_of(one), names) for one in kept)
    return replace(catalog, own=tuple(metric for metric in found if metric is not None))


def given_of(kept: OwnMetric) -> Given:
    """Give a metric as it was written."""
    return Given(
        name=kept.name,
        formula=kept.formula,
        unit=kept.unit,
        about=kept.about,
        direction=kept.direction,
        decimals=kept.decimals,
    )


def check(workspace: Workspace, caller: Caller, formula: str, unit: str = "") -> Judged:
    """Say what a caller's formula comes to, or what is wrong with it."""
    access.require(caller, Permission.COMPOSE)
    return judge(formula, names_of(caller, workspace.catalog), unit=unit)


def preview(
    workspace: Workspace, caller: Caller, given: Given, query: Query, *, now: int, remembered: Remembered
) -> Answer:
    """Answer a question with a formula that is not kept, in place of its metrics.

    Raises `FORMULA_REFUSED`, and what asking a question does.
    """
    metric = _made(workspace, caller, replace(given, name=ASKED))
    catalog = replace(workspace.catalog, own=(*workspace.catalog.own, metric))
    order = query.order
    if order is not None and order.by in query.metrics:
        order = replace(order, by=ASKED)
    asked = replace(query, metrics=(ASKED,), order=order)
    return answer(replace(workspace, catalog=catalog), asked, caller=caller, now=now, remembered=remembered)


def listing(workspace: Workspace, caller: Caller) -> list[Known]:
    """Give the metrics that people made and that the caller may see, or has made, or administers."""
    access.require(caller, Permission.READ)
    with workspace.file.read() as connection:
        kept = store.listing(connection)
        fixed = _published(workspace, connection) if kept else frozenset[str]()
    if access.permits(caller, Permission.ADMINISTER):
        fixed = frozenset[str]()
    shown = frozenset(access.visible_metrics(caller, workspace.catalog))
    return [
        _known(workspace, one, may_edit=_owns(caller, one) and one.name not in fixed)
        for one in kept
        if one.name in shown or _owns(caller, one)
    ]


def make(workspace: Workspace, caller: Caller, given: Given, *, now: int) -> Known:
    """Keep a new metric; raises `BAD_NAME`, `METRIC_TAKEN`, `TOO_MANY_METRICS` and what `change` does."""
    name = _named(given.name)
    _made(workspace, caller, replace(given, name=name))
    with workspace.file.write() as connection:
        if store.find(connection, name) is not None:
            raise Conflict("METRIC_TAKEN", f"There is a metric {name!r} already: choose another name.")
        _refuse_published(workspace, connection, caller, name)
        if len(store.listing(connection)) >= MOST:
            raise Conflict(
                "TOO_MANY_METRICS", f"People made {MOST} metrics, as many as there may be: delete one first."
            )
        kept = OwnMetric(
            **vars(replace(given, name=name)), owner=caller.key, version=1, changed_by=caller.key, changed_at=now
        )
        store.save(connection, kept)
    audit.record(workspace.control, Kind.METRIC_CHANGED, caller, {"metric": name}, now=now)
    return _known(workspace, kept, may_edit=True)


def change(workspace: Workspace, caller: Caller, given: Given, version: int, *, now: int) -> Known:
    """Keep a metric's next version, which was made of the version named; one that changes nothing is none.

    Raises `METRIC_CHANGED` when another version is the newest, `UNKNOWN_METRIC`, `NOT_PERMITTED`, `METRIC_PUBLISHED`
    and `FORMULA_REFUSED`.
    """
    access.require(caller, Permission.COMPOSE)
    with workspace.file.write() as connection:
        before = _mine(connection, workspace, caller, given.name)
        _refuse_published(workspace, connection, caller, before.name)
        _made(workspace, caller, given)
        if given == given_of(before):
            return _known(workspace, before, may_edit=True)
        if before.version != version:
            raise Changed(before)
        mine = {"version": version + 1, "changed_by": caller.key, "changed_at": now}
        kept = replace(before, **vars(given), **mine)
        store.save(connection, kept)
    audit.record(workspace.control, Kind.METRIC_CHANGED, caller, {"metric": kept.name}, now=now)
    return _known(workspace, kept, may_edit=True)


def delete(workspace: Workspace, caller: Caller, name: str, *, now: int) -> None:
    """Delete a metric; raises `METRIC_IN_USE`, which names the dashboards, and what `change` raises."""
    access.require(caller, Permission.COMPOSE)
    with workspace.file.write() as connection:
        _mine(connection, workspace, caller, name)
        users = _asked_by(connection, caller, name)
        if users:
            message = f"The metric {name!r} is asked for by {', '.join(users)}: take it off there first."
            raise Conflict("METRIC_IN_USE", message)
        store.drop(connection, name)
    audit.record(workspace.control, Kind.METRIC_DELETED, caller, {"metric": name}, now=now)


def _named(name: str) -> str:
    """Give the whole name; what follows the beginning that all of them have is plain."""
    plain = name.removeprefix(OWN)
    if not _NAME.fullmatch(plain):
        message = f"A metric's name is a small letter and then up to 35 of a-z, 0-9 and _, not {plain[:40]!r}."
        raise Invalid("BAD_NAME", message)
    return OWN + plain


def _made(workspace: Workspace, caller: Caller, given: Given) -> Metric:
    """Give the metric that a caller's formula makes."""
    names = names_of(caller, workspace.catalog)
    judged = check(workspace, caller, given.formula, given.unit)
    metric = metric_of(given, names)
    if metric is None:
        first = judged.problems[0]
        raise Invalid("FORMULA_REFUSED", f"The formula is no metric ({first.code}): {first.message}")
    return metric


def _known(workspace: Workspace, kept: OwnMetric, *, may_edit: bool) -> Known:
    names, given = every_name(workspace.catalog), given_of(kept)
    judged = judge(given.formula, names, unit=given.unit)
    return Known(kept=kept, metric=metric_of(given, names), judged=judged, may_edit=may_edit)


def _owns(caller: Caller, kept: OwnMetric) -> bool:
    is_own = kept.owner == caller.key and access.permits(caller, Permission.COMPOSE)
    return is_own or access.permits(caller, Permission.ADMINISTER)


def _mine(connection: Connection, workspace: Workspace, caller: Caller, name: str) -> OwnMetric:
    """Give a metric that is the caller's to change; one that the caller does not even see is as unknown as none."""
    found = store.find(connection, name)
    if found is None or not (_owns(caller, found) or name in access.visible_metrics(caller, workspace.catalog)):
        raise NotFound("UNKNOWN_METRIC", f"Nobody made a metric {name[:60]!r}.")
    if not _owns(caller, found):
        raise Forbidden("NOT_PERMITTED", "Whoever made a metric changes it, and whoever administers the workspace.")
    return found


def _asked_by(connection: Connection, caller: Caller, name: str) -> list[str]:
    """Give the dashboards that ask for a metric: by title those that are the caller's to know, else how many."""
    asking = [one for one in dashboards.listing(connection) if name in _asked(one)]
    may_know = access.permits(caller, Permission.ADMINISTER)
    named = [one for one in asking if may_know or one.owner == caller.key]
    listed = [f"dashboard {one.newest.document['title']!r}" for one in named]
    others = len(asking) - len(named)
    return [*listed, f"{counted(others, 'dashboards')} of others"] if others else listed


def _asked(dashboard: Stored) -> frozenset[str]:
    """Give the metrics that a dashboard asks for."""
    widgets = dashboard.newest.document["widgets"]
    return frozenset(name for widget in widgets if widget["query"] for name in widget["query"]["metrics"])


def _refuse_published(workspace: Workspace, connection: Connection, caller: Caller, name: str) -> None:
    if name in _published(workspace, connection) and not access.permits(caller, Permission.ADMINISTER):
        message = (
            f"Anybody sees {name!r} on a dashboard by its link, so only whoever may publish says what it is: ask them, "
            "or make another."
        )
        raise Forbidden("METRIC_PUBLISHED", message)


def _published(workspace: Workspace, connection: Connection) -> frozenset[str]:
    """Give the metrics that strangers see; no dashboard is published while the connection writes."""
    with workspace.control.read() as control:
        published = public_links.of_workspace(control, workspace.identity.id)
    found = (dashboards.find(connection, one) for one in published)
    return frozenset(name for one in found if one is not None for name in _asked(one))
