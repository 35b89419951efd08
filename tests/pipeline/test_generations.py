"""Declarations that change while records of older ones live: unpurged days follow, purged days keep what they had."""

from dataclasses import replace

import pytest
from tests.systems import MEASURES, PLACE_DAILY, SALES, SHOP, number, sale

from keepsum import Boolean, Choice, Count, Decimal, Integer, Money, Quantiles, Rollup, Sum, Text, years
from keepsum.model.catalog import definition_hash
from keepsum.model.errors import Conflict
from keepsum.model.layout import RollupLayout
from keepsum.model.ledger import Kind
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import rollups

FIRST, SECOND = "2026-02-01", "2026-02-02"
WAY_DAILY = replace(PLACE_DAILY, by=("way",))


def pack(*changed, stream=SALES):
    return replace(SHOP, streams=(stream,), rollups=tuple(replace(r, of=stream) for r in changed))


def table(rollup):
    return RollupLayout(rollup=rollup).table


def covering(house, day):
    with house.workspace.file.read() as connection:
        return [generation.table for generation, _ in rollups.covering(connection, "sales", number(day))]


def verdict(house):
    return verify_ledger(house.workspace, deep=True).findings


def one_purged_one_living(house):
    house.at("2026-02-02T12:00").collect(sale(1), sale(2, day=SECOND), sale(3, day=SECOND, way="cash", place="hull"))
    house.at("2026-02-03T02:00").roll()
    house.at("2026-03-04T02:00").purge()
    assert [house.status(FIRST), house.status(SECOND)] == ["purged", "sealed"]
    return house


def test_a_changed_rollup_is_rolled_again_where_records_live_and_kept_where_they_do_not(house):
    one_purged_one_living(house).open(pack(WAY_DAILY))
    house.roll(last=SECOND)
    assert covering(house, FIRST) == [table(PLACE_DAILY)]
    assert covering(house, SECOND) == [table(WAY_DAILY)]
    assert [row["m_sales"] for row in house.rows(PLACE_DAILY).values()] == [1]
    assert {way: row["m_sales"] for (way, _, _), row in house.rows(WAY_DAILY).items()} == {"card": 1, "cash": 1}
    seal = house.entries(Kind.SEALED)[-1]
    assert (seal.body["reason"], seal.body["dropped"]) == ("definitions", [table(PLACE_DAILY)])
    assert verdict(house) == ()


def test_words_and_retention_change_no_definition(house):
    one_purged_one_living(house).open(pack(replace(PLACE_DAILY, about="in other words", keep=years(9))))
    assert house.roll(last=SECOND).sealed == 0


def test_a_rollup_that_is_new_covers_only_days_whose_records_live(house):
    total = Rollup("total_daily", of=SALES, measures=(Count("sales"),), keep=years(3))
    one_purged_one_living(house).open(pack(PLACE_DAILY, total))
    assert [due.blocked for due in house.at("2026-03-05T02:00").purge_plan().due] == ["NOT_ROLLED"]
    house.roll(last=SECOND)
    assert covering(house, FIRST) == [table(PLACE_DAILY)]
    assert covering(house, SECOND) == [table(PLACE_DAILY), table(total)]
    assert house.rows(total).keys() == {(number(SECOND), number(SECOND))}
    assert house.purge().days == 1


def test_a_rollup_that_is_gone_keeps_what_it_had_of_purged_days(house):
    total = Rollup("total_daily", of=SALES, measures=(Count("sales"),), keep=years(3))
    house.open(pack(PLACE_DAILY, total))
    one_purged_one_living(house).open(pack(PLACE_DAILY))
    house.collect(sale("late", day=SECOND))
    house.roll(last=SECOND)
    assert house.rows(total, day=FIRST).keys() == {(number(FIRST), number(FIRST))}
    assert house.rows(total, day=SECOND) == {}
    assert verdict(house) == ()


def test_a_definition_that_comes_back_takes_up_its_own_table_again(house):
    one_purged_one_living(house)
    for changed in (WAY_DAILY, PLACE_DAILY):
        house.open(pack(changed))
        house.roll(last=SECOND)
    assert covering(house, SECOND) == [table(PLACE_DAILY)]
    assert len(house.rows(PLACE_DAILY)) == 3
    assert house.rows(WAY_DAILY) == {}
    assert verdict(house) == ()


def test_a_correction_is_booked_in_the_generation_that_covers_its_day(house):
    one_purged_one_living(house).open(pack(WAY_DAILY))
    assert house.collect(sale("late", place="hull")).accepted == 1
    booked = number("2026-03-04")
    assert house.rows(PLACE_DAILY)["card", "hull", number(FIRST), booked]["m_sales"] == 1
    assert house.rows(WAY_DAILY) == {}
    assert verdict(house) == ()


def unsealed(house):
    """A day whose records lie in two segments and in the tail, none of them sealed yet."""
    for key in (1, 2, 3):
        house.collect(sale(key, amount=key, invoice=f"i{key}"))
        if key < 3:
            house.move_day(FIRST)
    assert (len(house.segments(FIRST)), house.tail(FIRST)) == (2, 1)
    return house


def sealed_under(house, *changed, stream=SALES):
    house.open(pack(*changed, stream=stream))
    house.collect(sale(4, amount=4))
    outcome = house.at("2026-02-02T02:00").roll()
    assert (outcome.sealed, outcome.held) == (1, 0), house.state(FIRST).held_detail
    assert verdict(house) == ()
    return [row["m_sales"] for row in house.rows(replace(changed[0], of=stream)).values()]


