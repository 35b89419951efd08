"""The application: its routes, and how each kind of error leaves it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from keepsum.assemble.install import Install
from keepsum.assemble.outside import identities
from keepsum.http import (
    audit,
    compliance,
    dashboards,
    datasets,
    days,
    dimensions,
    docs,
    exports,
    health,
    interface,
    jobs,
    ledger,
    links,
    live,
    metrics,
    own_metrics,
    people,
    prometheus,
    published,
    purge,
    query,
    query_file,
    roles,
    schedules,
    session,
    settings,
    streams,
    tokens,
    workspaces,
)
from keepsum.http.counts import Counts
from keepsum.http.credentials import Credentials
from keepsum.http.described import complete
from keepsum.http.front import Front, Gate, make_gate
from keepsum.http.looks import Looks
from keepsum.http.methods import options, refused, taken
from keepsum.http.packs import answer_packs
from keepsum.http.parameters import refusal_of
from keepsum.http.problems import problem
from keepsum.http.records import PATH, Records
from keepsum.http.writer import Writer
from keepsum.model.errors import Invalid, KeepsumError, NotFound
from keepsum.pipeline.live import Remembered
from keepsum.pipeline.values import Known

BEFORE, AFTER = PATH.split("{stream}")
COUNTED_EVERY = 10.0  # seconds between two lines about what was collected, and two notes of what was used

NOUNS = (
    session, links, people, tokens, roles, workspaces, settings, streams, metrics, own_metrics, query, query_file,
    live, dimensions, dashboards, published, days, purge, compliance, ledger, jobs, schedules, datasets, exports,
    audit, health, prometheus, docs, interface,
)  # fmt: skip

_log: Any = structlog.get_logger(__name__)


class Application(FastAPI):
    """All routes; the one that takes records in lies before the framework, which costs more than the rest of it."""

    def __init__(self, records: Records, counts: Counts, gate: Gate, **described: Any) -> None:
        super().__init__(**described)
        self._records, self._front = records, Front(records, counts, gate)
        self.router.routes.append(Route(PATH, records, methods=["POST"]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope.get("path", "")
        if path.startswith(BEFORE) and path.endswith(AFTER) and scope.get("method") == "POST":
            stream = path[len(BEFORE) : -len(AFTER)]
            if "/" not in stream:
                scope["endpoint"], scope["path_params"] = self._records, {"stream": stream}
                await self._front(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


def make_app(install: Install, writer: Writer | None = None) -> FastAPI:
    """Give the application of a running install; whoever opened that closes it."""
    counts, known, install.is_served = Counts(), identities(install.settings), True
    records, credentials = Records(install, counts, writer), Credentials(install, known)
    gate = make_gate(install.settings, credentials)
    app = Application(
        records,
        counts,
        gate,
        title="Keepsum",
        version=docs.VERSION,
        description=docs.ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=partial(_remembering, records, credentials, writer),
        # An exporter of telemetry found in the environment would be sent what records hold.
        telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
    )
    app.state.install, app.state.remembered, app.state.counts = install, Remembered(), counts
    app.state.credentials, app.state.writer, app.state.values = credentials, writer, Known()
    app.state.looks = Looks(install)
    for noun in NOUNS:
        app.include_router(noun.router)
    app.router.default = answer_packs  # what is none of our own paths may be a pack's
    app.add_middleware(Front, counts=counts, gate=gate)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _http_error)
    complete(app)
    return app


async def _bad_request(_request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else ()
    fault, field = refusal_of(faults, within=1)
    return problem(fault, field=field)


async def _http_error(request: Request, error: Exception) -> Response:
    """Tell what the framework refuses by itself: methods that nobody declared, above all."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        methods = tuple(taken(request.app, request.scope["path"]))
        return options(methods) if request.method == "OPTIONS" else refused(methods)
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem(ERRORS.get(status, _OTHER), headers=headers)


ERRORS: dict[int, KeepsumError] = {
    404: NotFound("UNKNOWN_PATH", "There is nothing at this path; /docs lists what there is."),
    413: Invalid("BODY_TOO_LARGE", "The body is longer than allowed; send it in parts."),
}
_OTHER = Invalid("BAD_REQUEST", "The request could not be understood; /docs says what it may look like.")


@asynccontextmanager
async def _remembering(
    records: Records, credentials: Credentials, writer: Writer | None, _app: FastAPI
) -> AsyncGenerator[None]:
    if writer is not None:
        await writer.begin()
    task = asyncio.create_task(_remember(records, credentials))
    try:
        yield
    finally:
        task.cancel()
        credentials.close()
        if writer is not None:
            await writer.close()
        _say(records)


async def _remember(records: Records, credentials: Credentials) -> None:
    """Say and write down now and then what would be too much with every request."""
    while True:
        await asyncio.sleep(COUNTED_EVERY)
        _say(records)
        await asyncio.get_running_loop().run_in_executor(None, credentials.note_used)


def _say(records: Records) -> None:
    """Say what was collected since the last time, if anything was."""
    counts = records.counted()
    if counts["requests"]:
        _log.info("collected", **counts)
