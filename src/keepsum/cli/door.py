"""How a command is entered and left: settings from flags, the system opened, errors as one line and a code."""

import sys
import traceback
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from keepsum.cli.flags import parameters
from keepsum.cli.screen import Screen, say
from keepsum.model.errors import KeepsumError

if TYPE_CHECKING:
    from keepsum.assemble.install import Install
    from keepsum.assemble.system import System
    from keepsum.settings import Settings

REFUSED, WRONG_USE, UNPROVEN, UNAVAILABLE, INTERRUPTED = 1, 2, 3, 4, 130

# What a process says by its exit code; 0 is that all went well.
EXIT = {
    "invalid": WRONG_USE,
    "not_found": WRONG_USE,
    "conflict": REFUSED,
    "forbidden": REFUSED,
    "proof_failed": UNPROVEN,
    "unavailable": UNAVAILABLE,
    "error": UNAVAILABLE,
}

Function = Callable[..., int | None]


def command(function: Function, flags: Iterable[str]) -> Callable[..., int]:
    """Give a command out of a function (settings, screen, own parameters) -> exit code: with flags and `--json`."""
    names = tuple(flags)

    def run(**given: Any) -> int:
        from keepsum.settings import load

        screen = Screen(json=given.pop("json"))
        settings = load(**{name: given.pop(name) for name in names})
        return function(settings, screen, **given) or 0

    own = [p for p in signature(function).parameters.values() if p.name not in ("settings", "screen")]
    run.__doc__, run.__name__, run.__module__ = function.__doc__, function.__name__, function.__module__
    run.__signature__ = Signature([*own, _JSON, *parameters(names)])  # pyright: ignore[reportFunctionMemberAccess] -- its documented name
    return run


_JSON = Parameter(
    "json", Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, Option("--json", help="For machines.")]
)


@contextmanager
def opened(settings: "Settings", *, make: bool = False, accept_rolled_back: str | None = None) -> Generator["System"]:
    """Give the workspace that the settings name, of a data directory that is there already unless it may be made.

    Raises `NO_DATA_DIRECTORY`, and what `open_system` raises.
    """
    from keepsum.assemble.install import open_system, refuse_no_data

    if not make:
        refuse_no_data(settings)
    system = open_system(settings, accept_rolled_back=accept_rolled_back)
    try:
        yield system
    finally:
        system.close()


@contextmanager
def installed(settings: "Settings", *, make: bool = False) -> Generator["Install"]:
    """Give all of a data directory, which must be there already unless it may be made.

    Raises `NO_DATA_DIRECTORY`, and `MADE_OTHERWISE` as `opened` does where it may be made.
    """
    from keepsum.assemble.install import open_install, refuse_no_data

    if not make:
        refuse_no_data(settings)
    install = open_install(settings)
    try:
        if make:
            _hold_against(settings, install)
        yield install
    finally:
        install.close()


def _hold_against(settings: "Settings", install: "Install") -> None:
    """Raise `MADE_OTHERWISE` for a zone, week or k that the workspace they are about does not have."""
    meant = install.meant()
    if meant is not None:
        install.system(meant.id)
        return
    for name in ("zone", "week_start", "k"):
        if name in settings.model_fields_set:
            say(f"{name} is not used: it is for the workspace that the install began with, which was deleted")


def log_to_standard_error() -> None:
    """Let what steps warn of reach people without mixing with what a command prints; for commands whose steps do."""
    import logging

    import structlog

    if not structlog.is_configured():
        level = structlog.make_filtering_bound_logger(logging.WARNING)
        structlog.configure(wrapper_class=level, logger_factory=structlog.PrintLoggerFactory(sys.stderr))


def leave(error: BaseException) -> int:
    """Say in one line what went wrong, without values of others' errors, and give the exit code."""
    match error:
        case KeepsumError():
            say(f"keepsum: {error}")
            return EXIT[error.kind]
        case OSError() if error.filename is not None:
            say(f"keepsum: FILE_UNUSABLE: {str(error.filename)!r}: {error.strerror}.")
            return UNAVAILABLE
        case _:
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(last.filename).name}, line {last.lineno}"
            say(f"keepsum: UNEXPECTED_ERROR: {type(error).__name__} in {place}; please report it.")
            return UNAVAILABLE
