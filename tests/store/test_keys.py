import os
import stat
import threading

import pytest

from keepsum.model.errors import Invalid, Unavailable
from keepsum.store import keys as module
from keepsum.store.keys import LENGTH, NAMES, open_keys


def made(tmp_path, *, create=True):
    return open_keys(tmp_path / "keys", tmp_path / "data", create=create)


def test_keys_are_made_once_and_read_again(tmp_path):
    first = made(tmp_path)
    assert len({first.control, first.fingerprint, first.epoch}) == 3
    assert made(tmp_path) == first
    assert made(tmp_path, create=False) == first
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == sorted(f"{name}.key" for name in NAMES)


def test_key_files_are_the_owners_only(tmp_path):
    made(tmp_path)
    for path in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_keys_are_named_without_being_shown(tmp_path):
    found = made(tmp_path)
    assert repr(found) == object.__repr__(found)
    assert not any(key.hex() in found.digests for key in (found.control, found.fingerprint, found.epoch))
    assert found.digests != made(tmp_path / "other").digests


def test_a_mark_depends_on_the_text_and_the_key_and_fits_a_column(tmp_path):
    one, other = made(tmp_path), made(tmp_path / "other")
    assert one.mark("a") == one.mark("a")
    assert len({one.mark("a"), one.mark("b"), other.mark("a")}) == 3
    assert all(-(2**63) <= one.mark(str(n)) < 2**63 for n in range(100))


@pytest.mark.parametrize("inside", ["data/keys", "data", "data/../data/keys"])
def test_keys_inside_the_data_are_refused(tmp_path, inside):
    with pytest.raises(Invalid, match="KEYS_IN_DATA"):
        open_keys(tmp_path / inside, tmp_path / "data", create=True)
    assert not (tmp_path / "data" / "keys").exists()


def test_keys_that_a_link_leads_into_the_data_are_refused(tmp_path):
    (tmp_path / "data" / "keys").mkdir(parents=True)
    (tmp_path / "outside").symlink_to(tmp_path / "data" / "keys")
    with pytest.raises(Invalid, match="KEYS_IN_DATA"):
        open_keys(tmp_path / "outside", tmp_path / "data", create=True)


def test_a_missing_key_is_never_made_anew_for_an_old_workspace(tmp_path):
    made(tmp_path)
    (tmp_path / "keys" / "control.key").unlink()
    with pytest.raises(Unavailable, match="KEY_FILE_MISSING"):
        made(tmp_path, create=False)


def test_a_damaged_key_is_named(tmp_path):
    made(tmp_path)
    (tmp_path / "keys" / "epoch-1.key").write_bytes(b"short")
    with pytest.raises(Unavailable, match=r"KEY_FILE_DAMAGED.*epoch-1.key.*5 bytes"):
        made(tmp_path, create=False)


def test_a_process_that_dies_while_it_makes_a_key_leaves_no_half_key(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def die(_count):
        raise Killed

    monkeypatch.setattr(module.secrets, "token_bytes", die)
    with pytest.raises(Killed):
        made(tmp_path)
    monkeypatch.undo()
    assert len(made(tmp_path).control) == LENGTH


def test_processes_that_make_keys_at_once_agree_on_them(tmp_path):
    start, found = threading.Barrier(8), []

    def make():
        start.wait()
        found.append(made(tmp_path))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [made(tmp_path, create=False)] * 8


def test_a_key_is_durable_before_anything_is_made_with_it(tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: (synced.append(os.fstat(descriptor).st_mode), fsync(descriptor))
    )
    made(tmp_path)
    assert [stat.S_ISDIR(mode) for mode in synced] == [False, True] * len(NAMES)
