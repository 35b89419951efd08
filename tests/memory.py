"""What a run does with memory so that it is short: files of tests live there, and what stays is searched for once.

A commit that waits for a real disk proves nothing here: processes get killed in tests, and no test cuts the power.
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest

SHARED = Path("/dev/shm")
ENOUGH = 4 << 30  # bytes; a run leaves a tenth of it


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Let temporary files be kept in memory, unless somebody says where, or there is little of it."""
    gc.disable()  # until all tests are known: all that is made before stays
    if "TMPDIR" not in os.environ and _may_hold(SHARED):
        folder = SHARED / f"keepsum-tests-{os.getuid()}"
        folder.mkdir(mode=0o755, exist_ok=True)  # a database's own user has to pass through
        os.environ["TMPDIR"], tempfile.tempdir = str(folder), None


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    gc.unfreeze()
    gc.enable()


def _may_hold(folder: Path) -> bool:
    """Whether a folder has room, and lets what tests install be run."""
    return (
        folder.is_dir()
        and os.access(folder, os.W_OK)
        and shutil.disk_usage(folder).free >= ENOUGH
        and not os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0)
    )
