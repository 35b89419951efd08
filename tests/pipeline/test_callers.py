from dataclasses import replace

import pytest
from tests.accounts import DAY, NOON, Install, roles

from keepsum.model.access import Permission
from keepsum.model.errors import NotFound
from keepsum.pipeline.callers import IDLE, caller_of_session, caller_of_token
from keepsum.store import accounts, sessions, tokens


@pytest.fixture
def install(tmp_path):
    made = Install(tmp_path)
    yield made
    made.control.close()


def signed_in(install, person, *, workspace="default", until=NOON + 30 * DAY):
    with install.control.write() as connection:
        return sessions.begin(connection, person=person.id, workspace=workspace, now=NOON, until=until)


def by_token(install, text, now=NOON):
    return caller_of_token(install.control, text, roles=roles, now=now)


def by_session(install, cookie, now=NOON):
    return caller_of_session(install.control, cookie, roles=roles, now=now)


def test_a_token_is_a_caller_of_its_workspace_with_its_role_and_streams(install):
    made, text = install.token(workspace="north", role="collector", streams=frozenset(("sales",)))
    caller = by_token(install, text)
    assert caller is not None
    assert (caller.kind, caller.id, caller.workspace) == ("token", made.id, "north")
    assert (caller.roles, caller.permissions) == (("collector",), {Permission.COLLECT})
    assert caller.streams == {"sales"}


def test_a_token_that_was_stopped_or_ended_or_never_was_is_nobody(install):
    made, text = install.token(until=NOON + DAY)
    assert by_token(install, text) is not None
    assert by_token(install, text, NOON + DAY) is None
    assert by_token(install, tokens.new_text()) is None
    assert by_token(install, "nonsense") is None
    with install.control.write() as connection:
        tokens.revoke(connection, "default", (made.id,), now=NOON)
    assert by_token(install, text) is None


def test_a_role_that_no_pack_declares_any_more_gives_nothing(install):
    _, text = install.token(role="monitor")
    caller = by_token(install, text)
    assert caller is not None
    assert caller.permissions == frozenset()


def test_a_token_of_a_workspace_that_is_gone_is_nobody(install):
    _, text = install.token(workspace="gone")

    def none(name):
        raise NotFound("UNKNOWN_WORKSPACE", f"There is no workspace {name!r}.")

    assert caller_of_token(install.control, text, roles=none, now=NOON) is None


def test_a_session_is_the_person_with_the_roles_they_have_now(install):
    person = install.person(given=("viewer",), actor="staff-7", team="north")
    install.person("other@x.example", team="north", actor="staff-8")
    install.person("far@x.example", team="south", actor="staff-9")
    cookie = signed_in(install, person)
    found = by_session(install, cookie)
    assert found is not None
    assert (found.caller.kind, found.caller.id, found.caller.workspace) == ("person", person.id, "default")
    assert (found.caller.roles, found.caller.actor) == (("viewer",), "staff-7")
    assert found.caller.team == {"staff-7", "staff-8"}
    with install.control.write() as connection:
        member = accounts.member(connection, "default", person.id)
        assert member is not None
        accounts.put_member(connection, replace(member, roles=("owner",)))
    found = by_session(install, cookie)
    assert found is not None
    assert Permission.PEOPLE in found.caller.permissions


@pytest.mark.parametrize("way", ["ended", "over", "idle", "disabled", "no member", "no cookie", "a long cookie"])
def test_a_session_that_is_over_is_nobody(install, way):
    person = install.person()
    cookie = signed_in(install, person, until=NOON + 10 * DAY)
    assert by_session(install, cookie) is not None
    now = {"over": NOON + 10 * DAY, "idle": NOON + IDLE}.get(way, NOON)
    with install.control.write() as connection:
        if way == "ended":
            sessions.end(connection, cookie)
        if way == "disabled":
            accounts.set_disabled(connection, person.id, NOON)
        if way == "no member":
            accounts.remove_member(connection, "default", person.id)
        if way == "over":  # somebody who works all the time
            connection.exec_driver_sql("UPDATE sessions SET seen_at = ?", (now - 1,))
    cookie = {"no cookie": "", "a long cookie": "x" * 100_000}.get(way, cookie)
    assert by_session(install, cookie, now) is None


def test_a_session_in_use_goes_on(install):
    cookie = signed_in(install, install.person())
    found = by_session(install, cookie, NOON + IDLE - 1)
    assert found is not None
    sessions.note_seen(install.control, {found.session.hash: NOON + IDLE - 1})
    assert by_session(install, cookie, NOON + IDLE + DAY) is not None


def test_a_cookie_is_stored_nowhere_and_only_its_holder_knows_what_pages_send_along(install):
    cookie = signed_in(install, install.person())
    found = by_session(install, cookie)
    assert found is not None
    assert cookie.encode() not in install.bytes()
    assert found.csrf.encode() not in install.bytes()
