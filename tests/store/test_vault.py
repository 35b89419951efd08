import base64
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from tests.accounts import EMAIL, NAME, NOON, Install

from keepsum.model.errors import Conflict, Invalid, NotFound, Unavailable
from keepsum.store import accounts, links, vault
from keepsum.store.database import Database, fetch
from keepsum.store.links import Link, LinkKind
from keepsum.store.tables import people, secrets


@pytest.fixture
def install(tmp_path):
    made = Install(tmp_path)
    yield made
    made.control.close()


def key(letter):
    return base64.b64encode(letter.encode() * 32).decode()


def files(install):
    return sorted(path.name for path in (install.folder / "keys").iterdir())


def secret(install):
    return vault.secret(install.control, install.vault, "", "smtp")


def found(install, email=EMAIL):
    with install.control.read() as connection:
        return accounts.person_of(connection, install.vault.under(connection), email)


def rotate(install):
    return vault.rotate(install.control, install.vault, lambda _connection, _key: None)


def fill(install):
    """Put a value into every encrypted column."""
    person = install.person()
    vault.keep_secret(install.control, install.vault, "", "smtp", "hunter2", now=NOON)
    made = Link(kind=LinkKind.INVITATION, email="new@x.example", made_by="machine", made_at=NOON, until=NOON + 1)
    with install.control.write() as connection:
        text = links.add(connection, install.vault.under(connection), made)
    return person, made, text


def link(install, text):
    with install.control.read() as connection:
        return links.find(connection, install.vault.under(connection), text, now=NOON)


def test_what_is_encrypted_comes_back_and_is_in_no_byte(install):
    _, made, text = fill(install)
    person = found(install)
    assert person is not None
    assert (person.email, person.name) == (EMAIL, NAME)
    assert secret(install) == "hunter2"
    assert link(install, text) == made
    content = install.bytes()
    for marker in (EMAIL, EMAIL.upper(), NAME, "petiolatum", "hunter2", "new@x.example", text):
        assert marker.encode() not in content


def test_the_same_text_is_encrypted_differently_each_time(install):
    with install.control.read() as connection:
        cipher = install.vault.under(connection)
    one, other = (cipher.encrypt("same", people.c.name_encrypted, "a") for _ in range(2))
    assert one != other


@pytest.mark.parametrize("place", [(people.c.name_encrypted, "b"), (people.c.email_encrypted, "a")])
def test_a_value_cannot_be_moved_to_another_row_or_column(install, place):
    with install.control.read() as connection:
        cipher = install.vault.under(connection)
    text = cipher.encrypt("text", people.c.name_encrypted, "a")
    with pytest.raises(Unavailable, match="ENCRYPTED_DAMAGED"):
        cipher.decrypt(text, *place)


@pytest.mark.parametrize("change", [lambda t: t[:-4] + "AAAA", lambda t: "2" + t[1:], lambda _: "", lambda t: t[:30]])
def test_a_changed_value_is_refused(install, change):
    with install.control.read() as connection:
        cipher = install.vault.under(connection)
    text = cipher.encrypt("text", secrets.c.value_encrypted, "", "smtp")
    with pytest.raises(Unavailable, match="ENCRYPTED_DAMAGED"):
        cipher.decrypt(change(text), secrets.c.value_encrypted, "", "smtp")


def test_a_mark_depends_on_the_key_and_on_what_it_is_for(install, tmp_path):
    other = Install(tmp_path / "other")
    marks = set()
    for one in (install, other):
        with one.control.read() as connection:
            cipher = one.vault.under(connection)
        marks |= {cipher.mark("email", "a"), cipher.mark("address", "a"), cipher.mark("email", "a")}
    other.control.close()
    assert len(marks) == 4


def test_the_key_lies_outside_the_data_and_is_the_owners_only(install):
    (path,) = (install.folder / "keys").iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == ("install-1.key", 0o600)
    assert path.read_bytes() not in install.bytes()
    with pytest.raises(Invalid, match="KEYS_IN_DATA"):
        vault.open_vault(install.control, install.folder / "data" / "keys", install.folder / "data")


