"""What the server says while it runs: lines for people on a terminal, JSON elsewhere, and never a value of a record."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from keepsum.model.errors import about


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
