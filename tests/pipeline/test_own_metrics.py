"""Metrics that people made, seen by other processes, by roles with a grant on all metrics, and after a pack changed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from alembic import command
from tests.systems import ASKED_SHOP, METRICS, House, sale

from keepsum import Grant, Permission, Role
from keepsum.assemble import install as assembled
from keepsum.engine import access
from keepsum.engine.own_metrics import Given
from keepsum.model.access import machine
from keepsum.model.audit import CallerId
from keepsum.model.errors import Conflict, Forbidden, Invalid
from keepsum.pipeline import own_metrics
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of
from keepsum.store import migrate
from keepsum.store import own_metrics as store
from keepsum.store.database import Database

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


def change(house, formula, version):
    given = replace(MEAN, name="own_mean", formula=formula)
    return own_metrics.change(house.workspace, machine("default"), given, version, now=house.clock())


def test_of_many_who_change_a_version_at_once_one_does_and_the_others_learn_of_it(house):
    make(house)
    formulas = [f"amount * {n} / sales" for n in range(2, 10)]

    def outcome(formula):
        try:
            return change(house, formula, 1).kept.formula
        except own_metrics.Changed as error:
            return error.newest.formula

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(outcome, formulas))
    (kept,) = own_metrics.listing(house.workspace, machine("default"))
    assert (found, kept.kept.version) == ({kept.kept.formula}, 2)


def test_what_is_written_as_it_is_kept_already_is_no_version(house):
    make(house)
    assert change(house, "amount / sales", 1).kept.version == 2
    assert change(house, "amount / sales", 1).kept.version == 2
    assert change(house, MEAN.formula, 2).kept.version == 3


def test_a_metric_from_before_versions_is_a_first_one_by_whoever_made_it(tmp_path):
    file = Database(tmp_path / "file.db")
    with file.write() as connection:
        config = migrate.configuration("workspace")
        config.attributes["connection"] = connection
        command.upgrade(config, "workspace_0004")
        connection.exec_driver_sql(
            "INSERT INTO own_metrics VALUES ('own_old', 'amount', '', '', 'up', 2, 'person', 'ann', 5)"
        )
    with file.write() as connection:
        migrate.upgrade(connection, "workspace")
        (old,) = store.listing(connection)
    assert (old.version, old.changed_by, old.changed_at) == (1, CallerId(kind="person", id="ann"), 5)
    file.close()


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
