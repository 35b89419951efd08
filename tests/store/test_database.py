import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from keepsum.model.errors import Invalid, Unavailable
from keepsum.store import database as module
from keepsum.store.database import Database, driver, fetch

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(tmp_path):
    made = Database(tmp_path / "truth.db")
    with made.write() as connection:
        connection.exec_driver_sql("CREATE TABLE pile (n INTEGER PRIMARY KEY, stone TEXT)")
    yield made
    made.close()


def put(database, *stones):
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO pile (stone) VALUES (?)", [(stone,) for stone in stones])


def stones(database):
    with database.read() as connection:
        return [stone for (stone,) in fetch(connection, "SELECT stone FROM pile ORDER BY n")]


def log_bytes(database):
    log = database.path.with_name(database.path.name + "-wal")
    return log.stat().st_size if log.exists() else 0


def python(code, *arguments):
    """Start another process that runs some lines with a Database at hand."""
    text = "import os, sys\nfrom pathlib import Path\nfrom keepsum.store.database import Database, fetch\n"
    command = [sys.executable, "-c", text + textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_what_is_written_can_be_read(database):
    put(database, "a", "b")
    assert stones(database) == ["a", "b"]


def test_an_error_in_the_block_keeps_nothing_of_it(database):
    def fail():
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO pile (stone) VALUES ('a')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    put(database, "b")
    assert stones(database) == ["b"]


def test_errors_of_our_own_pass_unchanged(database):
    with pytest.raises(Invalid, match="MINE"), database.write():
        raise Invalid("MINE", "refused")
    assert stones(database) == []


def test_a_reader_cannot_write(database):
    with pytest.raises(Unavailable, match="DATABASE_FAILED") as error, database.read() as connection:
        connection.exec_driver_sql("INSERT INTO pile (stone) VALUES ('a')")
    assert "truth.db" in error.value.message
    assert stones(database) == []


def test_a_reader_keeps_its_snapshot_while_others_write(database):
    put(database, "a")
    with database.read() as connection:
        assert fetch(connection, "SELECT count(*) FROM pile") == [(1,)]
        put(database, "b")
        assert fetch(connection, "SELECT count(*) FROM pile") == [(1,)]
    assert stones(database) == ["a", "b"]


def test_many_readers_read_at_once(database):
    put(database, "a")
    started, results = threading.Barrier(10), []

    def look():
        with database.read() as connection:
            started.wait(10)
            results.append(fetch(connection, "SELECT stone FROM pile"))

    threads = [threading.Thread(target=look) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[("a",)]] * 10


def test_a_reader_that_closes_last_leaves_the_log_alone(tmp_path):
    path = tmp_path / "truth.db"
    # The writer ends without closing, so that its log stays, as after a crash.
    code = """
        database = Database(Path(sys.argv[1]))
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE pile (n INTEGER PRIMARY KEY, stone TEXT)")
            connection.exec_driver_sql("INSERT INTO pile (stone) VALUES ('kept')")
        os._exit(0)
    """
    writer = python(code, path)
    assert (writer.communicate(timeout=60), writer.returncode) == (("", ""), 0)
    reader = Database(path)
    before = (path.stat().st_size, log_bytes(reader))
    assert stones(reader) == ["kept"]
    reader.close()
    assert before[1] > 0
    assert (path.stat().st_size, log_bytes(reader)) == before


def test_a_long_log_is_moved_into_the_file_by_writers_only(database, monkeypatch):
    monkeypatch.setattr(module, "WAL_CEILING", 100_000)
    put(database, "x" * 30_000)
    before = database.path.stat().st_size
    stones(database)
    assert database.path.stat().st_size == before
    put(database, "x" * 90_000)
    assert database.path.stat().st_size > before + 90_000


def test_a_log_that_was_long_is_not_moved_after_every_write(database, monkeypatch):
    monkeypatch.setattr(module, "WAL_CEILING", 100_000)
    put(database, "x" * 120_000)
    assert log_bytes(database) == 0
    before = database.path.stat().st_size
    put(database, "x" * 20_000)
    assert database.path.stat().st_size == before
    assert 20_000 < log_bytes(database) < 100_000


def test_truncating_moves_all_of_the_log_and_empties_it(database):
    put(database, "a")
    assert log_bytes(database) > 0
    assert database.truncate()
    assert log_bytes(database) == 0
    assert stones(database) == ["a"]


def test_truncating_says_so_when_a_reader_is_in_the_way_and_does_not_make_writers_wait_for_it(database):
    put(database, "a")
    with database.read() as connection:
        assert fetch(connection, "SELECT count(*) FROM pile") == [(1,)]
        put(database, "b")
        begin = time.monotonic()
        assert not database.truncate()
        assert time.monotonic() - begin < 5
        assert log_bytes(database) > 0
    assert database.truncate()
    assert log_bytes(database) == 0


def limit(database, pages):
    raw = database._writer.raw_connection()
    raw.cursor().execute(f"PRAGMA max_page_count = {pages}")
    raw.close()


def test_a_full_disk_is_named_and_nothing_of_the_step_is_kept(database):
    put(database, "a")
    limit(database, 5)
    with pytest.raises(Unavailable, match="DISK_FULL") as error:
        put(database, "b", "x" * 100_000)
    assert "'truth.db'" in error.value.message
    assert stones(database) == ["a"]
    limit(database, 1_000_000)
    put(database, "c")
    assert stones(database) == ["a", "c"]


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "truth.db"
    path.write_bytes(b"certainly not a database" * 1_000)
    with pytest.raises(Unavailable, match=r"DATABASE_FAILED: The file 'truth.db'"):
        put(Database(path), "a")


def test_two_processes_that_write_lose_nothing_of_each_other(database):
    code = """
        database = Database(Path(sys.argv[1]))
        for number in range(60):
            with database.write() as connection:
                ((before,),) = fetch(connection, "SELECT count(*) FROM pile")
                connection.exec_driver_sql("INSERT INTO pile (stone) VALUES (?)", (f"{sys.argv[2]} {before}",))
            if number % 20 == 19:
                database.truncate()
        database.close()
    """
    writers = [python(code, database.path, name) for name in ("one", "two")]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert (writer.returncode, errors) == (0, "")
    assert [int(stone.split()[1]) for stone in stones(database)] == list(range(120))


# A real full disk: a file system of 2 MB in a name space of the child's own.
FULL_DISK = """
    from keepsum.model.errors import Unavailable

    folder, code = Path(sys.argv[1]), []
    database = Database(folder / "truth.db")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE pile (n INTEGER PRIMARY KEY, stone TEXT)")
    kept = 0
    for _ in range(1_000):
        try:
            with database.write() as connection:
                connection.exec_driver_sql("INSERT INTO pile (stone) VALUES (?)", [("x" * 1_000,)] * 20)
            kept += 20
        except Unavailable as error:
            code.append(error.code)
            break
    with database.read() as connection:
        ((there,),) = fetch(connection, "SELECT count(*) FROM pile")
    try:
        database.truncate()
    except Unavailable as error:
        code.append(error.code)
    (folder / "ballast").unlink()
    assert database.truncate()
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO pile (stone) VALUES ('after')")
    with database.read() as connection:
        ((after,),) = fetch(connection, "SELECT count(*) FROM pile")
    print(code, there == kept > 0, after == kept + 1)
    os._exit(0)
"""


def test_a_disk_that_is_really_full_loses_nothing_acknowledged_and_goes_on_when_there_is_room(tmp_path):
    mount = 'mount -t tmpfs -o size=2m none {0} && head -c 1200k /dev/zero > {0}/ballast && shift && exec "$@"'
    inside = ["unshare", "-rm", "sh", "-c", mount.format(tmp_path), "sh", "-"]
    if subprocess.run([*inside, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no name space of one's own, so no file system either")
    text = "import os, sys\nfrom pathlib import Path\nfrom keepsum.store.database import Database, fetch\n"
    command = [*inside, sys.executable, "-c", text + textwrap.dedent(FULL_DISK), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "['DISK_FULL', 'DISK_FULL'] True True\n"


def test_a_write_that_fails_as_it_is_committed_is_undone_and_others_go_on(database):
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE leaf (n REFERENCES pile DEFERRABLE INITIALLY DEFERRED)")
    with database.write() as connection:
        driver(connection).execute("COMMIT")  # which the setting needs
        driver(connection).execute("PRAGMA foreign_keys = ON")

    def grow(*leaves):
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO leaf VALUES (?)", [(leaf,) for leaf in leaves])

    put(database, "a")
    with pytest.raises(Unavailable, match="FOREIGN KEY"):
        grow(1, 2)
    grow(1)
    with database.read() as connection:
        assert fetch(connection, "SELECT n FROM leaf") == [(1,)]


def test_a_database_that_was_closed_can_be_written_again(database):
    database.close()
    put(database, "a")
    assert stones(database) == ["a"]
