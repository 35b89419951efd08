"""`keepsum serve`: the HTTP door, with a worker inside."""

import gc
from typing import TYPE_CHECKING

from keepsum.cli.door import installed
from keepsum.cli.screen import Screen, say
from keepsum.cli.worker import make_worker

if TYPE_CHECKING:
    from keepsum.settings import Settings


def serve(settings: "Settings", screen: Screen) -> None:
    """Serve the API and its docs page, on this machine only; an empty data directory is made ready first."""
    from keepsum.http.log import configure
    from keepsum.http.serve import serve as serve_http

    def listening(address: str) -> None:
        if screen.json:
            screen.show({"address": address, "docs": f"{address}/docs"}, tuple)
        else:
            say(f"keepsum serves on {address}, docs on {address}/docs, Ctrl-C stops it")

    configure()
    with installed(settings, make=True) as install:
        work = make_worker(install).run if settings.worker else None
        serve_http(install, work=work, listening=listening)
    # TRICKY: what stays frozen is still there when the interpreter ends, and DuckDB's binding then complains at length.
    gc.unfreeze()
