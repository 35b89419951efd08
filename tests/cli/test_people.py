import re
from contextlib import contextmanager

import pytest
from tests.certificates import certificate
from tests.cli.conftest import NOON
from tests.mailing import HERE, mail_server

from keepsum.assemble.install import open_install
from keepsum.pipeline import links
from keepsum.pipeline.links import Given
from keepsum.pipeline.sign_in import Attempt, sign_in
from keepsum.settings import load

ANN, BOB = "ann@bakery.example", "bob@bakery.example"
PASSWORD = "three words and a comma"


@contextmanager
def opened(install):
    folder = install.folder
    settings = load(data_dir=folder / "data", key_dir=folder / "keys", packs=folder / "packs", clock=NOON)
    found = open_install(settings)
    try:
        yield found
    finally:
        found.close()


def use(install, link, email=None, name="Ann"):
    """Fill in what a link asks for."""
    with opened(install) as found:
        given = Given(password=PASSWORD, email=email, name=name)
        return links.use(found.accounts, link.rpartition("#")[2], given, now=found.clock())


def enter(install, email):
    with opened(install) as found:
        return sign_in(found.accounts, Attempt(email=email, password=PASSWORD), now=found.clock())


@pytest.fixture
def owned(install):
    """A shop that Ann owns."""
    use(install, install("people", "owner-link", "--json").json["link"], ANN)
    return install


def test_the_first_start_prints_a_link_for_the_owner_and_no_password(bare):
    said = bare.bare("init", "--json", "--clock", NOON).json
    link = said["owner_link"]
    assert (link["kind"], link["until"]) == ("owner", "2026-02-12T12:00:00Z")
    assert re.fullmatch(r"http://127\.0\.0\.1:8001/app/link#[\w-]{43}", link["link"])
    assert bare.bare("init", "--json").json["owner_link"] is None


def test_the_first_start_says_how_the_link_is_used(bare):
    said = bare.bare("init")
    assert "This link makes you an owner. It works once, until" in said.words
    assert re.search(r"^http://\S+/app/link#\S+$", said.out, re.MULTILINE)


def test_an_owner_comes_in_by_the_link_and_is_listed(owned):
    (ann,) = owned("people", "--json").json["people"]
    assert (ann["email"], ann["name"], ann["roles"], ann["disabled_at"]) == (ANN, "Ann", ["owner"], None)
    assert f"{ANN} Ann owner" in owned("people").words
    assert enter(owned, ANN).person == ann["id"]


def test_a_link_leads_to_the_address_that_people_reach(install):
    said = install("people", "owner-link", "--public-url=https://keepsum.example/", "--json").json
    assert said["link"].startswith("https://keepsum.example/app/link#")
    said = install("people", "owner-link", "--host=::1", "--port=9000", "--json").json
    assert said["link"].startswith("http://[::1]:9000/app/link#")
    assert install("people", "owner-link", "--public-url=keepsum.example").code == 2


def test_without_a_mail_server_an_invitation_is_printed(owned):
    said = owned("people", "invite", BOB, "--role=viewer", "--role=collector", "--json").json
    assert (said["kind"], said["mailed"]) == ("invitation", False)
    use(owned, said["link"], name="Bob")
    bob = next(one for one in owned("people", "--json").json["people"] if one["email"] == BOB)
    assert (bob["name"], bob["roles"]) == ("Bob", ["viewer", "collector"])


