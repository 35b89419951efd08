from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.accounts import DAY, EMAIL, HASHED, NOON, PASSWORD, PASSWORDS, Install, catalog, roles

from keepsum.model.audit import Kind
from keepsum.model.errors import Forbidden, NotFound
from keepsum.pipeline.accounts import Accounts
from keepsum.pipeline.callers import caller_of_session
from keepsum.pipeline.passwords import Passwords
from keepsum.pipeline.sign_in import (
    ACCOUNT,
    ADDRESS,
    DEVICE,
    LONGEST_SESSION,
    PAIR,
    Attempt,
    TooManyAttempts,
    place_of,
    sign_in,
    sign_out,
    sign_out_everywhere,
    switch,
)
from keepsum.store import accounts as store
from keepsum.store.attempts import WINDOW

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
WRONG = "not the right password"


@pytest.fixture
def install(tmp_path):
    made = Install(tmp_path)
    yield made
    made.control.close()


@pytest.fixture
def person(install):
    return install.person()


def enter(install, password=PASSWORD, *, email=EMAIL, address=HOME, device=None, now=NOON, **how):
    attempt = Attempt(email=email, password=password, address=address, device=device)
    return sign_in(install.accounts, attempt, now=now, **how)


def tried(install, password=WRONG, **how):
    """What an attempt is answered: its code, or that it was let in."""
    try:
        enter(install, password, **how)
    except (Forbidden, TooManyAttempts) as error:
        return error.code
    return "in"


def caller(install, cookie, now=NOON):
    found = caller_of_session(install.control, cookie, roles=roles, now=now)
    return found and found.caller


def test_the_right_password_begins_a_session(install, person):
    entry = enter(install, email=f" {EMAIL.upper()} ")
    assert (entry.person, entry.workspace, entry.until) == (person.id, "default", NOON + LONGEST_SESSION)
    found = caller_of_session(install.control, entry.cookie, roles=roles, now=NOON)
    assert found is not None
    assert (found.caller.id, found.csrf) == (person.id, entry.csrf)
    for secret in (entry.cookie, entry.csrf, entry.device, PASSWORD, EMAIL):
        assert secret.encode() not in install.bytes()


def test_a_wrong_password_an_unknown_address_and_somebody_shut_out_get_one_answer(install, person):
    shut = install.person("shut@x.example")
    nobody = install.person("new@x.example", password=None)
    with install.control.write() as connection:
        store.set_disabled(connection, shut.id, NOON)
    asked = [(EMAIL, WRONG), ("nobody@x.example", PASSWORD), (shut.email, PASSWORD), (nobody.email, PASSWORD), ("", "")]
    said = set()
    for email, password in asked:
        with pytest.raises(Forbidden) as caught:
            enter(install, password, email=email)
        said.add(str(caught.value))
    assert said == {"SIGN_IN_FAILED: The address or the password is not right."}


def test_an_unknown_address_costs_as_much_as_a_known_one(install, person):
    class Counted(Passwords):
        compared = 0

        def matches(self, stored, password):
            self.compared += 1
            return super().matches(stored, password)

    def cost(email):
        counted = Counted(memory=64)
        accounts = Accounts(control=install.control, vault=install.vault, passwords=counted, catalog=catalog)
        writes = install.control.path.with_name("control.db-wal").stat().st_size
        with pytest.raises(Forbidden):
            sign_in(accounts, Attempt(email=email, password=WRONG, address=HOME), now=NOON)
        return counted.compared, install.control.path.with_name("control.db-wal").stat().st_size > writes

    assert cost(EMAIL) == cost("nobody@x.example") == (1, True)


def test_who_guesses_from_one_address_has_to_wait_and_keeps_nobody_else_out(install, person):
    said = [tried(install, address=ELSEWHERE) for _ in range(PAIR + 3)]
    assert said == ["SIGN_IN_FAILED"] * PAIR + ["TOO_MANY_ATTEMPTS"] * 3
    assert tried(install, PASSWORD, address=ELSEWHERE) == "TOO_MANY_ATTEMPTS"
    assert tried(install, PASSWORD, address=HOME) == "in"


