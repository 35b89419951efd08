import pytest
from tests.control_file import open_control

from keepsum.model.access import machine
from keepsum.model.audit import Kind, Origin
from keepsum.model.errors import NotFound
from keepsum.pipeline import audit
from keepsum.store.audit import A_DAY, Wanted

OWNER = machine("shop")
HERE, THERE = Origin(mark="a" * 16, network="192.0.2.0/24"), Origin(mark="b" * 16, network="198.51.100.0/24")


@pytest.fixture
def control(tmp_path):
    made = open_control(tmp_path / "control.db")
    yield made
    made.close()


def tamper(control, sql):
    with control.write() as connection:
        assert connection.exec_driver_sql(sql).rowcount


def codes(verdict):
    return [finding.code for finding in verdict.findings]


def test_an_event_says_who_did_what_in_which_workspace_and_from_where(control):
    audit.record(control, Kind.TOKEN_MADE, OWNER, {"token": "t-1"}, now=7, origin=HERE)
    audit.record(control, Kind.WORKSPACE_CREATED, OWNER, now=8, workspace="other")
    audit.record(control, Kind.SIGN_IN_FAILED, None, now=9, origin=THERE)
    failed, created, made = audit.page(control)
    assert (made.kind, made.workspace, made.caller_kind, made.caller) == (Kind.TOKEN_MADE, "shop", "machine", "machine")
    assert (made.at, made.body, made.origin) == (7, {"token": "t-1"}, HERE)
    assert (created.workspace, created.origin) == ("other", None)
    assert (failed.workspace, failed.caller, failed.origin) == (None, None, THERE)


def test_what_is_about_the_install_is_in_no_workspace(control):
    audit.record(control, Kind.KEYS_ROTATED, OWNER, now=7)
    (event,) = audit.page(control)
    assert event.workspace is None
    assert audit.page(control, Wanted(workspace="shop")) == []


def test_an_event_of_a_step_that_fails_is_not_kept(control):
    def fail():
        with control.write() as connection:
            audit.note(connection, Kind.TOKEN_MADE, OWNER, now=7)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert audit.page(control) == []
    assert audit.verify(control).ok


def test_a_token_is_noted_once_for_each_address(control):
    told = [audit.note_address(control, OWNER, origin, now=1) for origin in (HERE, HERE, THERE, HERE, THERE)]
    assert told == [True, False, True, False, False]
    assert [event.origin for event in audit.page(control)] == [THERE, HERE]


def test_a_process_asks_the_log_about_an_address_once_and_forgets_the_oldest_when_there_are_many():
    met = audit.Addresses(most=2)
    told = [met.meet(*who) for who in (("t", "a"), ("t", "a"), ("t", "b"), ("u", "a"), ("t", "b"), ("t", "a"))]
    assert told == [True, False, True, True, False, True]


def test_pages_follow_each_other_by_hash_and_never_into_another_workspace(control):
    for place in range(6):
        audit.record(
            control, Kind.SIGNED_IN, OWNER, {"place": place}, now=place, workspace="shop" if place % 2 else "x"
        )
    mine = Wanted(workspace="shop")
    first = audit.page(control, mine, limit=2)
    rest = audit.page(control, mine, before=first[-1].hash)
    assert [event.body["place"] for event in first + rest] == [5, 3, 1]
    strange = audit.page(control, Wanted(workspace="x"))[0].hash
    for unknown in (strange, "0" * 64, ""):
        with pytest.raises(NotFound) as caught:
            audit.page(control, mine, before=unknown)
        assert caught.value.code == "UNKNOWN_EVENT"


def test_a_log_that_holds_says_so_also_after_some_of_it_expired(control):
    for place in range(4):
        audit.record(control, Kind.SIGNED_IN, OWNER, now=place * A_DAY)
    head = audit.page(control)[0].hash
    assert audit.verify(control, head=head) == audit.Verdict(ok=True, events=4, head=head)
    assert audit.expire(control, now=102 * A_DAY, keep=100) == 2
    verdict = audit.verify(control, head=head)
    assert (verdict.ok, verdict.events) == (True, 3)
    assert audit.page(control)[0].kind is Kind.EXPIRED


def test_a_changed_log_is_found(control):
    for place in range(4):
        audit.record(control, Kind.SIGNED_IN, OWNER, now=place)
    tamper(control, "UPDATE audit SET caller = 'other' WHERE seq = 2")
    verdict = audit.verify(control)
    assert (verdict.ok, codes(verdict), verdict.findings[0].where) == (False, ["CHAIN_BROKEN"], "event 2")


def test_a_kept_head_finds_a_log_that_was_written_anew(control):
    audit.record(control, Kind.SIGNED_IN, OWNER, now=1)
    head = audit.verify(control).head
    tamper(control, "DELETE FROM audit")
    tamper(control, "DELETE FROM audit_head")
    audit.record(control, Kind.SIGNED_OUT, OWNER, now=1)
    assert audit.verify(control).ok
    assert codes(audit.verify(control, head=head)) == ["HEAD_UNKNOWN"]


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"through": "x", "hash": 1}', "1"])
def test_an_expiry_that_cannot_be_read_is_found(control, body):
    audit.record(control, Kind.SIGNED_IN, OWNER, now=1)
    audit.expire(control, now=100 * A_DAY, keep=50)
    tamper(control, f"UPDATE audit SET body = '{body}'")
    assert not audit.verify(control).ok
