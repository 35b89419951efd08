"""Who may see what: every cell of a house's matrix, and the rule that fills it."""

from itertools import pairwise, permutations

import pytest
from tests.consulting import CALLED, CATALOG, FULFILMENT, MACHINE, ORDERED, ORDERS, PAID, PUBLISHED, READ, caller

from keepsum import FULL, NOTHING, OWN_ROWS, AccessLevel, Grant, Permission, Role, last
from keepsum.engine import lint
from keepsum.engine.access import (
    collects,
    covers,
    decide,
    narrowest,
    permits,
    require,
    require_collect,
    see,
    visible_metrics,
    visible_streams,
)
from keepsum.model.access import ROLES, Reason
from keepsum.model.errors import Forbidden

TODAY = 20_000
NONE, FULLY, GUARDED, OWN_30 = "none", "full", "full, guarded", "own rows, 30 days, guarded"

# The seed's matrix: what each role sees of each table. Nobody below an admin sees groups of a few clients.
THINGS = {
    "events_raw": ORDERS,
    "metrics_daily_fulfillment": FULFILMENT,
    "metrics_daily_payments": PAID,
    "metrics_daily_calls": CALLED,
    "metrics_daily_content": PUBLISHED,
}
MATRIX = {
    "events_raw": {"monitor": NONE, "reader": NONE},
    "metrics_daily_fulfillment": {"monitor": NONE, "reader": OWN_30},
    "metrics_daily_payments": {"monitor": NONE, "reader": NONE},
    "metrics_daily_calls": {"monitor": GUARDED, "reader": NONE},
    "metrics_daily_content": {"monitor": GUARDED, "reader": NONE},
}
CELLS = [
    (thing, role, cells.get(role, FULLY if role in {"superadmin", "admin"} else NONE))
    for thing, cells in MATRIX.items()
    for role in ("superadmin", "admin", "monitor", "reader", "client")
]


def said(decision):
    if not decision.allowed:
        return NONE
    parts = ["full" if decision.actors is None else "own rows"]
    parts += [f"{TODAY - decision.first_day + 1} days"] if decision.first_day is not None else []
    return ", ".join([*parts, *(["guarded"] if decision.guarded else [])])


def role(*grants, name="asked", permissions=READ, **more):
    return Role(name, permissions=permissions, grants=grants, **more)


@pytest.mark.parametrize(("thing", "name", "expected"), CELLS)
def test_each_cell_of_the_matrix(thing, name, expected):
    assert said(decide(caller(name, actor="ann"), THINGS[thing], TODAY)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("superadmin", True), ("admin", True), ("monitor", False), ("reader", False), ("client", False)],
)
def test_the_matrix_of_job_runs_is_a_permission(name, expected):
    assert permits(caller(name), Permission.OPERATE) is expected


def test_the_house_keeps_the_rules():
    assert lint.lint(CATALOG) == ()


def test_each_built_in_role_includes_the_one_before():
    held = [caller(name) for name in ("viewer", "analyst", "manager", "admin", "owner")]
    for less, more in pairwise(held):
        assert less.permissions < more.permissions
    assert held[-1].permissions == set(Permission) == MACHINE.permissions
    assert set(ROLES) - {c.roles[0] for c in held} == {"collector"}


def test_a_viewer_sees_all_numbers_guarded_and_not_whose_they_are():
    found = decide(caller("viewer"), FULFILMENT, TODAY)
    assert (found.allowed, found.guarded, found.names_actors, found.actors) == (True, True, False, None)
    found = decide(caller("admin"), FULFILMENT, TODAY)
    assert (found.guarded, found.names_actors) == (False, True)


def test_without_a_role_or_with_an_unknown_one_nothing_is_seen():
    for one in (caller(), caller("nobody"), caller("client")):
        assert decide(one, ORDERS, TODAY).allowed is False
        assert one.permissions == set()
    assert decide(caller("nobody"), ORDERS, TODAY).reason is Reason.NO_GRANT


GRANTS = ("metric:orders", "rollup:fulfilment", "stream:orders", "metric:*", "rollup:*", "stream:*", "*")


@pytest.mark.parametrize("place", range(len(GRANTS)))
def test_within_a_role_the_most_specific_grant_decides_in_whatever_order_they_stand(place):
    named = GRANTS[place:]
    grants = [Grant(on, reach=last(7) if on == named[0] else FULL) for on in named]
    for order in (grants, grants[::-1]):
        found = see(caller(role(*order)), TODAY, ORDERS, "fulfilment", "orders")
        assert (found.grant, found.first_day) == (named[0], TODAY - 6)


