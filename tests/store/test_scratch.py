import subprocess
import sys
import threading
from pathlib import Path

from keepsum.store.scratch import LOCK, open_scratch

ROOT = Path(__file__).parents[2]
DIE = """
import os, sys
from pathlib import Path
from keepsum.store.scratch import open_scratch
with open_scratch(Path(sys.argv[1])) as mine:
    (mine / "half.parquet").write_bytes(b"half")
    (mine / "deep").mkdir()
    print(mine, flush=True)
    sys.stdin.read() if len(sys.argv) > 2 else os._exit(9)
"""


def start(folder, *more):
    command = [sys.executable, "-c", DIE, str(folder), *more]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def folders(folder):
    return {path.name for path in folder.iterdir()} - {LOCK}


def test_a_process_has_a_folder_of_its_own_that_goes_with_it(tmp_path):
    with open_scratch(tmp_path / "tmp") as one, open_scratch(tmp_path / "tmp") as other:
        (one / "file").write_bytes(b"1")
        assert folders(tmp_path / "tmp") == {one.name, other.name}
        assert one.stat().st_mode & 0o777 == 0o700
    assert folders(tmp_path / "tmp") == set()


def test_what_a_crashed_process_left_is_removed_by_the_next(tmp_path):
    with start(tmp_path) as process:
        process.communicate(timeout=60)
    assert len(folders(tmp_path)) == 1
    (tmp_path / "stray").write_bytes(b"not even a folder")
    with open_scratch(tmp_path) as mine:
        assert folders(tmp_path) == {mine.name}


def test_what_a_living_process_uses_is_left_alone(tmp_path):
    with start(tmp_path, "live") as process:
        assert process.stdout
        theirs = Path(process.stdout.readline().strip())
        with open_scratch(tmp_path) as mine:
            assert folders(tmp_path) == {mine.name, theirs.name}
            assert (theirs / "half.parquet").read_bytes() == b"half"
        process.kill()
        process.communicate()
    with open_scratch(tmp_path) as mine:
        assert folders(tmp_path) == {mine.name}


def test_many_at_once_do_not_take_each_others_folders_away(tmp_path):
    start_line, fine = threading.Barrier(8), []

    def use():
        start_line.wait()
        for _ in range(10):
            with open_scratch(tmp_path) as mine:
                (mine / "file").write_bytes(b"1")
                fine.append((mine / "file").exists())

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fine == [True] * 80
    assert folders(tmp_path) == set()
