import re

import pytest
from tests.accounts import NOON, Install

from keepsum.store import tokens


@pytest.fixture
def install(tmp_path):
    made = Install(tmp_path)
    yield made
    made.control.close()


def test_a_token_has_a_form_that_scanners_can_look_for():
    text = tokens.new_text()
    assert re.fullmatch(r"keepsum_[0-9A-Za-z]{42}", text)
    assert len({tokens.new_text() for _ in range(100)}) == 100


def test_a_text_that_is_no_token_is_known_without_a_look_up():
    text = tokens.new_text()
    assert tokens.looks_right(text)
    other = "a" if text[20] != "a" else "b"
    for wrong in (text[:-1], text + "a", text[:20] + other + text[21:], text.upper(), "", "keepsum_", "x" * 100_000):
        assert not tokens.looks_right(wrong)


def test_a_token_is_found_by_its_text_only_and_its_text_is_stored_nowhere(install):
    made, text = install.token(streams=frozenset(("sales", "visits")))
    with install.control.read() as connection:
        assert tokens.find(connection, text) == made
        assert tokens.find(connection, tokens.new_text()) is None
    assert made.start == text[:12]
    assert text.encode() not in install.bytes()
    assert text[12:].encode() not in install.bytes()


def test_a_workspace_lists_and_stops_its_own_tokens_only(install):
    mine, _ = install.token()
    theirs, _ = install.token(workspace="other")
    with install.control.write() as connection:
        assert [one.id for one in tokens.listing(connection, "default")] == [mine.id]
        assert tokens.get(connection, "default", theirs.id) is None
        assert tokens.revoke(connection, "default", (theirs.id,), now=NOON) == []
        (stopped,) = tokens.revoke(connection, "default", (mine.id,), now=NOON)
        assert stopped.revoked_at == NOON
        assert tokens.revoke(connection, "default", (mine.id,), now=NOON + 5) == []
        assert tokens.get(connection, "default", mine.id) == stopped
        (other,) = tokens.listing(connection, "other")
    assert other.works(NOON)
    assert not stopped.works(NOON)


def test_what_was_made_with_a_token_stops_with_it(install):
    first, _ = install.token(made_by="01PERSON")
    chain = [first]
    for _ in range(1_500):  # more than a function may call itself
        made, _ = install.token(made_by=chain[-1].id)
        chain.append(made)
    apart, _ = install.token(made_by="01OTHER")
    north, _ = install.token(made_by="01PERSON", workspace="north")
    with install.control.write() as connection:
        stopped = tokens.revoke_made_by(connection, "default", "01PERSON", now=NOON)
        assert {one.id for one in stopped} == {one.id for one in chain}
        assert [one.id for one in tokens.listing(connection, "default") if one.works(NOON)] == [apart.id]
        assert tokens.listing(connection, "north") == [north]


def test_a_token_works_until_its_end(install):
    made, _ = install.token(until=NOON + 10)
    assert made.works(NOON + 9)
    assert not made.works(NOON + 10)


def test_when_tokens_were_used_is_written_in_one_go(install):
    (one, _), (other, _) = install.token(), install.token()
    tokens.note_used(install.control, {one.id: NOON + 1, other.id: NOON + 2})
    tokens.note_used(install.control, {})
    with install.control.read() as connection:
        assert {t.id: t.used_at for t in tokens.listing(connection, "default")} == {
            one.id: NOON + 1,
            other.id: NOON + 2,
        }
