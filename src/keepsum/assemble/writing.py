"""The process that writes what a server is sent: it has an install of its own, and a socket to the server.

Both sides send frames, each a length of four bytes and MessagePack.  The server's hold requests, those of this process
what became of them, all of one commit together.  It ends when the server's side ends, however that came about, after
all that came is written.  `python -m keepsum.assemble.writing` is this process; the socket is its standard input.
"""

import contextlib
import gc
import pickle
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, NamedTuple

import msgspec
import structlog

from keepsum.assemble.install import Install, open_install
from keepsum.model.errors import KeepsumError, Rejection, about
from keepsum.pipeline.collect import Body, Outcome, Receipt
from keepsum.settings import Settings

LENGTH = struct.Struct("<I")
OPENERS = 4  # workspaces that may be opened at once
LOOKS_EVERY = 1.0  # seconds between two looks at which workspaces are still what they were
AT_ONCE = 1 << 18  # bytes that are read from the socket at once

_log: Any = structlog.get_logger(__name__)


class Request(NamedTuple):
    """A body for a stream, and the number by which its sender knows the answer."""

    number: int
    workspace: str
    stream: str
    lines: bool
    atomic: bool
    body: bytes


class Answer(NamedTuple):
    """What became of a request: the numbers and reasons of a receipt, or a pickled error."""

    number: int
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejections: Sequence[Rejection] = ()
    error: bytes = b""

    def outcome(self) -> Outcome:
        """Give it as whoever collects is told."""
        if self.error:
            return pickle.loads(self.error)  # noqa: S301 -- from a process that is ours
        return Receipt(
            accepted=self.accepted,
            duplicates=self.duplicates,
            rejections=tuple(self.rejections),
            rejected=self.rejected,
        )


class Beginning(NamedTuple):
    """What the process is told first, pickled: its settings, what to call first, and how seldom to look for garbage."""

    settings: Settings
    prepare: Callable[[], None]
    threshold: tuple[int, int, int]


_decoder = msgspec.msgpack.Decoder(list[Request])
_encoder = msgspec.msgpack.Encoder()


def frame(messages: Sequence[Request] | Sequence[Answer]) -> bytes:
    """Give messages as they are sent."""
    body = _encoder.encode(messages)
    return LENGTH.pack(len(body)) + body


def pickled(beginning: Beginning) -> bytes:
    """Give what a new process is told, as it is sent."""
    body = pickle.dumps(beginning)
    return LENGTH.pack(len(body)) + body


def frames(source: BinaryIO) -> Iterator[bytes]:
    """Give what stands in each frame until the other side ends; one that was cut off is left out."""
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        body = source.read(length)
        if len(body) < length:
            return
        yield body


class Writing:
    """Hands requests over to the collectors of an install and tells the server what became of them."""

    def __init__(self, install: Install, ours: socket.socket) -> None:
        self._install, self._socket = install, ours
        self._sending = threading.Lock()
        self._openers = ThreadPoolExecutor(OPENERS, "opener")

    def run(self, source: Iterator[bytes]) -> None:
        """Take requests until the server ends; then those that wait for their workspace are handed over."""
        over = threading.Event()
        looking = threading.Thread(target=self._look, args=(over,), name="look", daemon=True)
        looking.start()
        try:
            for body in source:
                for request in _decoder.decode(body):
                    self._take(request)
        finally:
            over.set()
            looking.join()
            self._openers.shutdown()

    def _take(self, request: Request) -> None:
        """Hand a request over; opening its workspace keeps nobody waiting who sends to others."""
        try:
            opened = self._install.at_hand(request.workspace)
        except KeepsumError as error:
            self._tell([(request.number, error)])
            return
        if opened is not None and opened.collector is not None:
            self._hand_over(request)
        else:
            self._openers.submit(self._hand_over, request)

    def _hand_over(self, request: Request) -> None:
        try:
            collector = self._install.collector(request.workspace)
            body = Body(request.body, lines=request.lines)
            collector.hand_over(request.stream, body, ticket=request.number, deliver=self._tell, atomic=request.atomic)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the sender must hear it and the others go on
            self._tell([(request.number, error)])

    def _tell(self, outcomes: Sequence[tuple[Any, Outcome]]) -> None:
        """Send answers; where the server is gone the records are kept, and nobody listens."""
        sent = frame([_answer(number, outcome) for number, outcome in outcomes])
        with self._sending, contextlib.suppress(OSError):
            self._socket.sendall(sent)

    def _look(self, over: threading.Event) -> None:
        """Let go of workspaces that another process archived or deleted, or whose packs it switched."""
        while not over.wait(LOOKS_EVERY):
            try:
                self._install.look()
            except KeepsumError as error:
                _log.error("workspaces not looked at", **about(error))


def _answer(number: int, outcome: Outcome) -> Answer:
    if isinstance(outcome, Receipt):
        o = outcome
        return Answer(number, o.accepted, o.duplicates, o.rejected, o.rejections)
    if not isinstance(outcome, KeepsumError):
        _log.error("batch broke", **about(outcome))
        outcome = KeepsumError("INTERNAL", "Something broke; the server's log says where.")
    return Answer(number, error=pickle.dumps(outcome))


def main() -> None:
    """Be the process."""
    # Whoever stops the server may tell all its processes; this one ends once the server has nothing more to say.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=0) as ours, open(ours.fileno(), "rb", AT_ONCE, closefd=False) as source:
        told = frames(source)
        first = next(told, None)
        if first is not None:
            beginning: Beginning = pickle.loads(first)  # noqa: S301 -- from a process that is ours
            beginning.prepare()
            try:
                _write(beginning, ours, told)
            except Exception as error:  # noqa: BLE001 -- whatever it is, the log says it in its own form
                _log.error("writer broke", **about(error))
                sys.exit(1)


def _write(beginning: Beginning, ours: socket.socket, told: Iterator[bytes]) -> None:
    """Open an install and write what comes until nothing does any more."""
    with contextlib.closing(open_install(beginning.settings, threads=1)) as install:
        install.is_served = True
        gc.collect()
        gc.freeze()
        gc.set_threshold(*beginning.threshold)
        ours.sendall(frame(()))  # so that the server knows
        Writing(install, ours).run(told)
    gc.unfreeze()


if __name__ == "__main__":
    main()