def test_waiting_ends_and_is_said_in_seconds(install, person):
    for _ in range(PAIR):
        tried(install)
    with pytest.raises(TooManyAttempts) as caught:
        enter(install, now=NOON + WINDOW - 2_500_000)
    assert caught.value.seconds == 3
    assert tried(install, PASSWORD, now=NOON + WINDOW) == "in"


def test_knocking_on_a_shut_door_does_not_keep_it_shut(install, person):
    for step in range(100):
        tried(install, now=NOON + step * WINDOW // 100)
    assert tried(install, PASSWORD, now=NOON + WINDOW) == "in"


def test_an_attack_from_many_addresses_keeps_out_new_devices_only(install, person):
    device = enter(install).device
    said = [tried(install, address=f"203.0.113.{n}") for n in range(ACCOUNT + 5)]
    assert said == ["SIGN_IN_FAILED"] * ACCOUNT + ["TOO_MANY_ATTEMPTS"] * 5
    assert tried(install, PASSWORD, address="203.0.113.250") == "TOO_MANY_ATTEMPTS"
    assert tried(install, PASSWORD, device=device) == "in"
    assert tried(install, PASSWORD, device=device, address="203.0.113.250") == "in"


def test_a_device_of_somebody_else_is_no_known_device(install, person):
    install.person("eve@x.example")
    theirs = enter(install, email="eve@x.example", address=ELSEWHERE).device
    nonce, _, signature = enter(install).device.partition(".")
    for n in range(ACCOUNT):
        tried(install, address=f"203.0.113.{n}")
    for device in (theirs, f"{nonce}x.{signature}", f"{nonce}.", ".", "", "x" * 100_000, "é.é"):
        assert tried(install, PASSWORD, device=device) == "TOO_MANY_ATTEMPTS"


def test_a_stolen_device_cookie_gives_a_few_guesses_only(install, person):
    device = enter(install).device
    said = [tried(install, address=f"203.0.113.{n}", device=device) for n in range(DEVICE + 1)]
    assert said == ["SIGN_IN_FAILED"] * DEVICE + ["TOO_MANY_ATTEMPTS"]
    assert tried(install, PASSWORD) == "in"


def test_who_tries_many_accounts_from_one_address_has_to_wait(install, person):
    said = [tried(install, email=f"p{n}@x.example", address=ELSEWHERE) for n in range(ADDRESS + 1)]
    assert said == ["SIGN_IN_FAILED"] * ADDRESS + ["TOO_MANY_ATTEMPTS"]
    assert tried(install, PASSWORD) == "in"


def test_many_attempts_at_once_are_no_more_than_one_after_the_other(install, person):
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: tried(install), range(PAIR * 3)))
    assert said.count("SIGN_IN_FAILED") == PAIR


def test_signing_in_forgives_what_was_tried_before(install, person):
    for _ in range(PAIR * 3):
        said = [tried(install) for _ in range(PAIR - 1)]
        assert said == ["SIGN_IN_FAILED"] * (PAIR - 1)
        assert tried(install, PASSWORD) == "in"
        with install.control.write() as connection:  # what counts for the account from everywhere is another test
            connection.exec_driver_sql("DELETE FROM attempts WHERE count > ?", (PAIR,))


def test_one_customers_whole_network_of_long_addresses_counts_as_one(install, person):
    assert place_of("2001:db8:1:2:3::4") == place_of("2001:db8:1:2:ffff::1") != place_of("2001:db8:1:3::1")
    assert place_of("::ffff:192.0.2.1") == place_of("192.0.2.1") == "192.0.2.1"
    assert place_of("fe80::1%eth0") == "fe80::/64"
    assert place_of(None) == place_of("testclient") == "unknown"


