"""How requests come in and responses go out on one connection.

A head and its body go out in a single write, which spares both sides half their work.  A head that does not end is not
collected for ever: the parser would keep all of it in memory before anybody may refuse it.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 65_536  # bytes


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
    """HTTP over a transport that joins writes, with heads that have to end."""

    _head = 0  # bytes that came of a head that has not ended
    _in_body = False

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a head longer than allowed, give or take one piece, ends the connection."""
        if not self._in_body:
            if self._head > LONGEST_HEAD:
                self.send_400_response("The head of the request is too long.")
                return
            self._head += len(data)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Begin with a body."""
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Begin with a new head."""
        self._head, self._in_body = 0, False
        super().on_message_complete()

    def connection_made(self, transport: Any) -> None:
        """Begin to serve a connection."""
        super().connection_made(Joining(transport, self.loop))  # pyright: ignore[reportArgumentType] - acts as one
