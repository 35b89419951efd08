"""Where each day's figures come from, and why a source or a day has none; a case for every reason."""

from dataclasses import replace
from typing import Any

import pytest
from tests.asking import FIRST, ORDERS, PLACES, TOTAL, group, need, source_of

from keepsum import Count, Money, Rollup, Sum, Uniques
from keepsum.engine import sources
from keepsum.engine.route import Standing, route, runs
from keepsum.engine.sources import Fit
from keepsum.model.errors import Refusal

DAYS = frozenset(range(FIRST, FIRST + 5))
TODAY = FIRST + 4
COARSE, FINE = source_of(TOTAL, 1), source_of(PLACES, 2)


def days(*numbers):
    return frozenset(FIRST + number for number in numbers)


def fit(*asked) -> Any:
    return sources.fit(*asked)


def standing(sealed=(0, 1, 2, 3), purged=(0, 1), **more):
    collected = more.pop("collected", (0, 1, 2, 3, 4))
    sets: dict[str, Any] = {"noted": days(*collected)}
    sets |= {name: days(*numbers) for name, numbers in more.items() if name in {"damaged", "noted"}}
    start = more.get("start", 0)
    return Standing(
        start=None if start is None else FIRST + start,
        today=TODAY,
        sealed=days(*sealed),
        purged=days(*purged),
        collected=days(*collected),
        **sets,
    )


def routed(*metrics, sources=(COARSE, FINE), coverage=None, at=None, corrections=None, **more):
    more = {"last": 4} | more
    covered = {s.table: days(0, 1, 2, 3) for s in sources} if coverage is None else coverage
    (found,) = route(group(*metrics, **more), at or standing(), sources, covered, corrections)
    return found


def legs(found):
    return [(leg.fit and leg.fit.source.rollup, sorted(day - FIRST for day in leg.days)) for leg in found.legs]


def missing(found):
    return {day - FIRST: str(reason) for day, reason in found.missing.items()}


def test_sealed_days_come_from_the_rollup_with_the_fewest_dimensions_and_today_from_records():
    assert legs(routed("revenue")) == [("total", [0, 1, 2, 3]), (None, [4])]


def test_a_dimension_takes_the_rollup_that_has_it():
    assert legs(routed("revenue", by=("way",))) == [("places", [0, 1, 2, 3]), (None, [4])]


def test_a_filter_takes_the_rollup_that_has_its_dimension():
    assert legs(routed("by_card"))[0] == ("places", [0, 1, 2, 3])


def test_of_two_generations_the_newer_is_taken_and_the_older_answers_what_it_does_not_cover():
    newer = source_of(TOTAL, 3)
    covered = {COARSE.table: days(0, 1, 2), newer.table: days(2, 3)}
    found = routed("revenue", sources=(COARSE, newer), coverage=covered)
    assert [(leg.fit and leg.fit.source.id, sorted(leg.days)) for leg in found.legs] == [
        (3, [FIRST + 2, FIRST + 3]),
        (1, [FIRST, FIRST + 1]),
        (None, [FIRST + 4]),
    ]


def test_an_unsealed_day_comes_from_its_records():
    assert legs(routed("revenue", at=standing(sealed=(0, 1, 2)))) == [("total", [0, 1, 2]), (None, [3, 4])]


def test_a_day_touched_after_its_seal_comes_from_its_records_although_a_rollup_has_it():
    assert legs(routed("revenue", at=standing(sealed=(0, 1, 3)))) == [("total", [0, 1, 3]), (None, [2, 4])]


def test_a_sealed_day_that_no_rollup_fits_comes_from_its_records_while_they_live():
    found = routed("revenue", by=("shelf",))
    assert legs(found) == [(None, [2, 3, 4])]
    assert missing(found) == {0: "DIMENSION_MISSING", 1: "DIMENSION_MISSING"}


def test_today_has_figures_before_its_first_record():
    assert legs(routed("revenue", at=standing(collected=(0, 1, 2, 3))))[-1] == (None, [4])


def test_days_before_the_start_and_after_today_are_not_missing():
    found = routed("revenue", first=-3, last=9, at=standing(start=0))
    assert missing(found) == {}
    assert found.answered == DAYS


def test_a_stream_that_never_had_a_record_has_no_days():
    assert routed("revenue", at=standing(start=None)).answered == frozenset()


def test_a_record_ahead_of_today_is_covered():
    found = routed("revenue", last=9, at=standing(collected=(0, 1, 2, 3, 5)))
    assert legs(found)[-1] == (None, [4, 5])


def test_a_day_of_which_nothing_was_collected_is_missing():
    found = routed("revenue", at=standing(sealed=(0, 1, 2), collected=(0, 1, 2, 4)))
    assert missing(found) == {3: "NOT_COLLECTED"}


def test_a_day_that_is_known_but_neither_collected_nor_sealed_is_missing():
    found = routed("revenue", at=standing(sealed=(0, 1, 2), collected=(0, 1, 2, 4), noted=(3,)))
    assert missing(found) == {3: "NOT_SEALED"}


def test_a_sealed_day_without_records_is_answered():
    assert missing(routed("revenue", at=standing(collected=(0, 1, 2)))) == {}


def test_a_damaged_day_is_missing():
    found = routed("revenue", at=standing(sealed=(0, 1, 2), damaged=(3,)))
    assert missing(found) == {3: "DAY_DAMAGED"}