def test_of_two_equally_specific_grants_a_roles_own_decides():
    low = role(Grant("stream:orders", reach=last(7)), name="low")
    high = role(Grant("stream:orders"), name="high", includes=("low",))
    assert decide(caller(high, also=(low,)), ORDERS, TODAY).reason is Reason.GRANTED_WHOLE
    includes = role(name="high", includes=("low",))
    assert decide(caller(includes, also=(low,)), ORDERS, TODAY).first_day == TODAY - 6


def test_a_more_specific_grant_that_is_included_decides_over_a_wider_one_of_its_own():
    low = role(Grant("rollup:fulfilment", reach=NOTHING), name="low")
    high = role(Grant("*"), name="high", includes=("low",))
    asked = caller(high, also=(low,))
    assert decide(asked, ORDERED, TODAY).allowed
    assert decide(asked, FULFILMENT, TODAY).reason is Reason.GRANTED_NOTHING
    assert see(asked, TODAY, ORDERS, "fulfilment", "orders").allowed is False


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_of_several_roles_the_one_that_shows_most_decides(order):
    three = (
        role(Grant("*", reach=OWN_ROWS), name="own"),
        role(Grant("*", reach=last(7)), name="short"),
        role(Grant("*", reach=last(30)), name="long"),
    )
    found = decide(caller(*(three[i] for i in order), actor="ann"), ORDERS, TODAY)
    assert (found.role, found.first_day, found.actors) == ("long", TODAY - 29, None)


def test_of_several_roles_that_refuse_the_nearest_says_why():
    own = role(Grant("*", reach=OWN_ROWS), name="own")
    for roles in (("client", "monitor", own), (own, "client", "monitor")):
        assert decide(caller(*roles), ORDERS, TODAY).reason is Reason.ACTOR_UNKNOWN
    assert decide(caller("collector", "monitor"), ORDERS, TODAY).reason is Reason.NO_GRANT


def test_a_right_of_one_role_widens_no_grant_of_another():
    sees_few = role(Grant("stream:calls"), name="few", permissions=(Permission.READ, Permission.SMALL_GROUPS))
    sends = role(Grant("*"), name="sends", permissions=(Permission.COLLECT,))
    one = caller(sees_few, sends, role(Grant("stream:payments"), name="guarded"))
    assert decide(one, CALLED, TODAY).guarded is False
    assert decide(one, PAID, TODAY).guarded is True
    assert decide(one, ORDERS, TODAY).allowed is False
    assert (collects(one, "orders"), collects(caller(sees_few), "calls")) == (True, False)


def test_own_rows_need_an_actor_on_both_sides():
    own = role(Grant("*", reach=OWN_ROWS))
    assert decide(caller(own), ORDERS, TODAY).reason is Reason.ACTOR_UNKNOWN
    assert decide(caller(own, actor="ann"), CALLED, TODAY).reason is Reason.NO_ACTOR_HERE
    for one in (own, role(Grant("*", level=AccessLevel.OWN))):
        found = decide(caller(one, actor="ann", team=("bo",)), ORDERS, TODAY)
        assert (found.reason, found.actors, found.names_actors) == (Reason.GRANTED_OWN_ROWS, {"ann"}, True)
        assert decide(caller(one, team=("bo",)), ORDERS, TODAY).reason is Reason.ACTOR_UNKNOWN


@pytest.mark.parametrize("actor", ["", "\x01other", "\x01none", "\x01all", "\x00"])
def test_an_actor_that_no_record_can_have_is_nobody(actor):
    one = caller("lead", actor=actor, team=(actor,))
    assert decide(one, ORDERS, TODAY).reason is Reason.ACTOR_UNKNOWN


def test_a_team_is_its_actors_and_oneself():
    found = decide(caller("lead", actor="ann", team=("bo", "cy")), ORDERS, TODAY)
    assert (found.reason, found.actors) == (Reason.GRANTED_TEAM_ROWS, {"ann", "bo", "cy"})
    assert decide(caller("lead", team=("bo",)), ORDERS, TODAY).actors == {"bo"}


def test_the_last_days_end_with_today():
    assert decide(caller(role(Grant("*", reach=last(1)))), ORDERS, TODAY).first_day == TODAY


def test_a_token_for_some_streams_sees_and_sends_to_no_others():
    one = caller("admin", streams=("calls",))
    assert decide(one, CALLED, TODAY).allowed
    assert decide(one, ORDERS, TODAY).reason is Reason.OUTSIDE_TOKEN
    assert (collects(one, "calls"), collects(one, "orders")) == (True, False)
    assert visible_streams(one, CATALOG) == ("calls",)
    assert visible_metrics(one, CATALOG) == ("calls",)


def test_a_caller_of_some_streams_may_nothing_that_is_about_the_whole_workspace():
    whole, one = caller("owner"), caller("owner", streams=("calls",))
    assert whole.permissions == frozenset(Permission)
    assert whole.permissions - one.permissions == {
        Permission.COMPOSE, Permission.OPERATE, Permission.ADMINISTER, Permission.PEOPLE, Permission.DELETE,
    }  # fmt: skip
    with pytest.raises(Forbidden, match=r"NOT_PERMITTED.*'operate': a token for some streams only never has it"):
        require(one, Permission.OPERATE)


