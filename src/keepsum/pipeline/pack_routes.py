"""The routes that packs bring: found by their path and asked with checked values, through whichever door."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from keepsum.engine.access import require, see
from keepsum.engine.days import Calendar
from keepsum.model.access import Caller, Permission
from keepsum.model.answer import Answer, Leader
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.day import date_in, date_of, day_number
from keepsum.model.errors import Forbidden, Invalid, NotFound
from keepsum.model.export import Export
from keepsum.model.route import Kind, Parameter, Route
from keepsum.model.setting import Told
from keepsum.pipeline import exports
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of
from keepsum.pipeline.closing import standing
from keepsum.pipeline.exports import Exports
from keepsum.pipeline.leaders import leaders
from keepsum.pipeline.live import Remembered
from keepsum.store.workspace import Workspace

_NOTHING: Mapping[str, object] = {}
_WHOLE = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A route whose path was asked for, whose it is, and what stands in the places of its parameters."""

    pack: Pack
    route: Route
    values: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Asks for one caller at one moment, on behalf of one pack."""

    workspace: Workspace
    caller: Caller
    now: int
    remembered: Remembered
    settings: Mapping[str, Told]
    exporting: Exports
    traced: Callable[[Caller], Caller] = lambda caller: caller  # with where from, for looks that are audited

    @property
    def today(self) -> dt.date:
        """The date in the workspace's zone."""
        return date_of(Calendar(self.workspace.identity.zone).number_of(self.now))

    def __call__(self, question: Mapping[str, object], /) -> Answer:
        """Give the answer to a question as `/v1/query` takes it."""
        query = query_of(question)
        return answer(self.workspace, query, caller=self.caller, now=self.now, remembered=self.remembered)

    def closed(self, rollup: str, first: dt.date, last: dt.date, /) -> Mapping[dt.date, dt.datetime]:
        """Give when the months of a range were closed."""
        found = self.workspace.catalog.rollups.get(rollup)
        if found is None:
            raise NotFound("UNKNOWN_ROLLUP", f"There is no rollup {rollup!r}: name a declared one.")
        if not see(self.caller, day_number(self.today), found.of, rollup).allowed:
            raise Forbidden("NOT_PERMITTED", f"Your roles show nothing of rollup {rollup!r}: ask an owner for a role.")
        with self.workspace.file.read() as connection:
            months = standing(connection, [found.of.name], day_number(first), day_number(last))
        mine = (month for month in months if month.rollup == rollup)
        return {date_of(month.first): dt.datetime.fromtimestamp(month.at // 1_000_000, dt.UTC) for month in mine}

    def export(
        self, dataset: str, form: str, first: dt.date, last: dt.date, filters: Mapping[str, object] = _NOTHING, /
    ) -> Export:
        """Have a file made of a dataset, and give the export as it stands after two seconds at most."""
        days = {"first": day_number(first), "last": day_number(last)}
        order = exports.Order(dataset=dataset, format=form, **days, filters=filters)
        made = exports.create(self.exporting, order, self.traced(self.caller))
        return exports.wait(self.exporting, made.id, self.caller)

    def find_export(self, export: str, /) -> Export:
        """Give an export as it stands."""
        return exports.look(self.exporting, export, self.caller)

    def exports(self, limit: int = 100, /) -> list[Export]:
        """Give the newest exports."""
        return exports.listing(self.exporting, self.caller, limit)

    def leaders(self, question: Mapping[str, object], /) -> tuple[Leader, ...]:
        """Give the people who have the most of a metric."""
        return leaders(self.workspace, question, caller=self.traced(self.caller), now=self.now)


def find(catalog: Catalog, path: str) -> tuple[Found, ...]:
    """Give the routes that a path may mean, the one with the plainest path first."""
    every = ((pack, route, route.found_in(path)) for pack, route in catalog.routes)
    return tuple(Found(pack=pack, route=route, values=values) for pack, route, values in every if values is not None)


def call(
    exporting: Exports,
    method: str,
    path: str,
    given: Mapping[str, object],
    *,
    caller: Caller,
    told: Mapping[str, Mapping[str, Told]],
    remembered: Remembered,
    now: int,
) -> Any:
    """Give what a route of a workspace answers, as plain values; `told` are the settings of each pack.

    Raises `UNKNOWN_PATH`, `NOT_PERMITTED`, and what `read` and the route raise.
    """
    workspace = exporting.workspace
    found = next((one for one in find(workspace.catalog, path) if one.route.method == method), None)
    if found is None:
        known = ", ".join(f"{one.method} {one.path}" for _, one in workspace.catalog.routes) or "none"
        raise NotFound("UNKNOWN_PATH", f"No pack answers {method} {path[:200]!r}; known: {known}.")
    require(caller, permission_of(found.route))
    settings = told.get(found.pack.name, {})
    asking = Asking(
        workspace=workspace,
        caller=caller,
        now=now,
        remembered=remembered,
        settings=settings,
        exporting=exporting,
    )
    return found.route.answer(asking, read(found.route.parameters, found.values, given))


def permission_of(route: Route) -> Permission:
    """Give the permission that a route's callers need."""
    assert route.permission is not None  # noqa: S101 -- lint refuses a catalog with such a route
    return route.permission


def read(
    parameters: tuple[Parameter, ...], placed: Mapping[str, str], given: Mapping[str, object]
) -> Mapping[str, Any]:
    """Give the value of every parameter: `placed` are those of the path, null is the same as not sent.

    Raises `UNKNOWN_PARAMETER`, `MISSING_PARAMETER` and `BAD_PARAMETER`, naming which.
    """
    known = [parameter.name for parameter in parameters if parameter.name not in placed]
    unknown = sorted(given.keys() - set(known))
    if unknown:
        listed = ", ".join(known) or "none"
        raise Invalid("UNKNOWN_PARAMETER", f"There is no parameter {unknown[0][:60]!r} here; known: {listed}.")
    sent = {**given, **placed}
    return {parameter.name: _value(parameter, sent.get(parameter.name)) for parameter in parameters}


def _value(parameter: Parameter, sent: object) -> object:
    if sent is None:
        if parameter.required:
            raise Invalid("MISSING_PARAMETER", f"The request needs {parameter.name!r}.")
        sent = parameter.default
    return None if sent is None else READERS[parameter.kind](parameter, sent)


def _text(parameter: Parameter, sent: object) -> str:
    if parameter.options:
        if sent in parameter.options:
            return str(sent)
        raise _bad(parameter, f"one of {', '.join(parameter.options)}")
    if isinstance(sent, str) and 1 <= len(sent) <= parameter.longest and sent.isprintable():
        return sent
    raise _bad(parameter, f"1 to {parameter.longest} printable characters")


def _integer(parameter: Parameter, sent: object) -> int:
    if isinstance(sent, str) and _WHOLE.fullmatch(sent):
        sent = int(sent)
    if isinstance(sent, int) and not isinstance(sent, bool):
        least, most = parameter.least, parameter.most
        if (least is None or least <= sent) and (most is None or sent <= most):
            return sent
    bounds = ((" of at least", parameter.least), (" of at most", parameter.most))
    raise _bad(parameter, "a whole number" + " and".join(f"{word} {n}" for word, n in bounds if n is not None))


def _boolean(parameter: Parameter, sent: object) -> bool:
    if isinstance(sent, bool):
        return sent
    if sent in ("true", "false"):
        return sent == "true"
    raise _bad(parameter, "true or false")


def _date(parameter: Parameter, sent: object) -> dt.date:
    found = date_in(sent) if isinstance(sent, str) else None
    if found is not None:
        return found
    raise _bad(parameter, "a date such as 2026-01-31")


def _object(parameter: Parameter, sent: object) -> Mapping[str, object]:
    if isinstance(sent, Mapping):
        return cast("Mapping[str, object]", sent)
    raise _bad(parameter, "an object of JSON")


def _bad(parameter: Parameter, expected: str) -> Invalid:
    return Invalid("BAD_PARAMETER", f"The parameter {parameter.name!r} is wrong: give {expected}.")


READERS: Mapping[Kind, Callable[[Parameter, object], object]] = {
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "object": _object,
}
