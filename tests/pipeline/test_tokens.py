from dataclasses import replace

import pytest
from tests.accounts import DAY, NOON, Install, roles

from keepsum.engine import access
from keepsum.model.access import ROLES, machine
from keepsum.model.audit import Kind
from keepsum.model.errors import KeepsumError
from keepsum.pipeline import links, tokens
from keepsum.pipeline.callers import caller_of_token

ADMIN = access.caller("person", "01ADMIN", "default", ("admin",), ROLES)


@pytest.fixture
def install(tmp_path):
    made = Install(tmp_path)
    yield made
    made.control.close()


def make(install, caller=ADMIN, name="nightly import", role="collector", **how):
    return tokens.make(install.accounts, caller, name, role, now=NOON, **how)


def code(*args, **how):
    with pytest.raises(KeepsumError) as caught:
        make(*args, **how)
    return caught.value.code


def test_a_token_is_shown_once_and_listed_without_its_text(install):
    made = make(install, streams=frozenset(("sales",)), days=30)
    (listed,) = tokens.listing(install.accounts, ADMIN)
    assert listed == made.token
    assert (listed.name, listed.role, listed.streams, listed.until) == (
        "nightly import", "collector", {"sales"}, NOON + 30 * DAY,
    )  # fmt: skip
    assert made.text not in repr(made) + repr(listed)
    assert made.text.encode() not in install.bytes()
    assert caller_of_token(install.control, made.text, roles=roles, now=NOON) is not None


def test_a_token_ends_when_it_was_said_to_or_never(install):
    ending, endless = make(install, days=1), make(install, days=None)
    assert caller_of_token(install.control, ending.text, roles=roles, now=NOON + DAY - 1) is not None
    assert caller_of_token(install.control, ending.text, roles=roles, now=NOON + DAY) is None
    assert caller_of_token(install.control, endless.text, roles=roles, now=NOON + 5_000 * DAY) is not None


def test_a_token_that_is_stopped_opens_nothing_any_more(install):
    made = make(install)
    (stopped,) = tokens.revoke(install.accounts, ADMIN, made.token.id, now=NOON + 5)
    assert stopped.revoked_at == NOON + 5
    assert caller_of_token(install.control, made.text, roles=roles, now=NOON) is None
    with pytest.raises(KeepsumError, match="UNKNOWN_TOKEN"):
        tokens.revoke(install.accounts, machine("north"), made.token.id, now=NOON)
    assert [event.kind for event in install.events()] == [Kind.TOKEN_MADE, Kind.TOKEN_REVOKED]
    assert install.events()[0].body == {"token": made.token.id, "role": "collector", "streams": None}


def test_what_was_given_out_with_a_token_stops_with_it(install):
    leaked = make(install, machine("default"), role="owner")
    caller = caller_of_token(install.control, leaked.text, roles=roles, now=NOON)
    assert caller is not None
    hidden, other = make(install, caller, role="owner"), make(install)
    link = links.invite(install.accounts, caller, "eve@x.example", ("owner",), now=NOON)
    stopped = tokens.revoke(install.accounts, ADMIN, leaked.token.id, now=NOON)
    assert [one.id for one in stopped] == [leaked.token.id, hidden.token.id]
    assert caller_of_token(install.control, hidden.text, roles=roles, now=NOON) is None
    assert caller_of_token(install.control, other.text, roles=roles, now=NOON) is not None
    with pytest.raises(KeepsumError, match="LINK_INVALID"):
        links.look(install.accounts, link.text, now=NOON)
    (event,) = install.events(Kind.TOKEN_REVOKED)
    assert event.body == {"token": leaked.token.id, "tokens": [hidden.token.id]}


def test_nobody_makes_a_token_that_may_more_than_they(install):
    assert code(install, role="owner") == "ROLE_TOO_WIDE"
    assert code(install, role="king") == "UNKNOWN_ROLE"
    assert code(install, access.caller("person", "01X", "default", ("manager",), ROLES)) == "NOT_PERMITTED"
    assert make(install, machine("default"), role="owner")


def test_a_token_for_some_streams_makes_none(install):
    narrow = replace(ADMIN, streams=frozenset(("sales",)))
    assert code(install, narrow, streams=frozenset(("sales",))) == "NOT_PERMITTED"


def test_the_streams_of_a_token_are_streams_there_are(install):
    assert code(install, streams=frozenset(("sales", "sails"))) == "UNKNOWN_STREAM"
    assert make(install, streams=frozenset[str]()).token.streams == frozenset()


@pytest.mark.parametrize(
    ("how", "expected"), [({"name": " "}, "BAD_NAME"), ({"days": 0}, "BAD_DAYS"), ({"days": 4_000}, "BAD_DAYS")]
)
def test_a_token_needs_a_name_and_an_end_within_reason(install, how, expected):
    assert code(install, **how) == expected
    assert tokens.listing(install.accounts, ADMIN) == []
