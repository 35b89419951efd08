"""Serving: a socket that others reach only with TLS, one worker beside it, and a stop that loses nothing."""

import gc
import resource
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import structlog
import uvicorn

from keepsum.assemble.install import Install
from keepsum.http.app import make_app
from keepsum.http.wire import JoiningProtocol
from keepsum.http.writer import Writer
from keepsum.model.errors import Invalid, Unavailable
from keepsum.settings import Settings

Work = Callable[[threading.Event], None]

GRACE = 10  # seconds that requests under way get to end
BACKLOG = 2_048  # connections that may wait to be accepted
MOST_FILES = 65_536  # open at once, connections included; systems begin with 1,024 or fewer
YOUNG = 50_000  # objects made between two looks of the garbage collector at the youngest

_log: Any = structlog.get_logger(__name__)


def serve(install: Install, *, work: Work | None = None, listening: Callable[[str], None] | None = None) -> None:
    """Serve until the process is told to stop (SIGINT or SIGTERM), then end what is under way.

    `work` is a worker's `run`, which is given the event that stops it; it stays out when the settings say so.
    `listening` is told the address once connections are taken.  Raises `TLS_NEEDED`, `BAD_CERTIFICATE` and
    `PORT_TAKEN`.
    """
    with (
        bound(install.settings) as (listener, address),
        _working(install, work),
    ):
        writer = Writer(install.settings) if install.settings.writer else None
        server = _server(install, lambda: _say(address, listening), writer)
        _spare_the_collector_of_garbage()
        _allow_files()
        with _stopping(server):
            server.run([listener])
        _log.info("stopping")


def _say(address: str, listening: Callable[[str], None] | None) -> None:
    _log.info("serving", address=address)
    if listening:
        listening(address)


@contextmanager
def serving(install: Install, *, work: Work | None = None, writer: Writer | None = None) -> Generator[str]:
    """Serve in a thread of this process while the block runs; gives the address."""
    with (
        bound(install.settings) as (listener, address),
        _working(install, work),
    ):
        server = _server(install, lambda: None, writer)
        thread = threading.Thread(target=server.run, args=([listener],), name="server")
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def bound(settings: Settings) -> Generator[tuple[socket.socket, str]]:
    """Give a listening socket and its address; port 0 is any free one.

    Raises `TLS_NEEDED` where others could listen in, `BAD_CERTIFICATE` and `PORT_TAKEN`.
    """
    host, port = settings.host, settings.port
    _refuse_open(settings)
    _check_certificate(settings)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    name = "127.0.0.1" if host == "localhost" else host
    scheme = "http" if settings.tls_cert is None else "https"
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((name, port))
        except OSError as error:
            message = f"Port {port} of {host!r} cannot be used: {error.strerror}. Choose another with --port."
            raise Unavailable("PORT_TAKEN", message) from error
        listener.listen(BACKLOG)
        shown = f"[{name}]" if family is socket.AF_INET6 else host
        yield listener, f"{scheme}://{shown}:{listener.getsockname()[1]}"


def _refuse_open(settings: Settings) -> None:
    """Raise `TLS_NEEDED` for an address that others reach, unless we or a proxy of ours speak TLS with them."""
    if settings.tls_cert is not None or settings.trusted_proxies or _is_here(settings.host):
        return
    message = (
        f"On {settings.host!r} passwords and tokens would cross the network in the clear: set --tls-cert and "
        "--tls-key, or --trusted-proxies where a proxy speaks TLS, or serve on 127.0.0.1."
    )
    raise Invalid("TLS_NEEDED", message)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


_NO_PASSWORD = ""  # of a key that has one: nobody is there to be asked


def _check_certificate(settings: Settings) -> None:
    if settings.tls_cert is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key, _NO_PASSWORD)
    except OSError as error:  # those of TLS are, too
        reason = error.strerror or type(error).__name__
        message = f"The certificate {str(settings.tls_cert)!r} and its key cannot be used: {reason}."
        raise Invalid("BAD_CERTIFICATE", message) from error


class _Server(uvicorn.Server):
    """A server that says when it takes connections, and that ends what would never end by itself when it stops."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None], ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_started, self._end_streams = started, ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        await super().startup(sockets)
        if self.started:
            self._say_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and wait for requests under way."""
        self._end_streams()
        await super().shutdown(sockets)


def _server(install: Install, started: Callable[[], None], writer: Writer | None) -> uvicorn.Server:
    told = install.settings
    app = make_app(install, writer)
    config = uvicorn.Config(
        app,
        http=JoiningProtocol,
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        ssl_certfile=told.tls_cert,
        ssl_keyfile=told.tls_key,
        lifespan="on",
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE,
    )
    return _Server(config, started, app.state.looks.end)


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


def _allow_files() -> None:
    """Let the process open as many files as the system lets it, for a connection is one."""
    few, many = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if many == resource.RLIM_INFINITY else min(many, MOST_FILES)
    if few != resource.RLIM_INFINITY and few < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, many))
