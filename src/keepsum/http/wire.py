"""How requests come in and responses go out on one connection.

A head and its body go out in a single write, which spares both sides half their work.  A head that does not end is not
collected for ever: the parser would keep all of it in memory before anybody may refuse it.  Nor is a request waited for
that comes byte by byte, or never: a few thousand of those would take all files that the process may open.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 65_536  # bytes
PATIENCE = 20.0  # seconds in which a request has to come in, from its first byte or the connection's beginning
SLOWEST = 1_000  # bytes of it that give it a second more


class Joining:
    """A transport that writes at the end of the event loop's turn what was handed to it during the turn."""

    __slots__ = ("_held", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Take bytes that go out with the others of this turn."""
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(data)

    def flush(self) -> None:
        """Write what is held."""
        held, self._held = self._held, []
        if held:
            self._transport.write(held[0] if len(held) == 1 else b"".join(held))

    def close(self) -> None:
        """Write what is held, then close."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Say whether the connection is being closed."""
        return self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class JoiningProtocol(HttpToolsProtocol):
    """HTTP over a transport that joins writes, with requests that have to come in, and heads that have to end."""

    _head = 0  # bytes that came of a head that has not ended
    _came = 0  # bytes that came of a request that has not ended
    _in_request, _in_body = False, False
    _begun = 0.0  # since when a request is awaited, on the loop's clock
    _timer: asyncio.TimerHandle | None = None  # only while one is: a request that comes in one piece costs none

    def connection_made(self, transport: Any) -> None:
        """Begin to serve a connection."""
        super().connection_made(Joining(transport, self.loop))  # pyright: ignore[reportArgumentType] - acts as one
        self._await_request()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a head longer than allowed, give or take one piece, ends the connection."""
        if not self._in_body:
            if self._head > LONGEST_HEAD:
                self.send_400_response("The head of the request is too long.")
                return
            self._head += len(data)
        self._came += len(data)
        super().data_received(data)
        if self._in_request and self._timer is None:
            self._await_request()

    def on_message_begin(self) -> None:
        """Begin with a request."""
        self._in_request = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin with a body."""
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Begin with a new head."""
        self._head, self._came, self._in_request, self._in_body = 0, 0, False, False
        self._stop_timer()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_timer()
        super().connection_lost(exc)

    def _await_request(self) -> None:
        self._begun = self.loop.time()
        self._timer = self.loop.call_later(PATIENCE, self._look)

    def _look(self) -> None:
        """End the connection when its request comes too slowly, unless it is we who do not read on."""
        if self.flow.read_paused:
            self._await_request()
            return
        left = self._begun + PATIENCE + self._came / SLOWEST - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left, self._look)
        else:
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
