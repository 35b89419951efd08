import pytest
from tests.served import order, problem_of

from keepsum.model.ledger import GENESIS, canonical, link


@pytest.fixture
def sealed(served):
    served.send([order(), order(at="2026-01-30T10:00:00Z")])
    served.house.at("2026-02-01T12:00").roll()
    return served


def test_the_chain_can_be_checked_from_what_is_shown(sealed):
    found = sealed.get("/v1/ledger").json()
    previous = GENESIS
    for entry in found["entries"]:
        assert entry["previous"] == previous
        text = canonical(entry["body"])
        told = (entry["at_microseconds"], entry["kind"], entry["stream"], entry["day_number"])
        previous = link(entry["seq"], *told, text, previous)
        assert entry["hash"] == previous
    assert found["head"]["hash"] == previous
    assert [entry["kind"] for entry in found["entries"]] == ["opened", "sealed", "sealed"]


def test_the_ledger_is_read_on_from_where_one_stopped(sealed):
    first = sealed.get("/v1/ledger", limit=2).json()
    rest = sealed.get("/v1/ledger", after=first["entries"][-1]["seq"]).json()
    assert [e["seq"] for e in first["entries"] + rest["entries"]] == [1, 2, 3]
    assert sealed.get("/v1/ledger", after=3).json()["entries"] == []


def test_entries_of_one_kind_are_read_alone(sealed):
    found = sealed.get("/v1/ledger", kind="sealed").json()
    assert ([entry["seq"] for entry in found["entries"]], found["head"]["seq"]) == ([2, 3], 3)
    assert sealed.get("/v1/ledger", kind="closed").json()["entries"] == []


def test_the_head_is_the_newest_entry(sealed):
    head = sealed.get("/v1/ledger/head").json()
    last = sealed.get("/v1/ledger").json()["entries"][-1]
    assert head == {"seq": last["seq"], "hash": last["hash"], "at": last["at"]}
    assert last["at"] == "2026-02-01T12:00:00Z"


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=99999999999999999999", "kind=sold", "limit=0", "limit=100000"]
)
def test_a_part_that_cannot_be_is_refused(shared, query):
    problem_of(shared.get(f"/v1/ledger?{query}"), 400, "BAD_PARAMETER")
    problem_of(shared.get("/v1/ledger?since=1"), 400, "UNKNOWN_PARAMETER")
    problem_of(shared.get("/v1/ledger/head?after=1"), 400, "UNKNOWN_PARAMETER")