def test_a_damaged_day_that_is_sealed_is_still_answered_by_its_rollup():
    assert missing(routed("revenue", at=standing(damaged=(3,)))) == {}


def test_a_purged_day_that_a_fitting_rollup_does_not_cover_was_not_rolled():
    found = routed("revenue", coverage={COARSE.table: days(1, 2, 3)})
    assert missing(found) == {0: "NOT_ROLLED"}


def test_a_purged_day_whose_figures_went_has_expired():
    kept = replace(COARSE, kept_from=FIRST + 1)
    found = routed("revenue", sources=(kept,), coverage={kept.table: days(1, 2, 3)})
    assert missing(found) == {0: "ROLLUP_EXPIRED"}


def test_a_day_that_was_purged_without_a_seal_is_missing_although_an_older_seal_had_it():
    assert missing(routed("revenue", at=standing(sealed=(1, 2, 3)))) == {0: "NOT_ROLLED"}


def test_a_purged_day_lacks_a_dimension():
    assert missing(routed("revenue", by=("gift",)))[0] == "DIMENSION_MISSING"


def test_a_purged_day_lacks_a_measure():
    assert missing(routed("cheapest", sources=(COARSE,)))[0] == "MEASURE_MISSING"


def test_a_purged_day_is_too_coarse():
    assert missing(routed("buyers", by=("place",), sources=(COARSE,)))[0] == "DIMENSION_MISSING"
    single = source_of(replace(PLACES, measures=(Uniques("buyers", of="buyer", at=((), ("way",))),)), 5)
    assert missing(routed("buyers", by=("place",), sources=(COARSE, single)))[0] == "GRAIN_TOO_COARSE"


def test_the_source_that_came_nearest_says_why():
    found = routed("cheapest", by=("gift", "place"))
    assert missing(found)[0] == "DIMENSION_MISSING"
    assert {str(reason) for _, reason in found.refused} == {"DIMENSION_MISSING"}


def test_a_catalog_without_rollups_was_not_rolled():
    assert missing(routed("revenue", sources=()))[0] == "NOT_ROLLED"


def test_different_values_need_their_grain_exactly():
    assert fit(FINE, group("invoices", by=("place",)), need("distinct", "invoice")).at == ("place",)
    assert fit(FINE, group("invoices", by=("way", "place")), need("distinct", "invoice")) is Refusal.GRAIN_TOO_COARSE


def test_different_values_under_a_filter_of_one_value_have_that_grain():
    found = fit(FINE, group("invoices", where={"way": ["card"]}), need("distinct", "invoice"))
    assert found.at == ("way",)


def test_different_values_under_a_filter_of_several_values_do_not_add():
    found = routed("invoices", where={"way": ["card", "cash"]})
    assert (found.refusal, found.legs) == (Refusal.GRAIN_TOO_COARSE, ())
    assert routed("invoices", by=("way",), where={"way": ["card", "cash"]}).refusal is None


def test_uniques_merge_from_a_finer_grain():
    assert fit(FINE, group("buyers", by=("place",)), need("uniques", "buyer")).at == ("way", "place")
    assert fit(FINE, group("buyers"), need("uniques", "buyer")).at == ()


def test_a_measure_of_another_unit_is_another_measure():
    pounds = source_of(Rollup("r", of=ORDERS, measures=(Sum("price"),)))
    in_euro = replace(ORDERS, fields=(Money("price", unit="EUR"),))
    euros = source_of(Rollup("r", of=in_euro, measures=(Sum("price"),)))
    asked = need("sum", "price", scale=2, unit="GBP")
    assert isinstance(fit(pounds, group("revenue"), asked), Fit)
    assert fit(euros, group("revenue"), asked) is Refusal.MEASURE_MISSING


def test_a_measure_with_another_filter_is_another_measure():
    plain = source_of(Rollup("r", of=ORDERS, measures=(Count("gifts"),)))
    assert fit(plain, group("gifts"), group("gifts").needs[0]) is Refusal.MEASURE_MISSING
    assert isinstance(fit(FINE, group("gifts"), group("gifts").needs[0]), Fit)


def test_a_measure_is_known_by_what_it_measures_not_by_its_name():
    other = source_of(Rollup("r", of=ORDERS, measures=(Sum("takings", of="price"),)))
    assert fit(other, group("revenue"), group("revenue").needs[0]).kept.name == "takings"


def test_corrections_are_taken_once_from_the_best_source_that_has_them():
    pairs = ((FIRST, FIRST + 3), (FIRST + 1, FIRST + 3))
    found = routed("revenue", corrections={COARSE.table: pairs[:1], FINE.table: pairs})
    assert [leg.booked for leg in found.legs if leg.booked] == [pairs[:1], pairs[1:]]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [((), ()), ((3,), ((3, 3),)), ((5, 1, 2, 3, 7, 6), ((1, 3), (5, 7)))],
)
def test_runs_are_stretches_of_consecutive_days(numbers, expected):
    assert runs(numbers) == expected


def test_every_day_of_the_stream_is_either_answered_or_missing_and_in_one_leg_only():
    for metric, by in (
        ("revenue", ()),
        ("revenue", ("shelf",)),
        ("buyers", ("place",)),
        ("invoices", ("way", "place")),
    ):
        found = routed(metric, by=by)
        assert found.answered | found.missing.keys() == DAYS
        assert sum(len(leg.days) for leg in found.legs) == len(found.answered)
        assert not found.answered & found.missing.keys()