def test_a_lost_key_is_never_made_anew(install):
    fill(install)
    (install.folder / "keys" / "install-1.key").unlink()
    with pytest.raises(Unavailable, match="KEY_FILE_MISSING"):
        install.open_vault()
    assert files(install) == []


def test_rotating_encrypts_everything_anew_and_removes_the_old_key(install):
    _, made, text = fill(install)
    before = install.bytes()
    with install.control.read() as connection:
        stored = [row[0] for row in fetch(connection, "SELECT email_encrypted FROM people")]
    done = rotate(install)
    assert (done.values, done.removed) == (4, ("install-1.key",))
    assert files(install) == ["install-2.key"]
    assert all(value.encode() in before and value.encode() not in install.bytes() for value in stored)
    install.open_vault()
    person = found(install)
    assert person is not None
    assert (person.email, secret(install), link(install, text)) == (EMAIL, "hunter2", made)


def test_a_process_that_runs_while_the_key_is_changed_goes_on_with_the_new_one(install):
    fill(install)
    other = vault.open_vault(install.control, install.folder / "keys", install.folder / "data")
    rotate(install)
    vault.keep_secret(install.control, other, "", "later", "plokm", now=NOON)
    assert found(install) is not None
    install.open_vault()
    assert vault.secret(install.control, install.vault, "", "later") == "plokm"


def test_keys_that_are_changed_by_several_at_once_leave_the_one_that_is_needed(install):
    fill(install)

    def rotations(_number):
        with closing(Database(install.path)) as control:
            mine = vault.open_vault(control, install.folder / "keys", install.folder / "data")
            return [vault.rotate(control, mine, lambda _connection, _key: None).key for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        made = [key for keys in pool.map(rotations, range(4)) for key in keys]
    assert len(set(made)) == 16
    assert len(files(install)) == 1
    install.open_vault()
    assert (found(install) is not None, secret(install)) == (True, "hunter2")


def test_keys_of_the_environment_leave_no_file_and_change_by_putting_a_new_one_first(tmp_path):
    install = Install(tmp_path, key("a"))
    fill(install)
    with pytest.raises(Conflict, match="NO_NEW_KEY"):
        rotate(install)
    install.open_vault(f"{key('b')}, {key('a')}")
    assert rotate(install).removed == ()
    install.open_vault(key("b"))
    assert found(install) is not None
    assert not (tmp_path / "keys").exists()
    with pytest.raises(Unavailable, match="KEY_FILE_MISSING"):
        install.open_vault(key("c"))
    install.control.close()


def test_one_can_go_over_from_a_file_to_the_environment(install):
    fill(install)
    install.open_vault(key("a"))
    assert rotate(install).removed == ("install-1.key",)
    install.open_vault(key("a"))
    assert secret(install) == "hunter2"


@pytest.mark.parametrize("text", ["secret", "c2hvcnQ=", f"{key('a')},x"])
def test_a_key_that_is_none_is_refused_without_being_shown(install, text):
    with pytest.raises(Invalid, match="BAD_SECRET_KEY") as caught:
        install.open_vault(text)
    assert text not in str(caught.value)


def test_secrets_are_listed_by_name_and_dropped(install):
    for workspace, name in (("", "smtp"), ("north", "vendor"), ("north", "hook")):
        vault.keep_secret(install.control, install.vault, workspace, name, "first", now=NOON)
    vault.keep_secret(install.control, install.vault, "north", "hook", "second", now=NOON + 5)
    assert vault.secret_names(install.control, "north") == {"hook": NOON + 5, "vendor": NOON}
    assert vault.secret(install.control, install.vault, "north", "hook") == "second"
    assert vault.secret(install.control, install.vault, "", "hook") is None
    vault.drop_secret(install.control, "north", "hook")
    with pytest.raises(NotFound, match="UNKNOWN_SECRET"):
        vault.drop_secret(install.control, "north", "hook")
