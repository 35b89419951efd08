"""`keepsum tokens`: what applications come in with."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from keepsum.cli.moments import instant, shown
from keepsum.cli.people import entered
from keepsum.cli.screen import Screen, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.settings import Settings
    from keepsum.store.tokens import Token


def listing(settings: "Settings", screen: Screen) -> None:
    """List the tokens of a workspace; of each only its start is known."""
    from keepsum.pipeline import tokens

    with entered(settings) as (install, caller):
        now = install.clock()
        data = [token_data(token, now) for token in tokens.listing(install.accounts, caller)]
    columns = ("id", "name", "token", "role", "streams", "until, UTC", "last used, UTC", "state")
    rows = (
        (
            one["id"],
            one["name"],
            f"{one['start']}...",
            one["role"],
            "all" if one["streams"] is None else ", ".join(one["streams"]) or "none",
            shown(one["until"]),
            shown(one["used_at"]),
            one["state"],
        )
        for one in data
    )
    screen.show({"tokens": data}, lambda: [table(columns, rows) if data else "No token yet."])


def create(
    settings: "Settings",
    screen: Screen,
    *,
    name: Annotated[str, Argument(help="What it is for, such as the application's name.", metavar="NAME")],
    role: Annotated[str, Option(help="What it may do: collector sends records and sees nothing.")],
    stream: Annotated[list[str] | None, Option(help="Only this stream; repeat it for more. By default all.")] = None,
    days: Annotated[int, Option(help="How long it works; 0 is without an end.", min=0)] = 365,
) -> None:
    """Make a token and print it, which is the only time that it is shown."""
    from keepsum.pipeline import tokens

    with entered(settings) as (install, caller):
        streams = frozenset(stream) if stream else None
        made = tokens.make(
            install.accounts, caller, name, role, streams=streams, days=days or None, now=install.clock()
        )
        data = {"text": made.text, **token_data(made.token, install.clock())}
    screen.show(data, lambda: _made_lines(data))


def revoke(
    settings: "Settings", screen: Screen, *, token: Annotated[str, Argument(help="Its id.", metavar="ID")]
) -> None:
    """Stop a token, and those that were made with it: within a second they open nothing."""
    from keepsum.pipeline import tokens

    with entered(settings) as (install, caller):
        now = install.clock()
        data = [token_data(one, now) for one in tokens.revoke(install.accounts, caller, token, now=now)]
    screen.show({"tokens": data}, lambda: [f"stopped: {', '.join(one['name'] for one in data)}"])


def token_data(token: "Token", now: int) -> dict[str, Any]:
    """Give a token as plain values, without its text."""
    return {
        "id": token.id,
        "name": token.name,
        "start": token.start,
        "role": token.role,
        "streams": None if token.streams is None else sorted(token.streams),
        "made_by": token.made_by,
        "made_at": instant(token.made_at),
        "until": instant(token.until),
        "used_at": instant(token.used_at),
        "state": "stopped" if token.revoked_at is not None else "ok" if token.works(now) else "ended",
    }


def _made_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    from rich.text import Text

    yield Text(data["text"], no_wrap=True)
    yield "It is shown this once; keep it where the application finds it, and send it as Authorization: Bearer ..."
