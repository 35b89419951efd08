"""What callers of a real workspace are answered: their rows, their days, their rollups, and why."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.consulting import CALLED, CALLS, FULFILMENT, MACHINE, ORDERS, PACK, READ, caller
from tests.systems import House

from keepsum import NOTHING, AccessLevel, Grant, Metric, Pack, Permission, Role, Rollup, Sum, last, years
from keepsum.model.errors import Forbidden, KeepsumError, NotFound
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of, to_json

UNGUARDED = (Permission.READ, Permission.SMALL_GROUPS)
ANN = {"actor": "ann"}
READERS = ("ann", "bo", "cy")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Sixty orders of each reader on each of three days, two of them sealed; calls and texts beside them."""
    found = House(tmp_path_factory.mktemp("house"), PACK)
    found.at("2026-02-03T12:00:00Z")
    for day in (1, 2, 3):
        found.collect(*(order(day, who, n) for n in range(60) for who in READERS), stream="orders")
        found.collect(*(call(day, n) for n in range(30)), stream="calls")
    found.collect({"id": "t1", "at": "2026-02-02T10:00:00Z", "sign": "leo"}, stream="content")
    found.roll()
    yield found
    found.close()


def order(day, who, number):
    worth = {"ann": 1, "bo": 100, "cy": 10_000}[who]
    service = "tarot" if number % 2 else "healing"
    fields = {"client": f"c{number}", "reader": who, "service": service, "worth": worth}
    return {"id": f"{day}-{who}-{number}", "at": f"2026-02-0{day}T10:00:00Z", **fields}


def call(day, number):
    fields = {"client": f"c{number}", "outcome": "answered", "reader": "ann", "seconds": 10}
    return {"id": f"{day}-{number}", "at": f"2026-02-0{day}T11:00:00Z", **fields}


def role(*grants, permissions=UNGUARDED):
    return Role("asked", permissions=permissions, grants=grants)


def ask(house, who, metrics, first="2026-02-01", last="2026-02-03", **more) -> Any:
    asked = query_of({"metrics": metrics, "from": first, "to": last, **more})
    return answer(house.workspace, asked, caller=who, now=house.clock())


def refusal(*arguments, **more):
    with pytest.raises(KeepsumError) as refused:
        ask(*arguments, **more)
    return refused.value


def code(*arguments, **more):
    return refusal(*arguments, **more).code


OWN = role(Grant("stream:orders", level=AccessLevel.OWN))


def test_own_rows_are_all_that_is_counted_on_sealed_days_and_on_open_ones(house):
    found = ask(house, caller(OWN, **ANN), "orders,worth", grain="day", totals=True)
    assert [row[1:] for row in found.rows] == [(60, 60)] * 3
    assert found.totals == (None, 180, 180)
    assert found.labels.sources == {"rollup": 2, "records": 1, "missing": 0}
    everybody = ask(house, MACHINE, "orders,worth", grain="day")
    assert [row[1:] for row in everybody.rows] == [(180, 60 * 10_101)] * 3


def test_own_rows_by_any_dimension_and_filter_and_order(house):
    who = caller(OWN, **ANN)
    assert ask(house, who, "orders", by="reader,service").rows == (("ann", "healing", 90), ("ann", "tarot", 90))
    assert ask(house, who, "orders", by="service", top=1, order="-orders").rows[1][0] == "(other)"
    assert ask(house, who, "orders", where={"service": ["tarot"], "reader": ["ann"]}).rows == ((90,),)
    assert ask(house, who, "tarot,all_orders").rows == ((90, 180),)
    assert ask(house, who, "clients", by="reader", last="2026-02-02").rows[0][0] == "ann"


def test_those_of_a_team_are_shown_by_name_and_nobody_elses(house):
    who = caller(role(Grant("*", level=AccessLevel.TEAM)), actor="ann", team=("bo",))
    assert ask(house, who, "orders", by="reader").rows == (("ann", 180), ("bo", 180))
    assert code(house, who, "orders", where={"reader": ["cy"]}) == "ACTOR_HIDDEN"
    assert code(house, who, "orders", where={"reader": ["ann", None]}) == "ACTOR_HIDDEN"
    assert code(house, who, "calls") == "NO_ACTOR_HERE"