def test_a_metric_over_two_streams_is_shown_as_far_as_both_are():
    metric = CATALOG.metric("calls_per_order")
    assert decide(caller("monitor"), metric, TODAY).allowed is False
    both = role(Grant("stream:calls", reach=last(7)), Grant("stream:orders", reach=last(30)))
    assert decide(caller(both), metric, TODAY).first_day == TODAY - 6
    assert decide(caller(role(Grant("metric:calls_per_order"))), metric, TODAY).reason is Reason.GRANTED_WHOLE


def test_lists_name_what_is_seen_and_nothing_else():
    assert visible_metrics(caller("monitor"), CATALOG) == ("calls", "texts")
    assert visible_streams(caller("monitor"), CATALOG) == ("calls", "content")
    assert visible_streams(caller("reader", actor="ann"), CATALOG) == ("orders",)
    assert visible_metrics(caller("client"), CATALOG) == visible_streams(caller("client"), CATALOG) == ()
    assert visible_streams(MACHINE, CATALOG) == tuple(sorted(CATALOG.streams))


def test_a_collector_sends_to_all_streams_and_sees_nothing():
    one = caller("collector")
    assert visible_streams(one, CATALOG) == tuple(sorted(CATALOG.streams))
    assert visible_metrics(one, CATALOG) == ()
    assert decide(one, ORDERS, TODAY).reason is Reason.NOT_PERMITTED
    require_collect(one, "orders")


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ((), False),
        ((Grant("stream:calls"),), False),
        ((Grant("stream:*", reach=NOTHING), Grant("stream:orders")), True),
        ((Grant("stream:*", reach=NOTHING), Grant("*")), False),
        ((Grant("*"),), True),
        ((Grant("stream:*", reach=NOTHING),), False),
    ],
)
def test_records_are_taken_where_a_grant_on_the_stream_lets_them(grants, expected):
    one = caller(role(*grants, permissions=(Permission.COLLECT,)))
    assert collects(one, "orders") is expected
    if not expected:
        with pytest.raises(Forbidden, match="NOT_PERMITTED") as refused:
            require_collect(one, "orders")
        assert "'orders'" in refused.value.message


def test_a_missing_permission_is_named():
    require(caller("admin"), Permission.OPERATE)
    with pytest.raises(Forbidden, match=r"NOT_PERMITTED.*'operate'"):
        require(caller("manager"), Permission.OPERATE)


def test_a_decision_covers_another_when_it_shows_at_least_as_much():
    whole, days = (decide(caller(role(Grant("*", reach=reach))), ORDERS, TODAY) for reach in (FULL, last(7)))
    own = decide(caller(role(Grant("*", reach=OWN_ROWS)), actor="ann"), ORDERS, TODAY)
    everything = decide(MACHINE, ORDERS, TODAY)
    nothing = decide(caller(), ORDERS, TODAY)
    assert [covers(everything, one) for one in (whole, days, own, nothing)] == [True] * 4
    assert [covers(whole, one) for one in (everything, days, own)] == [
        False,
        True,
        False,
    ]  # own rows say whose they are
    assert [covers(days, one) for one in (whole, days, own)] == [False, True, False]
    assert [covers(nothing, one) for one in (whole, own)] == [False, False]
    small = decide(caller(role(Grant("*"), permissions=(*READ, Permission.SMALL_GROUPS))), ORDERS, TODAY)
    assert (covers(small, whole), covers(whole, small)) == (True, False)
    assert narrowest((whole, days, everything)).first_day == TODAY - 6
    assert narrowest((whole, nothing)).allowed is False


def test_of_several_rollups_a_metric_is_shown_what_all_of_them_show():
    open_to_all = role(
        Grant("rollup:served", level=AccessLevel.ALL), name="open", permissions=(*READ, Permission.SMALL_GROUPS)
    )
    shy = role(Grant("rollup:fulfilment"), name="shy")
    served, fulfilment = (
        see(caller(open_to_all, shy), TODAY, ORDERS, name, "orders") for name in ("served", "fulfilment")
    )
    for pair in ((served, fulfilment), (fulfilment, served)):
        both = narrowest(pair)
        assert (both.allowed, both.names_actors, both.guarded) == (True, False, True)


def test_roles_that_include_each_other_are_worked_out_all_the_same():
    one, two = role(name="one", includes=("two",)), role(Grant("*"), name="two", includes=("one",))
    assert decide(caller(one, also=(two,)), ORDERS, TODAY).allowed


def test_a_level_shows_more_the_higher_it_stands():
    assert sorted(AccessLevel, key=lambda level: level.rank) == ["own", "team", "organization", "all"]
