"""The routes that packs bring: those of the caller's workspace, asked strictly, answered in the pack's shape."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from keepsum.assemble.system import System
from keepsum.engine.access import require
from keepsum.engine.days import Calendar
from keepsum.http.methods import options, refused
from keepsum.http.parameters import caller_of, read_json, system_of
from keepsum.model.access import Caller
from keepsum.model.answer import Answer
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.day import date_in, date_of
from keepsum.model.errors import Invalid, NotFound
from keepsum.model.route import Kind, Parameter, Route
from keepsum.model.setting import Told
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of
from keepsum.pipeline.live import Remembered

_WHOLE = re.compile(r"-?[0-9]{1,18}")

_encoder = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A route whose path was asked for, whose it is, and what stands in the places of its parameters."""

    pack: Pack
    route: Route
    values: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Asks for one caller at one moment, on behalf of one pack."""

    system: System
    caller: Caller
    now: int
    remembered: Remembered
    settings: Mapping[str, Told]

    @property
    def today(self) -> dt.date:
        """The date in the workspace's zone."""
        return date_of(Calendar(self.system.workspace.identity.zone).number_of(self.now))

    def __call__(self, question: Mapping[str, object], /) -> Answer:
        """Give the answer to a question as `/v1/query` takes it."""
        query = query_of(question)
        return answer(self.system.workspace, query, caller=self.caller, now=self.now, remembered=self.remembered)


async def answer_packs(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request for a path that is none of the server's own; raises `UNKNOWN_PATH` when no pack has it.

    The packs are those of the caller's workspace: the routes of others are not there. What goes wrong with a route
    that was found is told in its pack's shape.
    """
    request = Request(scope, receive)
    system = await system_of(request)
    response = await _answered(request, system)
    await response(scope, receive, send)


async def _answered(request: Request, system: System) -> Response:
    found = find(system.catalog, request.scope["path"])
    if not found:
        raise NotFound("UNKNOWN_PATH", "There is nothing at this path; /docs lists what there is.")
    scope, first = request.scope, found[0]
    scope["endpoint"], scope["errors"] = first.route, first.pack.errors
    methods = {one.route.method for one in found}
    chosen = next((one for one in found if one.route.method == request.method), None)
    if request.method == "OPTIONS":
        return options(methods)
    if chosen is None:
        return refused(methods, first.pack.errors)
    scope["endpoint"] = chosen.route
    caller, permission = caller_of(scope), chosen.route.permission
    assert permission is not None  # noqa: S101 -- lint refuses a catalog with such a route
    require(caller, permission)
    values = read(chosen.route.parameters, chosen.values, await _given(request))
    asking = Asking(
        system=system,
        caller=caller,
        now=system.clock(),
        remembered=request.app.state.remembered,
        settings=system.told.get(chosen.pack.name, {}),
    )
    body = await run_in_threadpool(lambda: _encoder.encode(chosen.route.answer(asking, values)))
    return Response(body, media_type="application/json")


def find(catalog: Catalog, path: str) -> tuple[Found, ...]:
    """Give the routes that a path may mean, the one with the plainest path first."""
    every = ((pack, route, route.found_in(path)) for pack, route in catalog.routes)
    return tuple(Found(pack=pack, route=route, values=values) for pack, route, values in every if values is not None)


async def _given(request: Request) -> Mapping[str, object]:
    """Give what came in the address, or for POST in the body as well; nothing may come twice."""
    given: dict[str, object] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise Invalid("BAD_PARAMETER", f"The parameter {name[:60]!r} comes once.")
        given[name] = value
    if request.method != "POST":
        return given
    if given:
        raise Invalid("UNKNOWN_PARAMETER", "The parameters of this path come in the body, as an object of JSON.")
    return await read_json(request)


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


def _bad(parameter: Parameter, expected: str) -> Invalid:
    return Invalid("BAD_PARAMETER", f"The parameter {parameter.name!r} is wrong: give {expected}.")


READERS: Mapping[Kind, Callable[[Parameter, object], object]] = {
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
}
