"""The command line: which commands there are; each is a function in the module of its noun."""

import atexit
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer import Option
from typer.core import TyperGroup
from typer.exceptions import TyperException

from keepsum.cli import (
    attach,
    audit,
    call,
    catalog,
    closings,
    dashboards,
    days,
    demo,
    exports,
    flags,
    install,
    jobs,
    ledger,
    people,
    publish,
    purge,
    query,
    records,
    serve,
    tokens,
    vault,
    worker,
    workspaces,
)
from keepsum.cli.door import Function, command, leave
from keepsum.cli.screen import say

YOUNG = 200_000  # objects made between two looks for garbage: loading makes nearly as many, and none of them is
ABOUT = "Delete the people, keep the numbers: rolls records up, proves the sums, then deletes the records."

# Name, function, and which settings are its flags.
COMMANDS: tuple[tuple[str, Function, Iterable[str]], ...] = (
    ("demo", demo.demo, flags.SHOWN),
    ("init", install.init, flags.MADE),
    ("serve", serve.serve, flags.SERVED),
    ("worker", worker.worker, flags.WORKED),
    ("collect", records.collect, flags.OPENED),
    ("roll", days.roll, flags.ROLLED),
    ("backfill", days.backfill, flags.ROLLED),
    ("purge", purge.purge, flags.OPENED),
    ("publish", publish.publish, flags.OPENED),
    ("query", query.query, flags.OPENED),
    ("call", call.call, flags.OPENED),
    ("status", install.status, flags.OPENED),
    ("catalog", catalog.catalog, flags.DECLARED),
    ("attach", attach.attach, flags.DECLARED),
)
# The first command of a group is the one that is meant when none is named.
GROUPS: Mapping[str, tuple[str, Mapping[str, Function]]] = {
    "days": ("What became of each day.", {"list": days.listing, "show": days.show, "accept": days.accept}),
    "ledger": (
        "The chain of what was sealed, purged and decided.",
        {"verify": ledger.verify, "head": ledger.head, "list": ledger.listing, "accept": ledger.accept},
    ),
    "closings": (
        "Months whose figures are in the ledger.",
        {"list": closings.listing, "make": closings.make},
    ),
    "people": (
        "Who may come into a workspace, and as what.",
        {
            "list": people.listing,
            "invite": people.invite,
            "roles": people.roles,
            "reset": people.reset,
            "disable": people.disable,
            "remove": people.remove,
            "owner-link": people.owner_link,
        },
    ),
    "tokens": (
        "What applications come in with.",
        {"list": tokens.listing, "create": tokens.create, "revoke": tokens.revoke},
    ),
    "keys": ("What people and secrets are encrypted with.", {"list": vault.keys, "rotate": vault.rotate}),
    "secrets": (
        "Passwords of other services, stored encrypted.",
        {"list": vault.secrets, "set": vault.keep, "remove": vault.drop},
    ),
    "audit": ("What people and tokens did.", {"list": audit.listing, "verify": audit.verify}),
    "workspaces": (
        "The tenants of the install.",
        {
            "list": workspaces.listing,
            "create": workspaces.create,
            "rename": workspaces.rename,
            "set": workspaces.set_terms,
            "packs": workspaces.packs,
            "archive": workspaces.archive,
            "export": workspaces.export,
            "restore": workspaces.restore,
            "delete": workspaces.delete,
            "receipts": workspaces.receipts,
        },
    ),
    "dashboards": ("What people look at.", {"list": dashboards.listing, "show": dashboards.show}),
    "exports": (
        "Datasets as files.",
        {
            "list": exports.listing,
            "show": exports.show,
            "create": exports.create,
            "fetch": exports.fetch,
            "delete": exports.delete,
        },
    ),
    "jobs": ("What workers do, did, and shall do.", {"list": jobs.listing, "show": jobs.show, "start": jobs.start}),
}


# Verbs that are about the install take other settings as flags than those that are about one workspace.
TAKEN: Mapping[str, Iterable[str]] = {
    "workspaces": flags.INSTALLED,
    "workspaces create": flags.MADE,
    "people invite": flags.MAILED,
    "people reset": flags.MAILED,
    "people owner-link": flags.MAILED,
    "keys": flags.INSTALLED,
    "exports create": flags.ORDERED,
}


class Group(TyperGroup):
    """A group of commands whose first one is meant when none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the first command in front of flags that name none."""
        if not args or (args[0].startswith("-") and args[0] != "--help"):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


def build(first: str | None = None) -> TyperGroup:
    """Give the whole command line, or the one command or group of it that the first word names.

    Making those that nobody asked for takes as long as sealing a small day.
    """
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback(help=ABOUT)(_root)
    names = [name for name, _, _ in COMMANDS] + [*GROUPS]
    wanted = {first} if first in names else {*names}
    for name, function, flagged in COMMANDS:
        if name in wanted:
            app.command(name)(command(function, flagged))
    for name in (name for name in GROUPS if name in wanted):
        app.add_typer(_group(name), name=name)
    return typer.main.get_group(app)


def _group(name: str) -> typer.Typer:
    about, functions = GROUPS[name]
    group = typer.Typer(help=about, cls=Group, add_completion=False)
    for verb, function in functions.items():
        group.command(verb)(command(function, taken(name, verb)))
    return group


def _say_version(asked: bool) -> None:  # noqa: FBT001 -- typer calls it with the flag alone
    if asked:
        from importlib.metadata import version

        typer.echo(f"keepsum {version('keepsum')}")
        raise typer.Exit


def _root(
    *,
    version: Annotated[
        bool, Option("--version", callback=_say_version, is_eager=True, help="Show which version this is and exit.")
    ] = False,
) -> None: ...


def taken(group: str, verb: str) -> Iterable[str]:
    """Give the settings that a verb of a group takes as flags."""
    return TAKEN.get(f"{group} {verb}", TAKEN.get(group, flags.OPENED))


def main() -> None:
    """Run the command this process was started for, and end the process with its exit code."""
    gc.set_threshold(YOUNG)
    code = run()
    if threading.active_count() == 1:
        _end(code)
    sys.exit(code)  # what waits for threads, and says what is wrong with a standard output that cannot be flushed


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give the exit code; what goes wrong is one line on standard error."""
    words = sys.argv[1:] if arguments is None else [*arguments]
    command_line: Callable[..., Any] = build(next(iter(words), None))
    try:
        return command_line(args=words, prog_name="keepsum", standalone_mode=False) or 0
    except TyperException as error:
        say(f"keepsum: WRONG_USE: {error.format_message()}" if error.message else "")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 -- whatever it is, people get one line and scripts a code
        return leave(error)


def _end(code: int) -> None:
    """End at once if all is written, without taking a hundred thousand loaded objects apart one by one."""
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
        atexit._run_exitfuncs()  # noqa: SLF001 -- the only way to them  # pyright: ignore[reportPrivateUsage] -- the same
        os._exit(code)
