import base64

import pytest
from tests.cli.test_people import feed


def keys(install):
    return sorted(path.name for path in (install.folder / "keys").glob("install-*"))


def test_keys_are_listed_without_being_shown(install):
    (listed,) = install("keys", "--json").json["keys"]
    assert (listed["file"], listed["in_use"]) == ("install-1.key", True)
    key = (install.folder / "keys" / "install-1.key").read_bytes()
    assert key.hex() not in install("keys").out
    assert base64.b64encode(key).decode() not in install("keys").out


def test_keys_rotate_encrypts_anew_and_deletes_the_old_key(install, monkeypatch):
    feed(monkeypatch, "hunter2\n")
    install("secrets", "set", "vendor")
    said = install("keys", "rotate", "--json").json
    assert (said["values"], said["removed"]) == (1, ["install-1.key"])
    assert keys(install) == ["install-2.key"]
    assert [one["key"] for one in install("keys", "--json").json["keys"]] == [said["key"]]
    (event,) = install("audit", "--kind=keys_rotated", "--json").json["events"]
    assert event["caller"] == "machine"


def test_a_key_of_the_environment_takes_the_place_of_the_file(install, monkeypatch):
    monkeypatch.setenv("KEEPSUM_SECRET_KEY", base64.b64encode(b"a" * 32).decode())
    assert install("keys", "rotate").code == 0
    assert keys(install) == []
    assert "the environment" in install("keys").words
    assert "NO_NEW_KEY" in install("keys", "rotate").err
    monkeypatch.setenv("KEEPSUM_SECRET_KEY", "plokm")
    said = install("keys")
    assert said.code == 2
    assert "BAD_SECRET_KEY" in said.err
    assert "plokm" not in said.err


def test_secrets_are_read_from_standard_input_and_never_printed(install, monkeypatch):
    for name, where in (("vendor", ()), ("smtp_password", ("--install",))):
        feed(monkeypatch, "hunter2\n")
        said = install("secrets", "set", name, *where)
        assert "hunter2" not in said.out + said.err
    assert [one["name"] for one in install("secrets", "--json").json["secrets"]] == ["vendor"]
    assert [one["name"] for one in install("secrets", "--install", "--json").json["secrets"]] == ["smtp_password"]
    assert "hunter2" not in install("secrets").out
    content = b"".join(path.read_bytes() for path in (install.folder / "data").rglob("*") if path.is_file())
    assert b"hunter2" not in content
    assert install("secrets", "remove", "vendor").code == 0
    assert "UNKNOWN_SECRET" in install("secrets", "remove", "vendor").err


@pytest.mark.parametrize("text", ["", "\n", "x" * 20_000])
def test_no_secret_or_a_huge_one_is_refused(install, monkeypatch, text):
    feed(monkeypatch, text)
    said = install("secrets", "set", "vendor")
    assert said.code == 2
    assert "BAD_SECRET" in said.err
