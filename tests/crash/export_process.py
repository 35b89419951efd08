"""A process that makes an export that waits, and can be told to die on the way, or to find the disk full; one JSON a
line, as in `spine_process`: `folder`, `dies_at`, `full_at`; `url` of a shop's own database, and `later`, the seconds
that the machine's clock is ahead of what it was for the process before.
"""

import json
import os
import time
from contextlib import closing, suppress
from pathlib import Path

from tests.control_file import Clock
from tests.crash.spine_process import Steps, carried_out
from tests.crash.tenant_process import serve_with
from tests.exporting import NOW, worker_of
from tests.ordering import URL
from tests.systems import instant, open_all

from keepsum.model.errors import KeepsumError


def carry(text):
    given = json.loads(text)
    steps, later = Steps(given.get("dies_at"), given.get("full_at")), given.get("later", 0)
    os.environ |= {URL: given["url"]} if "url" in given else {}
    with suppress(KeepsumError, OSError), closing(_opened(given["folder"])) as install:
        worker = worker_of(install, machine_clock=lambda: time.monotonic() + later)
        steps.install()
        worker.step()
    print("steps", steps.count, flush=True)


def _opened(folder):
    return open_all(Path(folder), "UTC", Clock(instant(NOW)))


if __name__ == "__main__":
    serve_with(lambda line: carried_out(line, carry))
