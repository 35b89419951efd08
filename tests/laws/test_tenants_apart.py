"""Whatever two workspaces are sent, each answers as if it were alone, in figures and in what it does not know."""

import tempfile
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.systems import ASKED_SHOP, House, sale
from tests.tenants import ask, create, fill, roll

from keepsum.model.errors import NotFound
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import jobs, workspaces

FEW = settings(max_examples=max(settings().max_examples // 12, 4))
DAYS = ("2026-02-01", "2026-02-02")
# The same few keys, people and invoices on both sides, so that anything shared would show.
SALES = st.dictionaries(
    st.tuples(st.sampled_from(DAYS), st.integers(0, 9)),
    st.fixed_dictionaries(
        {"buyer": st.sampled_from(["ann", "bob", "cy"]), "amount": st.integers(-99, 99), "place": st.sampled_from("yh")}
    ),
    max_size=12,
)
ASKED = {"by": ["place"], "grain": "day", "first": DAYS[0], "last": DAYS[-1]}


def records_of(drawn):
    return [sale(f"key {n}", day, invoice=f"{day} {n}", **fields) for (day, n), fields in drawn.items()]


def expected(drawn):
    """By day and place, how many sales there were and what they came to."""
    counts, amounts = Counter(), Counter()
    for (day, _), fields in drawn.items():
        counts[day, fields["place"]] += 1
        amounts[day, fields["place"]] += fields["amount"]
    return {key: (count, amounts[key]) for key, count in counts.items()}


def answered(system):
    rows = ask(system, ["sales", "amount"], **ASKED).rows
    return {(day, place): (count, amount) for day, place, count, amount in rows if count}


@FEW
@given(st.lists(st.tuples(SALES, SALES), min_size=2, max_size=2))
def test_what_one_workspace_is_sent_another_never_shows(drawn):
    with tempfile.TemporaryDirectory() as folder, closing(House(Path(folder) / "house", ASKED_SHOP)) as house:
        install = house.at("2026-02-02T23:00:00Z").install
        sides = dict(zip((create(install, "one"), create(install, "two")), drawn, strict=True))
        wanted = {identity: {**first, **second} for identity, (first, second) in sides.items()}
        for part in (0, 1):  # in turns, so that one's day is open while the other's is written
            for identity, sent in sides.items():
                fresh = {k: v for k, v in sent[part].items() if part == 0 or k not in sent[0]}
                wanted[identity] = {**sent[0], **(fresh if part else {})}
                if fresh:
                    assert fill(install, identity, *records_of(fresh)).rejected == 0
        assert {identity: answered(install.system(identity)) for identity in sides} == {
            identity: expected(one) for identity, one in wanted.items()
        }
        house.at("2026-02-04T12:00:00Z")
        for identity in sides:
            roll(install, identity)
        for identity, one in wanted.items():
            system = install.system(identity)
            assert answered(system) == expected(one)
            assert verify_ledger(system.workspace, deep=True).ok


def test_a_job_of_another_workspace_is_as_unknown_as_none(tmp_path):
    with closing(House(tmp_path, ASKED_SHOP)) as house:
        one, two = (create(house.install, name) for name in ("one", "two"))
        number = jobs.enqueue(house.install.control, one, "roll", {}, "test", house.clock())
        told = set()
        for workspace, asked in ((two, number), (two, number + 100), ("default", number)):
            with pytest.raises(NotFound) as refused:
                jobs.get(house.install.control, workspace, asked)
            told.add(refused.value.message.replace(str(asked), "N"))
        assert len(told) == 1
        assert jobs.get(house.install.control, one, number).job == "roll"
        assert jobs.listing(house.install.control, two) == []
        assert jobs.enqueue(house.install.control, two, "roll", {}, "test", house.clock()) == number


def test_looking_for_a_workspace_takes_the_same_statements_whether_it_is_there_or_not(tmp_path):
    with closing(House(tmp_path, ASKED_SHOP)) as house:
        control, there = house.install.control, create(house.install, "one")
        with control.read() as connection:
            raw = connection.connection.driver_connection
        said = {asked: statements(raw, control, asked) for asked in (there, "nobody")}
        assert said[there] == said["nobody"]
        assert len(said["nobody"]) == 3  # begin, one look, end


def statements(raw, control, asked):
    found = []
    raw.set_trace_callback(lambda text: found.append(text.replace(asked, "ID")))
    try:
        with suppress(NotFound):
            workspaces.get(control, asked)
    finally:
        raw.set_trace_callback(None)
    return found
