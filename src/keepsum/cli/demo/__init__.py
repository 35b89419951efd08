"""`keepsum demo`: the whole promise on three months of a real shop, through the real server."""

import signal
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from keepsum.cli.demo.folder import fresh_folder
from keepsum.cli.door import UNPROVEN
from keepsum.cli.people import link_lines
from keepsum.cli.screen import Screen, console, put, say

if TYPE_CHECKING:
    from keepsum.cli.demo.server import Server
    from keepsum.settings import Settings

CLOCK = "2011-03-18T12:00:00Z"  # half of February is past 30 days then
ZONE = "Europe/London"
EXAMPLE = "/v1/query?metrics=revenue,customers&grain=month&from=2010-12-01&to=2011-02-28"


def demo(
    settings: "Settings",
    screen: Screen,
    *,
    once: Annotated[bool, Option("--once", help="End when everything is shown, instead of serving on.")] = False,
) -> int:
    """Collect, roll up, prove, purge and ask again: three months of a real shop."""
    from keepsum.cli.demo.server import serving

    began = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as closing:
        folder = closing.enter_context(fresh_folder(settings.data_dir))
        screen.tell("[bold]Three months of a real shop[/]: collected, rolled up, proven, purged, asked again")
        screen.tell(f"[dim]The clock stands at {CLOCK[:10]}; records are kept for 30 days.[/]")
        with screen.bar("Starting the server"):
            server = closing.enter_context(serving(folder, _flags(settings, folder, once=once)))
        code = _tell(server, screen, began)
        if not once:
            _say(server)
            _wait(server.process)
    return code


def _flags(settings: "Settings", folder: Path, *, once: bool) -> dict[str, Any]:
    """Give the settings of the demo's own install; nothing of the user's gets in."""
    chosen = settings.port if not once or "port" in settings.model_fields_set else 0
    return {
        "data_dir": folder / "data",
        "key_dir": folder / "keys",
        "packs": folder / "packs",
        "enabled": "demo",
        "zone": ZONE,
        "week_start": "monday",
        "k": 10,
        "clock": CLOCK,
        "host": "127.0.0.1",
        "port": chosen,
    }


def _tell(server: "Server", screen: Screen, began: float) -> int:
    from keepsum.cli.demo.screens import lines
    from keepsum.cli.demo.story import tell

    told = tell(server, screen)
    data = told.data(time.monotonic() - began)
    screen.show(data, lambda: lines(told, time.monotonic() - began))
    return 0 if told.holds else UNPROVEN


def _say(server: "Server") -> None:
    """Say where the server is, and how to come in."""
    say(f"Serving on {server.address}, its docs on {server.address}/docs. Ctrl-C stops it.")
    for line in link_lines(server.link):
        put(console(error=True), line)
    say("Ask it something, with a token that may do everything:")
    say(f"curl -s '{server.address}{EXAMPLE}' -H 'Authorization: Bearer {server.token}'")


def _wait(process: "Popen[str]") -> None:
    """Wait until the server ends, or somebody stops the demo, which then ends its server."""
    with suppress(KeyboardInterrupt):
        process.wait()