def test_with_a_mail_server_a_link_goes_by_mail_and_is_not_printed(owned, tmp_path):
    made = certificate(tmp_path / "mail", HERE)
    with mail_server(security="starttls", context=made.context()) as (received, port):
        where = [
            f"--smtp-host={HERE}", f"--smtp-port={port}", f"--smtp-ca={made.authority}",
            "--smtp-from=keepsum@bakery.example", "--public-url=https://keepsum.example",
        ]  # fmt: skip
        said = owned("people", "invite", BOB, "--role=viewer", *where, "--json")
        reset = owned("people", "reset", ANN, *where)
    assert (said.code, said.json["mailed"], said.json["link"]) == (0, True, None)
    assert reset.words == "mailed; the link works once, until 2026-02-11 13:00 UTC"
    invitation, password = received.letters
    assert (invitation["To"], password["To"]) == (BOB, ANN)
    links = [re.search(r"https://keepsum\.example/app/link#\S+", one.get_content()) for one in received.letters]
    assert links[0]
    assert links[1]
    assert links[0][0] not in said.out
    assert links[1][0] not in reset.out
    use(owned, links[0][0], name="Bob")
    assert enter(owned, BOB)
    use(owned, links[1][0])


def test_the_mail_servers_password_may_be_a_stored_secret(owned, tmp_path, monkeypatch):
    from tests.mailing import PASSWORD as MAIL_PASSWORD
    from tests.mailing import USER

    made = certificate(tmp_path / "mail", HERE)
    with mail_server(security="starttls", context=made.context(), login=True) as (received, port):
        where = [
            f"--smtp-host={HERE}", f"--smtp-port={port}", f"--smtp-ca={made.authority}", f"--smtp-user={USER}",
            "--smtp-from=keepsum@bakery.example", "--public-url=https://keepsum.example",
        ]  # fmt: skip
        said = owned("people", "invite", BOB, "--role=viewer", *where)
        assert (said.code, said.err.partition(":")[0]) == (4, "keepsum")
        assert "MAIL_FAILED" in said.err
        assert BOB not in said.err
        feed(monkeypatch, MAIL_PASSWORD + "\n")
        owned("secrets", "set", "smtp_password", "--install")
        assert owned("people", "invite", BOB, "--role=viewer", *where).code == 0
    assert len(received.letters) == 1


def feed(monkeypatch, text):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_half_of_the_settings_of_a_mail_server_are_refused(owned):
    said = owned("people", "invite", BOB, "--role=viewer", "--smtp-host=mail.bakery.example")
    assert said.code == 2
    assert "MAIL_UNSET" in said.err


def test_roles_are_changed_by_address(owned):
    use(owned, owned("people", "invite", BOB, "--role=viewer", "--json").json["link"])
    said = owned("people", "roles", BOB, "--role=manager", "--actor=staff-7", "--team=north", "--json").json
    assert (said["roles"], said["actor"], said["team"]) == (["manager"], "staff-7", "north")
    assert "LAST_OWNER" in owned("people", "roles", ANN, "--role=viewer").err
    assert "UNKNOWN_ROLE" in owned("people", "roles", BOB, "--role=king").err
    assert "UNKNOWN_PERSON" in owned("people", "roles", "nobody@x.example", "--role=viewer").err
    assert "BAD_EMAIL" in owned("people", "roles", "nobody", "--role=viewer").err


def test_somebody_is_shut_out_let_in_again_and_removed(owned):
    use(owned, owned("people", "invite", BOB, "--role=admin", "--json").json["link"])
    enter(owned, BOB)
    assert "shut out; 1 session ended" in owned("people", "disable", BOB).words
    assert "disabled" in owned("people").words
    with pytest.raises(Exception, match="SIGN_IN_FAILED"):
        enter(owned, BOB)
    assert owned("people", "disable", BOB, "--undo").code == 0
    assert enter(owned, BOB)
    assert owned("people", "remove", BOB, "--json").json == {"removed": True, "sessions": 1, "tokens": []}
    assert [one["email"] for one in owned("people", "--json").json["people"]] == [ANN]


def test_no_address_or_name_is_in_any_byte_of_the_data_directory(owned):
    owned("people", "invite", BOB, "--role=viewer")
    content = b"".join(path.read_bytes() for path in (owned.folder / "data").rglob("*") if path.is_file())
    for marker in (ANN, BOB, "bakery.example", PASSWORD):
        assert marker.encode() not in content
