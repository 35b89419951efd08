"""The routes that packs bring: those of the caller's workspace, asked strictly, answered in the pack's shape."""

from collections.abc import Mapping

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from keepsum.assemble.system import System
from keepsum.engine.access import require
from keepsum.http.methods import options, refused
from keepsum.http.parameters import caller_from, caller_of, read_json, system_of
from keepsum.model.errors import Invalid, NotFound
from keepsum.pipeline.pack_routes import Asking, find, permission_of, read

_encoder = msgspec.json.Encoder(decimal_format="number")


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
    caller = caller_of(scope)
    require(caller, permission_of(chosen.route))
    values = read(chosen.route.parameters, chosen.values, await _given(request))
    asking = Asking(
        workspace=system.workspace,
        caller=caller,
        now=system.clock(),
        remembered=request.app.state.remembered,
        settings=system.told.get(chosen.pack.name, {}),
        exporting=system.exports,
        traced=lambda _: caller_from(request),
    )
    body = await run_in_threadpool(lambda: _encoder.encode(chosen.route.answer(asking, values)))
    return Response(body, chosen.route.status, media_type="application/json")


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
