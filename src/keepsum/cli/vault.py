"""`keepsum keys` and `keepsum secrets`: what people and passwords of other services are encrypted with, and these."""

import sys
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from keepsum.cli.door import installed
from keepsum.cli.moments import instant, shown
from keepsum.cli.screen import Screen, table
from keepsum.model.counted import counted

if TYPE_CHECKING:
    from keepsum.assemble.install import Install
    from keepsum.settings import Settings

LONGEST = 10_000  # characters of a secret

Name = Annotated[str, Argument(help="What it is called, such as smtp_password.", metavar="NAME")]
OfInstall = Annotated[bool, Option("--install", help="One of the install, and not of the workspace.")]


def keys(settings: "Settings", screen: Screen) -> None:
    """List the keys that people and secrets are encrypted with; the keys of workspaces are others."""
    from keepsum.pipeline.keys import listing

    with installed(settings) as install:
        data = [{"key": one.name, "file": one.file, "in_use": one.in_use} for one in listing(install.accounts)]
    rows = ((one["key"], one["file"] or "the environment", one["in_use"]) for one in data)
    screen.show({"keys": data}, lambda: [table(("key", "where", "in use"), rows)])


def rotate(settings: "Settings", screen: Screen) -> None:
    """Encrypt people and secrets anew under a new key, and delete the old one; run it again if it was interrupted."""
    from keepsum.model.access import machine
    from keepsum.pipeline.keys import rotate

    with installed(settings) as install:
        done = rotate(install.accounts, machine(""), now=install.clock())
    data = {"key": done.key, "values": done.values, "removed": list(done.removed)}
    said = (
        f"encrypted under {done.key}: {counted(done.values, 'values')}; removed: {', '.join(done.removed) or 'no file'}"
    )
    screen.show(data, lambda: [said])


def secrets(settings: "Settings", screen: Screen, *, install: OfInstall = False) -> None:
    """List the names of stored secrets; what they are is not shown."""
    from keepsum.store.vault import secret_names

    with installed(settings) as opened:
        named = secret_names(opened.control, _workspace(opened, of_install=install))
    data = [{"name": name, "changed_at": instant(at)} for name, at in named.items()]
    rows = ((one["name"], shown(one["changed_at"])) for one in data)
    screen.show({"secrets": data}, lambda: [table(("secret", "stored, UTC"), rows) if data else "No secret yet."])


def keep(settings: "Settings", screen: Screen, *, name: Name, install: OfInstall = False) -> None:
    """Store a secret, which is read from standard input: a command line is there for everybody to see."""
    from keepsum.model.errors import Invalid
    from keepsum.store.vault import keep_secret

    value = _asked(screen)
    if not 0 < len(value) <= LONGEST:
        raise Invalid("BAD_SECRET", f"A secret has 1 to {LONGEST:,} characters, on standard input.")
    with installed(settings) as opened:
        workspace = _workspace(opened, of_install=install)
        keep_secret(opened.control, opened.accounts.vault, workspace, name, value, now=opened.clock())
    screen.show({"name": name}, lambda: [f"stored: {name}"])


def drop(settings: "Settings", screen: Screen, *, name: Name, install: OfInstall = False) -> None:
    """Delete a stored secret."""
    from keepsum.store.vault import drop_secret

    with installed(settings) as opened:
        drop_secret(opened.control, _workspace(opened, of_install=install), name)
    screen.show({"name": name}, lambda: [f"deleted: {name}"])


def _workspace(install: "Install", *, of_install: bool) -> str:
    from keepsum.store import workspaces

    return "" if of_install else workspaces.named(install.control, install.settings.workspace).id


def _asked(screen: Screen) -> str:
    """Read one line; on a terminal nobody sees it being typed."""
    if sys.stdin.isatty() and not screen.json:
        from getpass import getpass

        return getpass("Secret: ")
    return sys.stdin.readline().rstrip("\r\n")
