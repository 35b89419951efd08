"""`keepsum serve`: the HTTP door, with a worker inside."""

import gc
from typing import TYPE_CHECKING, Any

from keepsum.cli.door import installed
from keepsum.cli.install import is_fresh
from keepsum.cli.people import first_link, link_lines
from keepsum.cli.screen import Screen, console, put, say
from keepsum.cli.worker import make_worker

if TYPE_CHECKING:
    from keepsum.assemble.install import Install
    from keepsum.settings import Settings


def serve(settings: "Settings", screen: Screen) -> None:
    """Serve the API and its docs page, on this machine unless told otherwise; an empty data directory is made ready."""
    from keepsum.assemble.install import DEFAULT
    from keepsum.http.log import configure
    from keepsum.http.serve import serve as serve_http

    configure()
    fresh = is_fresh(settings)
    with installed(settings, make=True) as install:

        def listening(address: str) -> None:
            link = first_link(install, DEFAULT, settings.public_url or address) if fresh else None
            if screen.json:
                screen.show({"address": address, "docs": f"{address}/docs", "owner_link": link}, tuple)
            else:
                _say(install, address, link)

        work = make_worker(install).run if settings.worker else None
        serve_http(install, work=work, listening=listening)
    # TRICKY: what stays frozen is still there when the interpreter ends, and DuckDB's binding then complains at length.
    gc.unfreeze()


def _say(install: "Install", address: str, link: dict[str, Any] | None) -> None:
    """Say for people where the server is, and how its owner comes in."""
    from keepsum.pipeline.people import has_owner
    from keepsum.store import workspaces

    say(f"keepsum serves on {address}, docs on {address}/docs, Ctrl-C stops it")
    for line in link_lines(link) if link else ():
        put(console(error=True), line)
    if link is None and not any(has_owner(install.accounts, one.id) for one in workspaces.listing(install.control)):
        say("nobody owns this install yet: `keepsum people owner-link` prints a link that makes you its owner")
