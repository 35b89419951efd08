"""The reference page of the command line: every command, its arguments and its own flags."""

import inspect
from collections.abc import Iterator
from typing import Any

from keepsum.cli import build, flags
from keepsum.cli.door import EXIT, INTERRUPTED, REFUSED, UNAVAILABLE, UNPROVEN, WRONG_USE

OPENING = """# Commands

`keepsum --version` says which version this is. Every command takes `--json`, which prints one JSON value for machines,
and `--help`. Which settings a command takes as flags is on the page of [settings](settings.md). A group without a verb
does its first one: `keepsum days` is `keepsum days list`, and `keepsum ledger` is `keepsum ledger verify`.

"""

MEANINGS = {
    0: "all went well",
    REFUSED: "refused, or something waits for a person: a held day, a rejected record, a lint error",
    WRONG_USE: "wrong use: a flag, a name, a date, a setting",
    UNPROVEN: "a proof or the ledger failed",
    UNAVAILABLE: "not now: a file, a disk, a port or a key is missing, damaged or in use",
    INTERRUPTED: "stopped by Ctrl-C",
}


def page() -> str:
    """Give the Markdown: exit codes, then one section a command."""
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in sorted(MEANINGS.items()))
    kinds = ", ".join(f"`{kind}` {code}" for kind, code in EXIT.items() if kind != "error")
    closing = (
        f"An error is one line on standard error: `keepsum: CODE: message`. Its kind decides the exit code: {kinds}."
    )
    table = f"## Exit codes\n\n| code | meaning |\n|---:|---|\n{codes}\n\n{closing}\n\n"
    return OPENING + table + "\n\n".join(_section(name, command) for name, command in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Give every command by its full name."""
    root: Any = build()
    for name, command in root.commands.items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {verb}", one) for verb, one in command.commands.items())
        else:
            yield name, command


def _section(name: str, command: Any) -> str:
    own = [p for p in command.params if p.name != "json" and getattr(p, "rich_help_panel", None) != flags.PANEL]
    arguments = [p for p in own if p.param_type_name == "argument"]
    usage = " ".join(["keepsum", name, *map(_spelling, arguments), "[FLAGS]"])
    rows = [f"| `{_spelling(p)}` | {_about(p)} |" for p in own]
    table = "\n\n| | |\n|---|---|\n" + "\n".join(rows) if rows else ""
    return f"## keepsum {name}\n\n```text\n{usage}\n```\n\n{inspect.cleandoc(command.help or '')}{table}"


def _spelling(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"{parameter.metavar or parameter.name.upper()}{'...' if parameter.nargs == -1 else ''}"
    flag = ", ".join(parameter.opts)
    return flag if parameter.is_flag else f"{flag} {(parameter.metavar or 'VALUE').strip('[]')}"


def _about(parameter: Any) -> str:
    about = (parameter.help or "").strip()
    notes = [about.replace("|", "\\|")]
    if parameter.param_type_name == "option":
        notes += ["Required."] if parameter.required else []
        notes += [f"Default: `{parameter.default}`."] if isinstance(parameter.default, str) else []
    return " ".join(notes)
