import fcntl
import os
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from keepsum.store.lock import FileLock

HOLD = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def is_free(path):
    """Whether anybody else could have the lock now, in this process or another."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.lock"


def test_a_lock_is_held_inside_the_block_and_free_after_it(path):
    with FileLock(path).held():
        assert not is_free(path)
    assert is_free(path)


def test_the_same_thread_may_hold_it_again_inside_and_keeps_it_until_the_outer_block_ends(path):
    lock = FileLock(path)
    with lock.held():
        with lock.held():
            assert not is_free(path)
        assert not is_free(path)
    assert is_free(path)


def test_an_error_inside_lets_go_of_it(path):
    lock = FileLock(path)
    with suppress(ZeroDivisionError), lock.held(), lock.held():
        _ = 1 / 0
    assert is_free(path)


def test_another_thread_waits_for_its_turn(path):
    lock, seen = FileLock(path), []

    def take():
        with lock.held():
            seen.append("other")

    other = threading.Thread(target=take)
    with lock.held():
        other.start()
        other.join(0.05)
        seen.append("first")
    other.join()
    assert seen == ["first", "other"]


def test_two_locks_of_one_file_exclude_each_other(path):
    first, second, seen = FileLock(path), FileLock(path), []

    def take():
        with second.held():
            seen.append("second")

    other = threading.Thread(target=take)
    with first.held():
        other.start()
        other.join(0.05)
        seen.append("first")
    other.join()
    assert seen == ["first", "second"]


def test_a_killed_process_lets_go_of_it(path):
    path.touch()
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline()
        assert not is_free(path)
        process.kill()
        process.wait()
        with FileLock(path).held():
            assert not is_free(path)


def test_who_only_tries_is_told_whether_the_lock_is_theirs(path):
    with FileLock(path).tried() as is_mine:
        assert is_mine
        with FileLock(path).tried() as is_theirs:
            assert not is_theirs
        assert not is_free(path)
    assert is_free(path)


def test_an_error_of_who_tried_is_theirs_and_lets_go(path):
    with pytest.raises(BlockingIOError, match="something else"), FileLock(path).tried():
        raise BlockingIOError("something else")
    assert is_free(path)


def test_a_lock_that_could_not_be_opened_is_not_taken_for_held(tmp_path):
    path = tmp_path / "later" / "file.lock"
    lock = FileLock(path)
    with pytest.raises(FileNotFoundError), lock.held():
        pass
    path.parent.mkdir()
    with lock.held():
        assert not is_free(path)
