"""Parameters of requests: dates read strictly, names that nobody declared refused, faults told by name."""

import datetime as dt
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar, cast

import msgspec
from fastapi import Depends, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from keepsum.assemble.install import Install
from keepsum.assemble.system import System
from keepsum.engine.access import require
from keepsum.http.arrival import Arrival
from keepsum.http.bodies import Hold, Room, read_body
from keepsum.model.access import Caller, Permission
from keepsum.model.day import date_in, day_number
from keepsum.model.errors import Forbidden, Invalid, KeepsumError
from keepsum.pipeline.accounts import origin

M = TypeVar("M", bound=BaseModel)

LONGEST = 1 << 20  # bytes of a body that is no batch of records
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _iso_date(value: object) -> object:
    """Refuse what a lenient reader would take for a date, such as a count of seconds."""
    if isinstance(value, str) and date_in(value) is None:
        raise ValueError("give a date such as 2026-01-31")
    return value


IsoDate = Annotated[dt.date, BeforeValidator(_iso_date)]
From = Annotated[IsoDate | None, Query(alias="from", description="The first day, as 2026-01-31.")]
To = Annotated[IsoDate | None, Query(description="The last day, included.")]


def install_of(request: Request) -> Install:
    """Give all that the server has open."""
    return request.app.state.install


async def system_of(request: Request) -> System:
    """Give the workspace of whoever asks, opened when it is first asked for."""
    install = install_of(request)
    workspace = caller_of(request.scope).workspace
    opened = install.at_hand(workspace)
    return await run_in_threadpool(install.system, workspace) if opened is None else opened.system


def workspace_of(scope: Scope) -> str:
    """Give the id of the workspace that a request is about: its caller's; empty when nobody knows who asks."""
    caller: Caller | None = scope.get("state", {}).get("caller")
    return "" if caller is None else caller.workspace


Sys = Annotated[System, Depends(system_of)]


def caller_of(scope: Scope) -> Caller:
    """Give who asks; raises `CREDENTIAL_MISSING` when nobody knows."""
    caller: Caller | None = scope.get("state", {}).get("caller")
    if caller is None:
        raise missing_credential()
    return caller


def missing_credential() -> Forbidden:
    """Give the error of a request that does not say who asks."""
    message = "This path needs a token, as Authorization: Bearer keepsum_..., or a session."
    return Forbidden("CREDENTIAL_MISSING", message)


async def _caller(request: Request) -> Caller:
    return caller_of(request.scope)


Who = Annotated[Caller, Depends(_caller)]


def arrival_of(scope: Scope) -> Arrival:
    """Give where a request comes from and what it was sent to."""
    return scope["state"]["arrival"]


def caller_from(request: Request) -> Caller:
    """Give who asks, with what the audit log keeps of where from."""
    install = install_of(request)
    with install.control.read() as connection:
        cipher = install.accounts.vault.under(connection)
    return replace(caller_of(request.scope), origin=origin(cipher, arrival_of(request.scope).address or None))


By = Annotated[Caller, Depends(caller_from)]  # with where from, for what changes something


def needs(permission: Permission) -> Any:
    """Give the dependency of routes that only callers with a permission may ask; others get `NOT_PERMITTED`."""

    async def check(who: Who) -> None:
        require(who, permission)

    return Depends(check)


def span(first: dt.date | None, last: dt.date | None) -> tuple[int | None, int | None]:
    """Give the numbers of a range of days; raises `RANGE_REVERSED`."""
    if first is not None and last is not None and last < first:
        raise Invalid("RANGE_REVERSED", f"The range from {first} to {last} ends before it starts.")
    return first and day_number(first), last and day_number(last)


def instant(microseconds: int | None) -> dt.datetime | None:
    """Give an instant in UTC; None for none, and for one after all calendars."""
    if microseconds is None or microseconds >= _LAST:
        return None
    return EPOCH + dt.timedelta(microseconds=microseconds)


_LAST = (dt.datetime.max.replace(tzinfo=dt.UTC) - EPOCH) // dt.timedelta(microseconds=1)


class StrictRoute(APIRoute):
    """A route that refuses parameters it does not declare: a misspelt one would silently change the question."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give what answers a request."""
        answer = super().get_route_handler()
        known = {field.alias for field in self.dependant.query_params}

        async def checked(request: Request) -> Response:
            unknown = request.query_params.keys() - known
            if unknown:
                listed = ", ".join(sorted(known)) or "none"
                message = f"There is no parameter {min(unknown)!r} here; known: {listed}."
                raise Invalid("UNKNOWN_PARAMETER", message)
            return await answer(request)

        return checked


async def read_as(request: Request, model: type[M]) -> M:
    """Give a request's body in a declared shape; raises what `read_json` does, and what is wrong by name."""
    try:
        return model.model_validate(await read_json(request), strict=True)
    except ValidationError as error:
        raise refusal_of(error.errors(include_input=False, include_url=False), within=0)[0] from None


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """Give what OpenAPI says of a route that reads its body as a shape."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


async def read_json(request: Request) -> dict[str, object]:
    """Give the object that a request's body is.

    Raises `UNKNOWN_CONTENT_TYPE` (what else a browser may send needs nobody's leave), `BODY_TOO_LARGE`,
    `MALFORMED_JSON` and `NOT_AN_OBJECT`.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Invalid("UNKNOWN_CONTENT_TYPE", "This path takes JSON: send it as Content-Type application/json.")
    with Hold(Room(LONGEST)) as hold:
        body = await read_body(request.receive, LONGEST, hold)
    try:
        value: object = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("MALFORMED_JSON", "The body is not valid JSON, or nested too deeply.") from error
    if not isinstance(value, dict):
        raise Invalid("NOT_AN_OBJECT", "The body is JSON, but not an object.")
    return cast("dict[str, object]", value)


def refusal_of(faults: Sequence[Any], *, within: int) -> tuple[KeepsumError, str]:
    """Give the first fault that a model found, and where it is, `within` steps down; never with its value."""
    first: dict[str, Any] = faults[0] if faults else {"loc": (), "type": "", "msg": "it cannot be read"}
    name = ".".join(str(part) for part in first["loc"][within:])
    if first["type"] == "missing":
        return Invalid("MISSING_PARAMETER", f"The request needs {name!r}."), name
    if first["type"] == "extra_forbidden":
        return Invalid("UNKNOWN_PARAMETER", f"There is no parameter {name!r}."), name
    said = str(first["msg"]).removeprefix("Value error, ")
    return Invalid("BAD_PARAMETER", f"The parameter {name!r} is wrong: {said}."), name
