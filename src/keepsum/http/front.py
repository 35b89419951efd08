"""What every request passes first, whatever it asks for: may it come in, what went wrong with it, one line in the log.

In this order, so that little is done for whoever may not come in:
  1. It has an id, and is not too long to be looked at.
  2. It came from an address, over trusted proxies perhaps, and names a host that is this server.
  3. It shows who asks.  Who shows nothing, or what is not good, gets no further than the public list.  Such requests
     are counted by address; those of others from the same address are not, so nobody there is shut out by them.
  4. Whoever is known has a quota of requests, another one of batches.
  5. With a cookie, and where there is no credential at all, what changes something comes from no other site's page.
"""

import time
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keepsum.http.arrival import Arrival, Arrivals, Headers
from keepsum.http.browsers import SAFE, Browsers, check_csrf
from keepsum.http.counts import Counts
from keepsum.http.credentials import Credentials, Known, Shape, shown_by
from keepsum.http.limits import Header, Limit, TooManyRequests
from keepsum.http.log import HEADER, begin_request, end_request, id_of_request
from keepsum.http.parameters import missing_credential, workspace_of
from keepsum.http.problems import told
from keepsum.http.public import METRICS, is_public
from keepsum.http.records import Records
from keepsum.model.errors import Forbidden, Invalid, KeepsumError, Unavailable, about
from keepsum.model.route import PROBLEM
from keepsum.pipeline.sign_in import place_of
from keepsum.settings import Settings

LONGEST_HEAD, LONGEST_ADDRESS = 32_768, 8_192  # bytes of headers, of a path with its parameters
# What a page brings along by the dozen, and nobody looks for in a log.
QUIET = frozenset(("/app/assets/{name}",))