def test_who_sees_all_rows_of_the_organization_does_not_see_whose_they_are(house):
    who = caller(role(Grant("*")))
    assert ask(house, who, "orders").rows == ((540,),)
    assert code(house, who, "orders", by="reader") == "ACTOR_HIDDEN"
    assert code(house, who, "orders", where={"reader": ["ann"]}) == "ACTOR_HIDDEN"
    assert ask(house, who, "calls", last="2026-02-02").rows == ((60,),)
    assert ask(house, caller(role(Grant("*", level=AccessLevel.ALL))), "orders", by="reader").rows[2] == ("cy", 180)


def test_nothing_tells_how_much_was_read_to_find_own_rows(house):
    mine = ask(house, caller(OWN, **ANN), "orders", explain=True).explain
    assert mine.rows_read is None
    assert json.loads(to_json(ask(house, caller(OWN, **ANN), "orders", explain=True)))["explain"]["rows_read"] is None
    assert ask(house, MACHINE, "orders", explain=True).explain.rows_read > 180


def test_a_range_that_begins_too_early_is_refused_and_told_where_it_may_begin(house):
    who = caller(role(Grant("stream:orders", reach=last(2))))
    assert ask(house, who, "orders", first="2026-02-02").rows == ((360,),)
    early = refusal(house, who, "orders")
    assert (early.code, "2026-02-02" in early.message) == ("OUTSIDE_GRANT", True)
    assert isinstance(early, Forbidden)


@pytest.mark.parametrize(
    "how",
    [{"compare": "previous"}, {"basis": "booked"}, {"metrics": "worth_to_date"}],
    ids=["the period before", "late bookings", "a running sum"],
)
def test_nor_is_anything_before_the_first_day_read_some_other_way(house, how):
    who = caller(role(Grant("stream:orders", reach=last(2))))
    assert code(house, who, **{"metrics": "orders", "first": "2026-02-02", **how}) == "OUTSIDE_GRANT"
    assert ask(house, MACHINE, **{"metrics": "orders", "first": "2026-02-02", **how}).rows


def test_a_metric_by_its_own_name_is_shown_by_all_that_it_is_kept_by(house):
    who = caller(role(Grant("metric:orders", level=AccessLevel.ALL)))
    assert len(ask(house, who, "orders", by="service,reader").rows) == 6
    assert code(house, who, "worth") == "NOT_PERMITTED"
    assert code(house, who, "orders,worth") == "NOT_PERMITTED"


def test_who_sees_one_rollup_does_not_get_what_only_a_finer_one_keeps(house):
    who = caller(role(Grant("rollup:ordered"), Grant("rollup:called")))
    assert ask(house, who, "all_orders", last="2026-02-02").rows == ((360,),)
    assert code(house, who, "all_orders", by="service") == "NOT_PERMITTED"
    assert code(house, who, "all_orders", by="service", first="2026-02-03") == "NOT_PERMITTED"
    # What no rollup keeps could only come from records, which are the stream's.
    assert code(house, who, "calls", by="reader", first="2026-02-03") == "NOT_PERMITTED"
    assert ask(house, caller(role(Grant("stream:calls"))), "calls", by="reader", first="2026-02-03").rows == (
        ("ann", 30),
    )


def test_a_rollup_that_is_not_shown_is_not_read_where_another_will_do(house):
    who = caller(role(Grant("*"), Grant("rollup:served", reach=NOTHING)))
    found = ask(house, who, "orders", by="service", last="2026-02-02", explain=True)
    assert {route["rollup"] for route in found.explain.routes} == {"fulfilment"}
    assert "served" not in str(found.explain.refusals)
    best = ask(house, MACHINE, "orders", by="service", last="2026-02-02", explain=True)
    assert {route["rollup"] for route in best.explain.routes} == {"served"}
    assert found.rows == best.rows


