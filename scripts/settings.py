"""The reference page of the settings: every one there is, and which commands take it as a flag."""

import types
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from keepsum.cli import COMMANDS, GROUPS, taken
from keepsum.settings import Settings

# Where a default depends on the machine, the words for it.
FOUND = {"key_dir": "`$XDG_CONFIG_HOME/keepsum/keys`, else `~/.config/keepsum/keys`"}
# What is written otherwise than its type says.
WRITTEN = {"identity_rules": "a list of objects, as JSON"}

OPENING = """# Settings

A setting is an environment variable, a line in a file `.env` in the folder you start Keepsum in, or a flag. A flag wins
over the environment, the environment over the file. A wrong setting stops the command with `BAD_SETTING`, naming it.

"""


def page() -> str:
    """Give the Markdown: one section a setting, in the order of the declaration."""
    return OPENING + "\n\n".join(_section(name, field) for name, field in Settings.model_fields.items())


def _section(name: str, field: FieldInfo) -> str:
    rows = (
        f"## {flag(name)}\n\n{field.description}\n",
        f"- Variable: `KEEPSUM_{name.upper()}`",
        f"- Takes: {WRITTEN.get(name) or _kind(field.annotation)}{_bounds(field)}",
        f"- Default: {_default(name, field)}",
        f"- Flag of: {_takers(name)}",
    )
    return "\n".join(rows)


def flag(name: str) -> str:
    """Give the flag of a setting."""
    return "--" + name.replace("_", "-")


def _kind(annotation: Any) -> str:
    if isinstance(annotation, types.UnionType) or get_origin(annotation) is types.UnionType:
        return _kind(next(a for a in get_args(annotation) if a is not type(None)))
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if get_origin(annotation) is tuple:
        return "names with commas between"
    words = {
        Path: "a path",
        str: "a text",
        SecretStr: "a text, which is shown nowhere",
        int: "a whole number",
        bool: "`true` or `false`",
    }
    return words.get(annotation, "an instant such as `2026-01-31T12:00:00Z`")


def _bounds(field: FieldInfo) -> str:
    limits = {word: getattr(item, word) for item in field.metadata for word in ("ge", "le") if hasattr(item, word)}
    pattern = next((item.pattern for item in field.metadata if getattr(item, "pattern", None)), None)
    said = [f"{word} {limits[key]:,}" for key, word in (("ge", "at least"), ("le", "at most")) if key in limits]
    said += [f"such as `{field.default}`"] if pattern else []
    return (", " if said else "") + ", ".join(said)


def _default(name: str, field: FieldInfo) -> str:
    if name in FOUND:
        return FOUND[name]
    value: Any = field.default
    return "none" if value in (None, ()) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _takers(name: str) -> str:
    takers = [command for command, _, names in COMMANDS if name in names]
    takers += [g for g, (_, verbs) in GROUPS.items() if any(name in taken(g, verb) for verb in verbs)]
    return ", ".join(f"`{taker}`" for taker in takers) or "no command"
