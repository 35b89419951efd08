"""What the server says while it runs: lines for people on a terminal, JSON elsewhere, and never a value of a record.

What is said while a request is answered has the request's id.
"""

import logging
import re
import secrets
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

from keepsum.model.errors import about

HEADER = b"x-request-id"

_FORM = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")


def id_of_request(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Give the id that a request brings, or a new one; what does not look like an id is passed over."""
    for name, value in headers:
        if name == HEADER and _FORM.fullmatch(value):
            return value.decode("ascii")
    return secrets.token_hex(12)


def begin_request(request_id: str) -> Any:
    """Let all lines of the running task have the request's id; gives what ends that."""
    return structlog.contextvars.bind_contextvars(request_id=request_id)


def end_request(begun: Any) -> None:
    """Let further lines go without the id."""
    structlog.contextvars.reset_contextvars(**begun)


def request_id() -> str | None:
    """Give the id of the request that is being answered."""
    return structlog.contextvars.get_contextvars().get("request_id")


def configure(*, level: int = logging.INFO) -> None:
    """Send our own lines and those of libraries to standard error, in one form."""
    person = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if person else "iso", utc=not person),
        _without_values,
    ]
    last = structlog.dev.ConsoleRenderer() if person else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    said = logging.StreamHandler(sys.stderr)
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    said.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[meta, last], foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [said]
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("keepsum").setLevel(level)


def _without_values(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put the lines of code in place of an exception that a library hands over."""
    given: Any = event.pop("exc_info", None)
    for error in given if isinstance(given, tuple) else (given,):  # pyright: ignore[reportUnknownVariableType] -- any
        if isinstance(error, BaseException):
            event.update(about(error))
    return event
