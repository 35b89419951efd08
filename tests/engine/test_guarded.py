"""Where a guarded caller's figures come from."""

from dataclasses import dataclass

from tests.asking import FIRST, PLACES, TOTAL, group, source_of

from keepsum.engine.guarded import route
from keepsum.engine.route import Standing

COARSE, FINE = source_of(TOTAL, 1), source_of(PLACES, 2)
TODAY = FIRST + 4


@dataclass(frozen=True)
class Shown:
    day: int
    state: str
    at: int


def shown(*states):
    """Published days from the first on: a state, or the number of the day that one joined."""
    return tuple(
        Shown(FIRST + i, "joined", FIRST + s) if isinstance(s, int) else Shown(FIRST + i, s, FIRST + i)
        for i, s in enumerate(states)
    )


def days(*numbers):
    return frozenset(FIRST + number for number in numbers)


def routed(*metrics, published=None, standing=None, corrections=None, **more):
    states = {
        COARSE.table: shown("open", "open", "closed", "open"),
        FINE.table: shown("open", "open", "closed", "open"),
    }
    asked = group(*metrics, **({"last": 4} | more))
    stands = standing or Standing(
        start=FIRST, today=TODAY, sealed=days(0, 1, 2, 3), purged=days(0, 1), collected=days(0, 1, 2, 3, 4)
    )
    found = route(asked, stands, (COARSE, FINE), states if published is None else published, corrections)
    return found[0]


def legs(found):
    return [(leg.fit and leg.fit.source.rollup, sorted(day - FIRST for day in leg.days)) for leg in found.legs]


def test_published_days_come_from_atoms_and_today_from_steps():
    found = routed("revenue")
    assert legs(found) == [("total", [0, 1, 2, 3]), (None, [4])]
    assert all(leg.is_atoms for leg in found.legs)


def test_smallest_and_largest_are_never_shown():
    for metric in ("cheapest", "dearest"):
        found = routed(metric)
        assert (str(found.refusal), found.legs) == ("GUARDED_MEASURE", ())


def test_uniques_different_values_and_quantiles_are_shown_of_the_total_only():
    for metric in ("buyers", "invoices", "median"):
        assert routed(metric).refusal is None
        assert str(routed(metric, by=("way",)).refusal) == "GUARDED_MEASURE"
        assert str(routed(metric, where={"way": ["card"]}).refusal) == "GUARDED_MEASURE"


def test_a_withheld_day_is_left_out_but_not_missing():
    found = routed("revenue", published={COARSE.table: shown("open", "withheld", "open", "open")})
    assert (legs(found)[0], found.withheld, dict(found.missing)) == (("total", [0, 2, 3]), days(1), {})


def test_a_day_that_joined_another_is_answered_there():
    found = routed("revenue", published={COARSE.table: shown("open", 2, "open", "open")})
    assert legs(found)[0] == ("total", [0, 2, 3])
    assert found.legs[0].joined == {FIRST + 1: FIRST + 2}
    assert found.answered == days(0, 1, 2, 3, 4)


def test_days_that_joined_are_withheld_where_not_all_of_them_are_asked_for():
    found = routed("revenue", first=2, last=3, published={COARSE.table: shown("open", 2, "open", "open")})
    assert (legs(found), found.withheld) == ([("total", [3])], days(2))


def test_a_published_day_is_read_from_its_atoms_also_when_it_was_touched_since():
    touched = Standing(start=FIRST, today=TODAY, sealed=days(0, 1, 2), purged=days(0, 1), collected=days(0, 1, 2, 3, 4))
    assert legs(routed("revenue", standing=touched)) == [("total", [0, 1, 2, 3]), (None, [4])]


def test_a_published_day_is_never_read_from_records_even_when_no_rollup_fits():
    found = routed("revenue", by=("shelf",))
    assert legs(found) == [(None, [4])]
    assert {str(reason) for reason in found.missing.values()} == {"DIMENSION_MISSING"}


def test_a_day_that_was_purged_before_anything_was_shown_is_missing():
    found = routed("revenue", published={})
    assert legs(found) == [(None, [2, 3, 4])]
    assert {day - FIRST: str(reason) for day, reason in found.missing.items()} == {0: "NOT_ROLLED", 1: "NOT_ROLLED"}


def test_what_is_missing_says_why():
    stands = Standing(
        start=FIRST,
        today=TODAY,
        collected=days(0, 4),
        noted=days(0, 2, 4),
        damaged=days(0),
    )
    found = routed("revenue", published={}, standing=stands)
    assert {day - FIRST: str(reason) for day, reason in found.missing.items()} == {
        0: "DAY_DAMAGED",
        1: "NOT_COLLECTED",
        2: "NOT_SEALED",
        3: "NOT_COLLECTED",
    }


def test_corrections_are_read_from_atoms_too():
    pair = (FIRST, FIRST + 3)
    found = routed("revenue", corrections={COARSE.table: [pair]})
    assert [(leg.booked, leg.is_atoms) for leg in found.legs if leg.booked] == [((pair,), True)]