def test_no_attempt_leaves_an_address_or_an_account_in_any_byte(install, person):
    tried(install, email="guessed@victim.example", address=ELSEWHERE)
    content = install.bytes()
    assert not any(text.encode() in content for text in ("guessed", "victim", ELSEWHERE, EMAIL, WRONG))


def test_a_session_is_for_the_first_workspace_or_the_one_that_is_asked_for(install, person):
    with install.control.write() as connection:
        mine = {"person": person.id, "roles": ("viewer",), "actor": None, "team": None}
        store.put_member(connection, store.Member(workspace="another", created_at=NOON + 1, **mine))
    assert enter(install).workspace == "default"
    entry = enter(install, workspace="another")
    assert entry.workspace == "another"
    with pytest.raises(NotFound, match=r"^UNKNOWN_WORKSPACE: There is no workspace 'north'\.$"):
        enter(install, workspace="north")
    with pytest.raises(NotFound, match="UNKNOWN_WORKSPACE"):
        switch(install.accounts, entry.cookie, "north")
    switch(install.accounts, entry.cookie, "default")
    found = caller(install, entry.cookie)
    assert found is not None
    assert (found.workspace, found.roles) == ("default", ("owner",))


def test_somebody_who_is_in_no_workspace_is_told_so(install, person):
    with install.control.write() as connection:
        store.remove_member(connection, "default", person.id)
    with pytest.raises(Forbidden, match="NO_WORKSPACE"):
        enter(install)


def test_signing_out_ends_this_session_and_everywhere_ends_all(install, person):
    cookies = [enter(install).cookie for _ in range(3)]
    sign_out(install.accounts, cookies[0], now=NOON)
    sign_out(install.accounts, "no such cookie", now=NOON)
    assert [caller(install, cookie) is not None for cookie in cookies] == [False, True, True]
    assert sign_out_everywhere(install.accounts, person.id, "default", now=NOON) == 2
    assert not any(caller(install, cookie) for cookie in cookies)


def test_a_password_that_changes_while_it_is_looked_at_opens_nothing(install, person):
    class Changing(Passwords):
        def matches(self, stored, password):
            with install.control.write() as connection:
                store.set_password(connection, person.id, HASHED + "x")
            return super().matches(stored, password)

    accounts = Accounts(control=install.control, vault=install.vault, passwords=Changing(memory=64), catalog=catalog)
    with pytest.raises(Forbidden, match="SIGN_IN_FAILED"):
        sign_in(accounts, Attempt(email=EMAIL, password=PASSWORD), now=NOON)


def test_a_hash_of_an_older_cost_is_made_anew(install, person):
    accounts = Accounts(control=install.control, vault=install.vault, passwords=Passwords(memory=128), catalog=catalog)
    assert sign_in(accounts, Attempt(email=EMAIL, password=PASSWORD), now=NOON)
    with install.control.read() as connection:
        found = store.person(connection, install.vault.under(connection), person.id)
    assert found is not None
    assert found.password is not None
    assert "m=128" in found.password
    assert not PASSWORDS.matches(found.password, WRONG)


def test_sessions_that_are_over_are_deleted(install, person):
    enter(install)
    enter(install, now=NOON + LONGEST_SESSION + DAY)
    with install.control.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar() == 1


def test_the_audit_log_has_who_came_and_that_somebody_failed(install, person):
    tried(install, address=ELSEWHERE)
    tried(install, email="nobody@x.example")
    entry = enter(install)
    sign_out(install.accounts, entry.cookie, address=HOME, now=NOON)
    failed = install.events(Kind.SIGN_IN_FAILED)
    assert [(event.workspace, event.body) for event in failed] == [("default", {"person": person.id}), (None, {})]
    assert failed[0].origin is not None
    assert failed[0].origin.network == "198.51.100.0/24"
    (came,) = install.events(Kind.SIGNED_IN)
    assert (came.caller_kind, came.caller, came.workspace) == ("person", person.id, "default")
    assert len(install.events(Kind.SIGNED_OUT)) == 1
