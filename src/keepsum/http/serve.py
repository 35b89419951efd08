"""Serving: a socket on this machine only, one worker beside it, and a stop that loses nothing."""

import gc
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import structlog
import uvicorn

from keepsum.assemble import Install
from keepsum.http.app import make_app
from keepsum.http.wire import JoiningProtocol
from keepsum.model.errors import Invalid, Unavailable

Work = Callable[[threading.Event], None]

GRACE = 10  # seconds that requests under way get to end
BACKLOG = 2_048  # connections that may wait to be accepted
YOUNG = 50_000  # objects made between two looks of the garbage collector at the youngest

_log: Any = structlog.get_logger(__name__)


def serve(install: Install, *, work: Work | None = None, listening: Callable[[str], None] | None = None) -> None:
    """Serve until the process is told to stop (SIGINT or SIGTERM), then end what is under way.

    `work` is a worker's `run`, which is given the event that stops it; it stays out when the settings say so.
    `listening` is told the address once connections are taken.  Raises `HOST_NOT_LOOPBACK` and `PORT_TAKEN`.
    """
    with (
        bound(install.settings.host, install.settings.port) as (listener, address),
        _working(install, work),
    ):
        server = _server(install, lambda: _say(address, listening))
        _spare_the_collector_of_garbage()
        with _stopping(server):
            server.run([listener])
        _log.info("stopping")


def _say(address: str, listening: Callable[[str], None] | None) -> None:
    _log.info("serving", address=address)
    if listening:
        listening(address)


@contextmanager
def serving(install: Install, *, work: Work | None = None) -> Generator[str]:
    """Serve in a thread of this process while the block runs; gives the address."""
    with (
        bound(install.settings.host, install.settings.port) as (listener, address),
        _working(install, work),
    ):
        server = _server(install, lambda: None)
        thread = threading.Thread(target=server.run, args=([listener],), name="server")
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def bound(host: str, port: int) -> Generator[tuple[socket.socket, str]]:
    """Give a listening socket and its address; port 0 is any free one.

    Raises `HOST_NOT_LOOPBACK` for an address that others could reach, and `PORT_TAKEN`.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    name = _loopback(host)
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((name, port))
        except OSError as error:
            message = f"Port {port} of {host!r} cannot be used: {error.strerror}. Choose another with --port."
            raise Unavailable("PORT_TAKEN", message) from error
        listener.listen(BACKLOG)
        shown = f"[{name}]" if family is socket.AF_INET6 else host
        yield listener, f"http://{shown}:{listener.getsockname()[1]}"


def _loopback(host: str) -> str:
    """Give the address of a host that only this machine can reach."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        if ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    message = f"The server answers everyone who reaches it, so it does not serve on {host!r}: use 127.0.0.1 or ::1."
    raise Invalid("HOST_NOT_LOOPBACK", message)


class _Server(uvicorn.Server):
    """A server that says when it takes connections."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        await super().startup(sockets)
        if self.started:
            self._say_started()


def _server(install: Install, started: Callable[[], None]) -> uvicorn.Server:
    config = uvicorn.Config(
        make_app(install),
        http=JoiningProtocol,
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE,
    )
    return _Server(config, started)


@contextmanager
def _working(install: Install, work: Work | None) -> Generator[None]:
    """Run a worker beside the server; it stops at the next step of its job, which is then queued again."""
    if work is None or not install.settings.worker:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _stopping(server: uvicorn.Server) -> Generator[None]:
    """Let a signal stop the server and nothing else, also before it hears signals itself."""

    def stop(_number: int, _frame: object) -> None:
        server.should_exit = True

    # TRICKY: once it has stopped, uvicorn raises the signal again, which would end the process before what follows.
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _spare_the_collector_of_garbage() -> None:
    """Keep what was loaded so far out of every search for garbage, and search seldom: worth a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
