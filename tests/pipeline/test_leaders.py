"""People by name: for whom they are shown to, and as long as their records live."""

from dataclasses import replace

import pytest
from tests.shops import PACK
from tests.systems import House, sale

from keepsum import Grant, Permission, Role, last
from keepsum.engine import access
from keepsum.model.access import ROLES, machine
from keepsum.model.audit import Kind
from keepsum.model.errors import Forbidden, Invalid, NotFound, Unavailable
from keepsum.pipeline import audit
from keepsum.pipeline.leaders import leaders

RANGE = {"from": "2026-02-01", "to": "2026-02-03"}
PEOPLE = Role("people", permissions=(Permission.READ, Permission.PERSONAL, Permission.SMALL_GROUPS))


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, PACK, now="2026-02-04T12:00:00Z")
    house.collect(
        sale(1, buyer="ann", amount=5, note="first"), sale(2, buyer="bob", amount=9, way="cash"),
        sale(3, "2026-02-02", buyer="ann", amount=7, note="second"), sale(4, "2026-02-03", buyer="cat", amount=1),
        sale(5, "2026-02-04", buyer="cat", amount=99),
    )  # fmt: skip
    yield house
    house.close()


def asked(house, metric="amount", caller=None, **more):
    who = caller or machine("default")
    return leaders(house.workspace, {"metric": metric, **RANGE, **more}, caller=who, now=house.clock())


def who(*found, **more):
    return [(one.subject, one.value) for one in asked(*found, **more)]


def caller(*roles):
    return access.caller("token", "t", "default", [r.name for r in roles], {**ROLES, **{r.name: r for r in roles}})


def test_people_are_ranked_by_what_their_records_of_the_range_come_to(house):
    assert who(house) == [("ann", 12), ("bob", 9), ("cat", 1)]
    assert who(house, top=1) == [("ann", 12)]
    assert who(house, "card") == [("ann", 2), ("cat", 1)]


def test_records_in_files_are_ranked_as_those_in_the_tail(house):
    before = asked(house, fields=("note",))
    house.roll()
    assert asked(house, fields=("note",)) == before


def test_fields_are_those_of_the_last_record_of_the_range(house):
    assert [one.fields for one in asked(house, fields=("note", "way"))] == [
        {"note": "second", "way": "card"}, {"note": None, "way": "cash"}, {"note": None, "way": "card"},
    ]  # fmt: skip


def test_every_look_is_noted_without_a_value_of_a_record(house):
    asked(house, fields=("note",), top=2)
    (event,) = audit.page(house.install.control, audit.wanted(kind=Kind.PERSONAL_READ))
    assert event.body == {
        "stream": "sales", "metric": "amount", "from": "2026-02-01", "to": "2026-02-03", "fields": ["note"],
        "people": 2,
    }  # fmt: skip
    assert (event.caller_kind, event.caller) == ("machine", "machine")


def test_people_of_days_that_are_purged_are_refused_naming_from_when_on_records_live(house):
    house.at("2026-02-10").roll()
    house.at("2026-03-05").purge()
    with pytest.raises(NotFound, match=r"RECORDS_PURGED.*up to 2026-02-02 are deleted.*from 2026-02-03 on"):
        asked(house)
    assert who(house, **{"from": "2026-02-03"}) == [("cat", 1)]


def test_a_range_without_records_has_nobody(house):
    assert who(house, **{"from": "2026-01-01", "to": "2026-01-31"}) == []


def test_records_that_cannot_be_read_are_no_list_at_all(house):
    house.roll()
    house.lose_files()
    with pytest.raises(Unavailable, match="RECORDS_DAMAGED"):
        asked(house)


@pytest.mark.parametrize(
    "roles",
    [
        (ROLES["manager"],),
        (replace(PEOPLE, grants=(Grant("metric:amount"),)),),
        (replace(PEOPLE, permissions=(Permission.READ, Permission.PERSONAL), grants=(Grant("*"),)),),
        (replace(PEOPLE, grants=(Grant("*", reach=last(2)),)),),
        (replace(PEOPLE, grants=(Grant("*"), Grant("metric:amount", reach=last(2)))),),
    ],
    ids=["no people", "no records", "no small groups", "few days", "few days of the metric"],
)
def test_who_is_not_shown_all_records_is_shown_no_people(house, roles):
    with pytest.raises(Forbidden):
        asked(house, caller=caller(*roles))
    assert audit.page(house.install.control, audit.wanted(kind=Kind.PERSONAL_READ)) == []


def test_who_is_shown_all_records_and_may_see_people_is_shown_them(house):
    assert who(house, caller=caller(replace(PEOPLE, grants=(Grant("*"),)))) == who(house)
    assert who(house, caller=caller(ROLES["admin"])) == who(house)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"metric": "nothing"}, "UNKNOWN_METRIC"),
        ({"metric": "buyers"}, "NOT_OF_PEOPLE"),
        ({"metric": None}, "MISSING_PARAMETER"),
        ({"from": None}, "MISSING_PARAMETER"),
        ({"to": "2026-01-01"}, "RANGE_REVERSED"),
        ({"top": 0}, "TOP_OUT_OF_RANGE"),
        ({"top": 1_001}, "TOP_OUT_OF_RANGE"),
        ({"top": "all"}, "TOP_OUT_OF_RANGE"),
        ({"fields": ("colour",)}, "UNKNOWN_FIELD"),
        ({"fields": ("pin",)}, "UNKNOWN_FIELD"),
        ({"where": {}}, "UNKNOWN_PARAMETER"),
    ],
)
def test_a_question_without_meaning_is_an_error(house, given, code):
    with pytest.raises((Invalid, NotFound), match=code):
        asked(house, **given)