def test_explain_says_why_a_caller_sees_what_he_sees(house):
    who = caller("reader", **ANN)
    found = ask(house, who, "orders", explain=True).explain
    assert found.access == (
        {
            "metric": "orders", "stream": "orders", "reason": "GRANTED_OWN_ROWS", "role": "reader",
            "grant": "rollup:fulfilment", "from": "2026-01-05", "guarded": True,
        },
    )  # fmt: skip


def test_without_the_right_to_small_groups_every_answer_is_guarded(house):
    who = caller(role(Grant("*"), permissions=READ))
    found = ask(house, who, "orders")
    assert (found.labels.guarded, found.labels.notes) == (True, ("IN_STEPS",))
    assert ask(house, who, "orders", guarded=False).labels.guarded
    assert ask(house, MACHINE, "orders", guarded=True).labels.guarded
    assert not ask(house, MACHINE, "orders").labels.guarded
    assert ask(house, who, "texts", last="2026-02-02").labels.notes == ("NOT_GUARDED",)


def test_own_rows_are_guarded_too(house):
    found = ask(house, caller("reader", **ANN), "orders,worth", last="2026-02-02")
    assert found.rows == ((120, 120),)
    # An open day is shown to guarded callers as its total only, and that is not theirs.
    found = ask(house, caller("reader", **ANN), "orders", first="2026-02-03")
    assert (found.rows, found.labels.suppressed) == (((None,),), True)


def test_a_metric_that_is_not_there_is_told_from_those_that_are_shown(house):
    missing = refusal(house, caller("monitor"), "nothing")
    assert (missing.code, missing.message.split("known: ")[1]) == ("UNKNOWN_METRIC", "calls, texts.")
    assert code(house, caller("client"), "nothing") == "NOT_PERMITTED"
    assert code(house, caller("monitor"), "orders") == "NOT_PERMITTED"
    assert "NO_GRANT" in refusal(house, caller("monitor"), "orders").message


def test_who_is_not_known_to_have_rows_gets_none(house):
    assert code(house, caller(OWN), "orders") == "ACTOR_UNKNOWN"
    assert ask(house, caller(OWN, actor="zoe"), "orders", by="reader").rows == ()


def test_a_caller_of_another_workspace_does_not_find_this_one(house):
    with pytest.raises(NotFound, match="UNKNOWN_WORKSPACE"):
        ask(house, caller("owner", workspace="other"), "orders")


def test_a_measure_that_no_rollup_keeps_by_actor_has_no_own_rows(tmp_path):
    total = Rollup("total", of=ORDERS, measures=(Sum("value", of="worth"), FULFILMENT.measures[0]), keep=years(2))
    slim = Rollup("fulfilment", of=ORDERS, by=("reader",), measures=FULFILMENT.measures[:1], keep=years(2))
    metrics = (Metric("value", total.value), Metric("orders", slim.orders))
    house = House(tmp_path, Pack("slim", streams=(ORDERS,), rollups=(total, slim), metrics=metrics))
    assert code(house, caller(OWN, **ANN), "value") == "NO_ACTOR_HERE"
    assert ask(house, caller(OWN, **ANN), "orders").rows == ((None,),)
    house.close()


def test_a_day_that_is_published_elsewhere_is_not_counted_in_steps_for_who_does_not_see_where(tmp_path):
    again = Rollup("again", of=CALLS, measures=CALLED.measures[:1], keep=years(2))
    old = Pack("old", streams=(CALLS,), rollups=(CALLED,), metrics=(Metric("calls", CALLED.calls),))
    house = House(tmp_path, old)
    house.at("2026-02-02T12:00:00Z").collect(*(call(1, n) for n in range(15)), stream="calls")
    house.roll()
    house.open(pack=replace(old, rollups=(CALLED, again), metrics=(Metric("calls", again.calls),)))
    who = caller(role(Grant("rollup:again"), permissions=READ))
    found = ask(house, who, "calls", last="2026-02-01")
    assert (found.rows, found.labels.coverage.missing) == (((None,),), ("2026-02-01",))
    house.roll()
    assert ask(house, who, "calls", last="2026-02-01").rows == ((15,),)
    house.close()