_log: Any = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What all fronts of a server share: who comes in, from where, and how often."""

    arrivals: Arrivals
    browsers: Browsers
    credentials: Credentials
    strangers: Limit
    askers: Limit
    senders: Limit
    open_metrics: bool


def make_gate(settings: Settings, credentials: Credentials) -> Gate:
    """Give what lets requests in as the settings say."""
    return Gate(
        arrivals=Arrivals(settings),
        browsers=Browsers(settings),
        credentials=credentials,
        strangers=Limit("address", settings.address_limit),
        askers=Limit("caller", settings.request_limit),
        senders=Limit("batches", settings.batch_limit, brief=True),
        open_metrics=settings.open_metrics,
    )


class Front:
    """Lets requests in, answers for everything that is raised, and says what was asked and how it ended."""

    def __init__(self, app: ASGIApp, counts: Counts, gate: Gate) -> None:
        self._app, self._counts, self._gate = app, counts, gate
        self._sends = isinstance(app, Records)
        self._quota = gate.senders if self._sends else gate.askers

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
            if await self._let_in(scope, said):
                await self._app(scope, receive, said)
            else:
                await Response(status_code=204)(scope, receive, said)
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
            caller = scope.get("state", {}).get("caller")
            more = {"code": said.code} if said.code else {}
            more |= {"caller": caller.id} if caller else {}
            say = _log.debug if route in QUIET and said.status < 400 else _log.info
            say("request", **about_it, **more, seconds=round(seconds, 4))

    async def _let_in(self, scope: Scope, said: "_Said") -> bool:
        """Say whether a request goes on to its route; one that only asks what it might send is answered here.

        Raises why it may not come in.
        """
        gate, state = self._gate, scope.setdefault("state", {})
        given = dict(scope["headers"])
        shape = _shape(scope, given) if self._sends else None
        passed = None if shape is None else gate.credentials.passed(shape)
        if passed is not None:
            said.dress(self._quota.spend(passed.caller.id))
            state["caller"], state["csrf"] = passed.caller, passed.csrf
            return True
        arrival = state["arrival"] = gate.arrivals.of(scope, given)
        said.dress(gate.browsers.headers(arrival, given, brief=self._sends))
        _check_length(scope)
        gate.arrivals.check(arrival)
        may_send = gate.browsers.preflight(scope["method"], given)
        if may_send:
            said.dress(may_send)
            return False
        known = await self._known(scope, said, arrival, given)
        if known is not None:
            said.dress(self._quota.spend(known.caller.id))
            gate.credentials.meet(known.caller, arrival.address)
            state["caller"], state["csrf"] = known.caller, known.csrf
            if shape is not None:
                gate.credentials.let_pass(shape, known)
        if scope["method"] not in SAFE and (known is None or known.csrf is not None):
            gate.browsers.check_page(arrival, given)
            if known is not None and known.csrf is not None and not self._is_public(scope):
                check_csrf(known.csrf, given)
        return True

    async def _known(self, scope: Scope, said: "_Said", arrival: Arrival, given: Headers) -> Known | None:
        """Give who asks; None for nobody, who may ask for what is public."""
        refusal: KeepsumError | None = None
        shown = shown_by(arrival, given)
        if shown is not None:
            try:
                return await self._gate.credentials.prove(shown)
            except Forbidden as error:
                refusal = error
            except Unavailable:  # who it is cannot be looked up, and what is public does not depend on it
                if not self._is_public(scope):
                    raise
        said.dress(self._gate.strangers.spend(place_of(arrival.address)))
        if self._is_public(scope):
            return None
        raise refusal or missing_credential()

    def _is_public(self, scope: Scope) -> bool:
        method, path = scope["method"], scope["path"]
        return is_public(method, path) or (self._gate.open_metrics and (method, path) == METRICS)


_INTERNAL = KeepsumError("INTERNAL", "Something broke; the server's log says where.")


class _Said:
    """Passes a response on with the headers that every one has, without its body where only the head was asked for.

    Remembers how it began.
    """

    __slots__ = ("_dress", "_id", "_is_head", "_send", "code", "status")

    def __init__(self, send: Send, request_id: str, *, is_head: bool) -> None:
        self._send, self._id, self._is_head = send, (HEADER, request_id.encode()), is_head
        self._dress: dict[bytes, bytes] = {}
        self.status, self.code = 0, ""

    def dress(self, headers: tuple[Header, ...]) -> None:
        """Add headers to the response, unless it has them itself."""
        if headers:
            self._dress.update(headers)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = message.get("headers", ())
            headers = [*own, self._id]
            if self._dress:
                names = {name for name, _ in own}
                headers += [header for header in self._dress.items() if header[0] not in names]
            message = {**message, "headers": headers}
        elif self._is_head:
            message = {**message, "body": b""}
        await self._send(message)

    async def tell(self, error: KeepsumError, scope: Scope, receive: Receive) -> None:
        """Send what tells the error, unless a response is under way: then the connection ends in the middle of it."""
        self.code = error.code
        if isinstance(error, TooManyRequests):
            self.dress(error.headers)
        if not self.status:
            await told(error, scope.get("errors", PROBLEM))(scope, receive, self)


MOST_HEADERS = 32  # of a request that is looked at by its shape

# What decides of a batch with a token who sends it and from where; the rest of its headers are of its body.
_SHAPING = (
    b"host", b"authorization", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host",
)  # fmt: skip


def _shape(scope: Scope, given: Headers) -> Shape | None:
    """Give what a request of a sender has in common with the next one; None unless a program shows a token."""
    if b"authorization" not in given or b"origin" in given or b"sec-fetch-site" in given:
        return None
    if len(scope["headers"]) > MOST_HEADERS or scope["query_string"]:
        return None
    return (scope.get("client"), scope.get("scheme"), *map(given.get, _SHAPING))


def _route(scope: Scope) -> str:
    """Give the path as it was declared, never as it was asked: that may say anything."""
    return getattr(scope.get("route"), "path", "") or getattr(scope.get("endpoint"), "path", "?")


def _check_length(scope: Scope) -> None:
    """Raise `ADDRESS_TOO_LONG` and `HEADERS_TOO_LARGE` before anything of them is looked at."""
    if len(scope["path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
        message = f"The path with its parameters is longer than {LONGEST_ADDRESS:,} bytes: ask with a body instead."
        raise Invalid("ADDRESS_TOO_LONG", message)
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEAD:
        raise Invalid("HEADERS_TOO_LARGE", f"The headers are longer than {LONGEST_HEAD:,} bytes.")
