"""What every request passes first: is it meant for this server, what went wrong with it, and one line in the log."""

import time
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keepsum.http.counts import Counts
from keepsum.http.log import HEADER, begin_request, end_request, id_of_request
from keepsum.http.parameters import workspace_of
from keepsum.http.problems import problem
from keepsum.http.records import Records
from keepsum.model.errors import Invalid, KeepsumError, about

_log: Any = structlog.get_logger(__name__)


class Front:
    """Answers for everything that an application raises, and says what was asked and how it ended."""

    def __init__(self, app: ASGIApp, counts: Counts) -> None:
        self._app, self._counts = app, counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = id_of_request(scope["headers"])
        begun = begin_request(name)
        try:
            await self._answer(scope, receive, _Said(send, name, is_head=scope["method"] == "HEAD"))
        finally:
            end_request(begun)

    async def _answer(self, scope: Scope, receive: Receive, said: "_Said") -> None:
        asked = scope
        if asked["method"] == "HEAD":
            # What GET answers, without its body; no route has to say so.
            scope = {**scope, "method": "GET"}
        began = time.perf_counter()
        try:
            _check_host(scope["headers"])
            await self._app(scope, receive, said)
        except ClientDisconnect:
            said.code = "CLIENT_GONE"
        except KeepsumError as error:
            await said.tell(error, scope, receive)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the caller gets a document and the log the place
            _log.error("request broke", route=_route(scope), **about(error))
            await said.tell(_INTERNAL, scope, receive)
        seconds, route = time.perf_counter() - began, _route(scope)
        self._counts.request(workspace_of(scope), scope["method"], route, said.status, seconds)
        if not isinstance(scope.get("endpoint"), Records) or said.status >= 500:
            about_it = {"method": asked["method"], "route": route, "status": said.status}
            code = {"code": said.code} if said.code else {}
            _log.info("request", **about_it, **code, seconds=round(seconds, 4))


_INTERNAL = KeepsumError("INTERNAL", "Something broke; the server's log says where.")


class _Said:
    """Passes a response on with the request's id, without its body where only the head was asked for.

    Remembers how it began.
    """

    __slots__ = ("_id", "_is_head", "_send", "code", "status")

    def __init__(self, send: Send, request_id: str, *, is_head: bool) -> None:
        self._send, self._id, self._is_head = send, request_id.encode(), is_head
        self.status, self.code = 0, ""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), (HEADER, self._id)]}
        elif self._is_head:
            message = {**message, "body": b""}
        await self._send(message)

    async def tell(self, error: KeepsumError, scope: Scope, receive: Receive) -> None:
        """Send the error's document, unless a response is under way: then the connection ends in the middle of it."""
        self.code = error.code
        if not self.status:
            await problem(error)(scope, receive, self)


def _route(scope: Scope) -> str:
    """Give the path as it was declared, never as it was asked: that may say anything."""
    return getattr(scope.get("route"), "path", "") or getattr(scope.get("endpoint"), "path", "?")


def _check_host(headers: list[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        if name == b"host":
            if not _is_ours(value):
                break
            return
    raise Invalid("HOST_NOT_SERVED", "The request names a host that is not this machine: ask for localhost.")


@lru_cache(maxsize=256)
def _is_ours(value: bytes) -> bool:
    """Say whether a Host header names this machine.

    Without access control any web page could otherwise send a browser here under a name of its own.
    """
    name = value.decode("latin-1").lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
