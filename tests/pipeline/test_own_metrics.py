"""Metrics that people made, seen by other processes, by roles with a grant on all metrics, and after a pack changed."""

from dataclasses import replace

import pytest
from tests.systems import ASKED_SHOP, METRICS, House, sale

from keepsum import Grant, Permission, Role
from keepsum.assemble import install as assembled
from keepsum.engine import access
from keepsum.engine.own_metrics import Given
from keepsum.model.access import machine
from keepsum.model.errors import Conflict, Forbidden, Invalid
from keepsum.pipeline import own_metrics
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of

NAMED = Role("named", permissions=(Permission.READ, Permission.COMPOSE), grants=(Grant("metric:*"),))
PACK = replace(ASKED_SHOP, roles=(NAMED,))
MEAN = Given(name="mean", formula="place_daily.amount / place_daily.sales")


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path, PACK)
    made.collect(*(sale(n, buyer=f"b{n}", amount=n) for n in range(4)))
    yield made
    made.close()


def make(house, given=MEAN, caller=None):
    caller = caller or machine("default")
    return own_metrics.make(house.workspace, caller, given, now=house.clock())


def ask(system, name, caller=None):
    asked = query_of({"metrics": [name], "from": "2026-02-01", "to": "2026-02-01"})
    return answer(system.workspace, asked, caller=caller or machine("default"), now=system.clock()).rows


def named(house):
    return access.caller("person", "p", "default", ("named",), house.workspace.catalog.roles)


def test_another_process_notices_within_half_a_second(house, monkeypatch):
    monkeypatch.setattr(assembled, "LOOKS_EVERY", 0)
    make(house)
    assert [str(row[0]) for row in ask(house.install.system("default"), "own_mean")] == ["1.50"]
    own_metrics.delete(house.workspace, machine("default"), "own_mean", now=house.clock())
    assert "own_mean" not in house.install.system("default").catalog.metrics


def test_a_grant_on_all_metrics_shows_none_that_people_made(house, monkeypatch):
    monkeypatch.setattr(assembled, "LOOKS_EVERY", 0)
    make(house)
    system = house.install.system("default")
    assert access.visible_metrics(named(house), system.catalog) == tuple(sorted(metric.name for metric in METRICS))
    with pytest.raises(Forbidden, match="NOT_PERMITTED"):
        ask(system, "own_mean", named(house))


def test_whoever_sees_metrics_only_makes_none_of_measures(house):
    with pytest.raises(Invalid, match="UNKNOWN_NAME"):
        make(house, caller=named(house))


def test_a_metric_whose_pack_lost_what_it_reads_says_so_and_has_no_answer(house):
    make(house, replace(MEAN, formula="amount / sales"))
    house.open(replace(PACK, metrics=tuple(metric for metric in METRICS if metric.name == "sales")))
    assert "own_mean" not in house.system.catalog.metrics
    (one,) = own_metrics.listing(house.workspace, machine("default"))
    assert (one.metric, [problem.code for problem in one.judged.problems]) == (None, ["UNKNOWN_NAME"])
    house.open(PACK)
    assert "own_mean" in house.system.catalog.metrics


def test_there_are_only_so_many(house, monkeypatch):
    monkeypatch.setattr(own_metrics, "MOST", 1)
    make(house)
    with pytest.raises(Conflict, match="TOO_MANY_METRICS"):
        make(house, replace(MEAN, name="other"))


def test_what_reads_the_same_figures_answers_the_same(house, monkeypatch):
    monkeypatch.setattr(assembled, "LOOKS_EVERY", 0)
    make(house)
    system = house.install.system("default")
    declared = next(m for m in METRICS if m.name == "amount_per_sale")
    assert [str(row[0]) for row in ask(system, "own_mean")] == ["1.50"]
    assert [str(row[0]) for row in ask(system, declared.name)] == ["1.5000"]
    assert own_metrics.check(system.workspace, machine("default"), MEAN.formula).text == "amount / sales"
