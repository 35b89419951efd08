"""The server's side of the process that writes: bodies go there, receipts come back, and another begins where one ends.

The event loop has the interpreter to itself then: decoding, laying out, hashing and committing records take no turns
with it.
"""

import asyncio
import gc
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import count
from typing import Any

import msgspec
import structlog

from keepsum.assemble.writing import LENGTH, Answer, Beginning, Request, frame, pickled
from keepsum.http.log import configure
from keepsum.model.errors import Unavailable
from keepsum.pipeline.collect import Body, Outcome, Receipt
from keepsum.settings import Settings

COMMAND = (sys.executable, "-P", "-m", "keepsum.assemble.writing")
SHORT_LIFE, PAUSE = 5.0, 1.0  # seconds: one that ended sooner is followed by another only after a pause
LATELY = 3_600.0  # seconds in which people are told that one ended

_log: Any = structlog.get_logger(__name__)
_decoder = msgspec.msgpack.Decoder(list[Answer])


class Writer(asyncio.Protocol):
    """Sends bodies to the process and tells who waits what became of them; used by one event loop."""

    def __init__(self, settings: Settings, command: Sequence[str] = COMMAND) -> None:
        self._settings, self._command = settings, command
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[Receipt]] = {}
        self._held: list[Request] = []
        self._came = bytearray()
        self._transport: Any = None
        self._process: subprocess.Popen[bytes] | None = None
        self._restart: asyncio.Task[None] | None = None
        self._began, self._closing = 0.0, False
        self._begun, self._lost = asyncio.Event(), asyncio.Event()  # one was ready, or ended; the last one ended
        self.ended_at: float | None = None  # by the machine's clock, when one ended last that was not told to

    @property
    def is_running(self) -> bool:
        """Whether there is a process; bodies that are sent while there is none wait for the next."""
        return self._transport is not None

    @property
    def ended_lately(self) -> bool:
        """Whether one ended that was not told to, and not long ago."""
        return self.ended_at is not None and time.monotonic() - self.ended_at < LATELY

    async def begin(self) -> None:
        """Start the process and wait until it is ready; one that ends before is followed by another, as at any time."""
        self._loop = asyncio.get_running_loop()
        self._restart = self._loop.create_task(self._begin_one())
        await self._begun.wait()

    async def _start(self) -> None:
        self._began = time.monotonic()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = await self._loop.run_in_executor(None, self._started, theirs)
        except BaseException:
            ours.close()
            raise
        transport: Any = None
        try:
            transport, _ = await self._loop.create_unix_connection(lambda: self, sock=ours)
        finally:
            # TRICKY: where the process is dead already, or this was cancelled, uvloop closes the descriptor before it
            # knows our socket, which would close it once more, whosever it is by then.
            if transport is None or transport.is_closing():
                ours.detach()

    def _started(self, theirs: socket.socket) -> "subprocess.Popen[bytes]":
        # In a group of its own, so that Ctrl-C reaches it only through us.
        return subprocess.Popen(self._command, stdin=theirs.fileno(), process_group=0)  # noqa: S603 -- our own program

    def keep(self, workspace: str, stream: str, body: Body, *, atomic: bool) -> "asyncio.Future[Receipt]":
        """Give what will be the receipt of a body once its records are durable, or the error that refused it.

        That is `WRITER_ENDED` when the process ended meanwhile: nobody knows then whether the records are kept.
        """
        number = next(self._numbers)
        waiting = self._waiting[number] = self._loop.create_future()
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(Request(number, workspace, stream, body.lines, atomic, body.content))
        return waiting

    def connection_made(self, transport: Any) -> None:
        """Tell a new process what it has to know, and what waits for it."""
        transport.write(pickled(Beginning(self._settings, configure, gc.get_threshold())))
        self._transport = transport
        self._lost.clear()
        self._send()

    def _send(self) -> None:
        """Send what is held, all of one turn of the event loop together."""
        if self._held and self._transport is not None:
            held, self._held = self._held, []
            self._transport.write(frame(held))

    def data_received(self, data: bytes) -> None:
        """Tell those whose answers came."""
        self._came += data
        while len(self._came) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self._came)[0]
            if len(self._came) < end:
                return
            answers = _decoder.decode(self._came[LENGTH.size : end])
            del self._came[:end]
            self._begun.set()
            for answer in answers:
                resolve(self._waiting.pop(answer.number), answer.outcome())

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell those whose bodies were sent that nobody knows, and begin again unless the end was asked for."""
        del exc
        self._transport = None
        self._came.clear()
        held = {request.number for request in self._held}
        for number in self._waiting.keys() - held:
            resolve(self._waiting.pop(number), _ended())
        self._begun.set()
        self._lost.set()
        if not self._closing:
            self.ended_at = time.monotonic()
            self._restart = self._loop.create_task(self._begin_again())

    async def _begin_again(self) -> None:
        _log.error("writer ended", status=await self._reaped())
        if time.monotonic() - self._began < SHORT_LIFE:
            await asyncio.sleep(PAUSE)
        await self._begin_one()

    async def _begin_one(self) -> None:
        while True:
            try:
                await self._start()
            except OSError as error:
                _log.error("writer not started", reason=error.strerror)
                self._begun.set()
                await asyncio.sleep(PAUSE)
            else:
                return

    async def _reaped(self) -> int | None:
        """Give the status with which the process ended; one that only closed its socket can do nothing more."""
        process = self._process
        if process is None:
            return None
        process.kill()
        return await self._loop.run_in_executor(None, process.wait)

    async def close(self) -> None:
        """Let the process write what it was sent, and wait for its end."""
        self._closing = True
        if self._restart is not None:
            self._restart.cancel()
            await asyncio.wait((self._restart,))
        if self._transport is not None:
            self._send()
            self._transport.write_eof()
            await self._lost.wait()
        if self._process is not None:
            await self._loop.run_in_executor(None, self._process.wait)


def resolve(waiting: "asyncio.Future[Receipt]", outcome: Outcome) -> None:
    """Tell who waits, unless nobody does any more, because the request was cancelled."""
    if waiting.done():
        return
    if isinstance(outcome, Receipt):
        waiting.set_result(outcome)
    else:
        waiting.set_exception(outcome)


def _ended() -> Unavailable:
    message = (
        "The process that writes records ended before it answered, so it is not known whether they are kept: "
        "send the batch again, what was kept counts once."
    )
    return Unavailable("WRITER_ENDED", message)
