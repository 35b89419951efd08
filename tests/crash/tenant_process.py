"""A process that makes, changes, deletes or restores a workspace, or changes the install's key, and can be told to die
on the way; one JSON a line, as in `spine_process`: `folder`, `does`, `dies_at`.
"""

import json
import os
import sys
from contextlib import closing
from pathlib import Path

from tests.control_file import Clock
from tests.crash.spine_process import Steps, carried_out
from tests.systems import BEGIN, instant, open_all
from tests.tenants import BY, create

from keepsum.model.access import machine
from keepsum.pipeline import keys
from keepsum.pipeline import workspaces as tenants
from keepsum.pipeline.restore import restore
from keepsum.store import workspaces

EXPORT = "acme.tar.zst"
DOES = {
    "restore": lambda install, folder: restore(install, folder / EXPORT, BY),
    "create": lambda install, _folder: create(install, "acme"),
    "rotate": lambda install, _folder: keys.rotate(install.accounts, machine(""), now=install.clock()),
    "change": lambda install, _folder: tenants.change(install, workspaces.named(install.control, "acme").id, BY, k=5),
    "delete": lambda install, _folder: tenants.delete(install, workspaces.named(install.control, "acme").id, BY),
}


def carry(text):
    given = json.loads(text)
    folder, steps = Path(given["folder"]), Steps(given.get("dies_at"))
    with closing(open_all(folder, "UTC", Clock(instant(BEGIN)))) as install:
        steps.install()
        DOES[given["does"]](install, folder)
    print("steps", steps.count, flush=True)


def serve_with(carry_out):
    """Carry out one line after the other, each in a process of its own, and say how it ended."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            carry_out(line)
        print("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve_with(lambda line: carried_out(line, carry))