ADDED = (Integer("weight"), Boolean("paid"), Text("shelf", most=5), Choice("size", ("s", "m")))


def test_records_from_before_a_field_was_declared_can_still_be_proven(house):
    stream = replace(SALES, fields=(*SALES.fields, *ADDED))
    by = (*PLACE_DAILY.by, "shelf")
    changed = replace(PLACE_DAILY, by=by, measures=(*MEASURES, Sum("weight"), Quantiles("weights", of="weight")))
    assert sealed_under(unsealed(house), changed, stream=stream) == [4]


def test_quantiles_that_are_new_count_records_from_before(house):
    plain = replace(PLACE_DAILY, measures=MEASURES[:3])
    house.open(pack(plain))
    unsealed(house)
    assert sealed_under(house, PLACE_DAILY) == [4]
    total = next(part for key, part in house.parts().items() if key[:2] == ("amounts", ""))
    house.open(pack(PLACE_DAILY))
    assert total["data"] == next(part for key, part in house.parts().items() if key[:2] == ("amounts", ""))["data"]


def test_records_with_buckets_that_nobody_asks_for_any_more_can_still_be_proven(house):
    plain = replace(PLACE_DAILY, measures=MEASURES[:3])
    assert sealed_under(unsealed(house), plain) == [4]


@pytest.mark.parametrize("name", ["invoice", "note", "amount", "place", "way"])
def test_records_with_a_field_that_is_declared_no_more_can_still_be_proven(house, name):
    stream = replace(SALES, fields=tuple(f for f in SALES.fields if f.name != name))
    kept = tuple(m for m in MEASURES if m.source != name and all(field != name for field, _ in m.where))
    changed = replace(PLACE_DAILY, by=tuple(d for d in PLACE_DAILY.by if d != name), measures=kept)
    unsealed(house)
    house.open(pack(changed, stream=stream))
    late = {key: value for key, value in sale(4).items() if key != name}
    assert house.collect(late).accepted == 1
    outcome = house.at("2026-02-02T02:00").roll()
    assert (outcome.sealed, outcome.held) == (1, 0), house.state(FIRST).held_detail
    assert [row["m_sales"] for row in house.rows(replace(changed, of=stream)).values()] == [4]
    assert verdict(house) == ()
    assert house.collect(late).duplicates == 1


def test_a_field_that_was_gone_can_come_back(house):
    stream = replace(SALES, fields=SALES.fields[:-1])
    unsealed(house)
    house.open(pack(replace(PLACE_DAILY, measures=MEASURES[:2]), stream=stream))
    without = {key: value for key, value in sale(4).items() if key != "amount"}
    house.collect(without)
    assert sealed_under(house, PLACE_DAILY) == [4]
    assert house.collect(sale(1, amount=1, invoice="i1")).duplicates == 1


@pytest.mark.parametrize(
    "field", [Integer("note"), Boolean("note"), Text("amount"), Choice("amount", ("a",))], ids=lambda f: repr(f)[:16]
)
def test_a_field_that_becomes_another_type_is_refused_and_named(house, field):
    house.collect(sale(1))
    stream = replace(SALES, fields=tuple(field if f.name == field.name else f for f in SALES.fields))
    changed = replace(PLACE_DAILY, measures=MEASURES[:2])
    with pytest.raises(Conflict, match=rf"FIELD_TYPE_CHANGED.*'{field.name}'.*'sales'"):
        house.open(pack(changed, stream=stream))
    assert house.open(SHOP).state(FIRST).control.records == 1


def in_units(amount):
    """The shop with its amount declared as another number."""
    return replace(SALES, fields=(*SALES.fields[:-1], amount))


@pytest.mark.parametrize(
    "amount", [Decimal("amount", scale=1), Money("amount", unit="GBP"), Money("amount", unit="EUR", scale=0)]
)
def test_a_number_that_is_kept_in_other_decimals_or_another_currency_is_refused_and_named(house, amount):
    house.open(pack(PLACE_DAILY, stream=in_units(Money("amount", unit="GBP", scale=0))))
    house.collect(sale(1))
    with pytest.raises(Conflict, match=r"FIELD_UNIT_CHANGED.*'amount'.*'sales'.*0 decimals of 'GBP'"):
        house.open(pack(PLACE_DAILY, stream=in_units(amount)))


def test_a_unit_may_be_called_by_another_name_and_anything_may_change_before_the_first_record(house):
    house.open(pack(PLACE_DAILY, stream=in_units(Money("amount", unit="GBP"))))
    house.open(pack(PLACE_DAILY, stream=in_units(Integer("amount", unit="pieces"))))
    house.collect(sale(1))
    house.open(pack(PLACE_DAILY, stream=in_units(Integer("amount", unit="items"))))
    assert house.collect(sale(1)).duplicates == 1


def test_a_subject_that_is_declared_no_more_leaves_its_records_provable(house):
    stream = replace(SALES, subject=None)
    measures = tuple(m for m in MEASURES if m.kind != "uniques")
    unsealed(house)
    house.open(pack(replace(PLACE_DAILY, measures=measures), stream=stream))
    outcome = house.at("2026-02-02T02:00").roll()
    assert (outcome.sealed, outcome.held) == (1, 0)


def test_definitions_are_named_by_what_decides_their_numbers():
    assert definition_hash(PLACE_DAILY) != definition_hash(WAY_DAILY)
    assert table(PLACE_DAILY).endswith(definition_hash(PLACE_DAILY)[:8])
