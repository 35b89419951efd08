"""Answers of a real workspace: from records, from rollups, after the purge, to guarded callers."""

import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.shops import DAILY, EVERY, PACK, SOLD, VISITED, VISITS
from tests.systems import PLACE_DAILY, SALES, House, number, sale

from keepsum import Metric, Pack
from keepsum.model.access import machine
from keepsum.model.errors import Invalid
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import HIDDEN
from keepsum.pipeline.answer import STEPS, answer
from keepsum.pipeline.ask import query_of
from keepsum.pipeline.live import Remembered
from keepsum.store import rollups, shapes
from keepsum.store.rollups import Published

MACHINE = machine("default")
# What is kept of every way and place together.
METRICS_KEPT = "amount,sold,card,mean,running,cheapest,dearest"
STAGES = {"sold": "2026-02-04T12:00:00Z", "rolled": "2026-02-05T12:00:00Z", "purged": "2026-03-07T12:00:00Z"}


@pytest.fixture
def house(tmp_path):
    found = House(tmp_path / "fresh", PACK)
    yield found
    found.close()


@pytest.fixture
def stage(tmp_path):
    """A house where four days were sold, or these were rolled up, too, or purged, too."""
    opened = []

    def open_stage(name):
        shutil.copytree(_prepared(name), tmp_path / name)
        opened.append(House(tmp_path / name, PACK, now=STAGES[name], fresh=False))
        return opened[-1]

    yield open_stage
    for one in opened:
        one.close()


_folders = tempfile.TemporaryDirectory(prefix="keepsum-answers-")


@cache
def _prepared(name):
    folder, at = Path(_folders.name) / name, STAGES[name]
    if name == "sold":
        house = House(folder, PACK)
        some_sales(house)
    else:
        shutil.copytree(_prepared("sold" if name == "rolled" else "rolled"), folder)
        house = House(folder, PACK, now=at, fresh=False)
        house.roll() if name == "rolled" else house.purge()
    house.close()
    return folder


def ask(
    house, metrics, first="2026-02-01", last="2026-02-05", remembered=None, *, caller: Any = MACHINE, **more
) -> Any:
    asked = query_of({"metrics": metrics, "from": first, "to": last, **more})
    return answer(house.workspace, asked, caller=caller, now=house.clock(), remembered=remembered)


def rows(*arguments, **more):
    return list(ask(*arguments, **more).rows)


def some_sales(house):
    """Four days of sales, the third without any, collected on the fourth."""
    house.at("2026-02-04T12:00:00Z")
    sold = [
        sale(i, f"2026-02-0{day}", buyer=f"b{i % 5}", place=place, way=way, amount=i - 3, invoice=f"{day}-{i // 2}")
        for i, (day, place, way) in enumerate(
            [(1, "york", "card"), (1, "bath", "cash"), (1, "york", "card"), (2, None, "card")] * 3
            + [(4, "hull", "cash")]
        )
    ]
    house.collect(*sold)


def test_an_answer_goes_through_visible_steps():
    assert [step.__name__ for step in STEPS] == ["admit", "plan", "bound", "route", "read", "calculate", "label"]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"grain": "day"},
        {"by": "place", "grain": "week"},
        {"where": {"way": ["card"]}, "grain": "day"},
        {"where": {"place": [None]}, "by": "way"},
        {"by": "place", "top": 1, "totals": True, "compare": "previous"},
    ],
)
def test_records_rollups_and_what_is_left_after_the_purge_give_the_same_answer(stage, how):
    asked = {"last": "2026-02-02", **how}
    found = {name: ask(stage(name), METRICS_KEPT if "where" in how else EVERY, **asked) for name in STAGES}
    assert {name: answer.labels.sources for name, answer in found.items()} == {
        "sold": {"rollup": 0, "records": 2, "missing": 0},
        "rolled": {"rollup": 2, "records": 0, "missing": 0},
        "purged": {"rollup": 2, "records": 0, "missing": 0},
    }
    assert found["sold"].rows == found["rolled"].rows == found["purged"].rows
    assert found["sold"].totals == found["rolled"].totals == found["purged"].totals


def test_figures_are_what_was_collected(stage):
    house = stage("sold")
    found = rows(house, "amount,sold,card,mean,cheapest,dearest,invoices,running", grain="day", last="2026-02-04")
    assert [tuple(map(str, row)) for row in found] == [
        ("2026-02-01", "18", "9", "6", "2.00", "-3", "7", "6", "18"),
        ("2026-02-02", "12", "3", "3", "4.00", "0", "8", "3", "30"),
        ("2026-02-03", "None", "None", "None", "None", "None", "None", "None", "None"),
        ("2026-02-04", "9", "1", "0", "9.00", "9", "9", "1", "39"),
    ]


def test_a_day_is_missing_until_it_is_sealed_without_records_and_zero_afterwards(stage):
    house = stage("sold")
    assert ask(house, "sold").labels.coverage.missing == ("2026-02-03",)
    house.at("2026-02-05T12:00:00Z").roll()
    found = ask(house, "sold", grain="day", last="2026-02-04")
    assert [row[1] for row in found.rows] == [9, 3, 0, 1]
    assert (found.labels.coverage.missing, found.labels.final) == ((), True)


def test_today_is_covered_and_not_final_before_its_first_record(stage):
    house = stage("rolled")
    found = ask(house, "sold", grain="day", first="2026-02-04", last="2026-02-07")
    assert [row[1] for row in found.rows] == [1, 0, None, None]
    assert (found.labels.final, found.labels.coverage.days) == (False, 2)


def test_days_before_the_first_record_are_not_covered_and_not_missing(stage):
    house = stage("sold")
    found = ask(house, "sold", grain="month", first="2025-12-01", last="2026-02-04")
    assert [row[1] for row in found.rows] == [None, None, 13]
    assert found.labels.coverage.days == 4


def test_a_new_record_changes_an_answer_that_was_remembered(stage):
    house = stage("sold")
    remembered = Remembered()
    assert rows(house, "sold", remembered=remembered) == [(13,)]
    assert rows(house, "sold", remembered=remembered) == [(13,)]
    house.collect(sale("new", "2026-02-04"))
    assert rows(house, "sold", remembered=remembered) == [(14,)]


def test_only_so_many_days_are_remembered(stage):
    house = stage("sold")
    remembered = Remembered(most=2)
    assert rows(house, "sold", remembered=remembered) == rows(house, "sold", remembered=remembered)
    assert len(remembered) == 2


def test_people_are_counted_without_reading_who_they_are(stage):
    remembered = Remembered()
    assert ask(stage("sold"), "buyers,amount", by="place", remembered=remembered).labels.sources["records"]
    read = {name for *_, names in remembered.records._days for name in names}
    assert {"slot", "rank"} <= read
    assert not {"subject", "key"} & read


def test_moving_records_into_files_changes_no_answer(stage):
    house = stage("sold")
    before = rows(house, EVERY, by="place")
    house.move_day("2026-02-01")
    assert rows(house, EVERY, by="place") == before


def test_a_record_late_for_its_seal_is_counted_at_once(stage):
    house = stage("rolled")
    house.collect(sale("late", "2026-02-01", amount=100))
    found = ask(house, "amount", last="2026-02-04")
    assert (found.rows, found.labels.final) == (((139,),), False)


def test_purged_days_lack_what_no_rollup_kept(stage):
    house = stage("purged")
    found = ask(house, "buyers,sold", by="way,place", last="2026-02-04", explain=True)
    assert found.labels.coverage.missing == tuple(f"2026-02-0{day}" for day in (1, 2, 3, 4))
    assert {row[2] for row in found.rows} == {None}
    assert sum(row[3] for row in found.rows) == 13
    reasons = {(r["measure"], r.get("from"), r["reason"]) for r in found.explain.refusals}
    assert ("uniques of buyer", "2026-02-01", "GRAIN_TOO_COARSE") in reasons
    assert ("count", None, "DIMENSION_MISSING") in reasons


def test_explain_says_where_each_stretch_of_days_comes_from(stage):
    house = stage("sold")
    house.at("2026-02-03T12:00:00Z").roll()
    house.at("2026-02-04T12:00:00Z")
    found = ask(house, "amount", explain=True).explain
    assert [(r["from"], r["to"], r["source"], r.get("rollup")) for r in found.routes] == [
        ("2026-02-01", "2026-02-02", "rollup", "daily"),
        ("2026-02-04", "2026-02-04", "records", None),
    ]
    assert [(r["from"], r["reason"]) for r in found.refusals] == [("2026-02-03", "NOT_COLLECTED")]
    assert found.rows_read == 2
    assert list(found.seconds) == ["admit", "plan", "bound", "route", "read", "calculate", "label"]


def test_a_file_that_is_damaged_takes_its_day_out_of_the_answer_and_nothing_else(stage):
    house = stage("sold")
    house.move_day("2026-02-01")
    (segment,) = house.segments("2026-02-01")
    (house.workspace.segments.folder / segment.file).write_bytes(b"not a file of records")
    found = ask(house, "sold", grain="day", explain=True)
    assert [row[1] for row in found.rows] == [None, 3, None, 1, None]
    assert found.labels.coverage.missing == ("2026-02-01", "2026-02-03")
    assert {r["reason"] for r in found.explain.refusals if "from" in r} == {"DAY_DAMAGED", "NOT_COLLECTED"}


def test_a_purged_day_answers_from_the_generation_it_was_rolled_under(stage):
    house = stage("purged")
    house.collect(sale("new", "2026-03-07", place="hull"))
    changed = replace(PLACE_DAILY, by=("place",))
    metrics = (Metric("amount", changed.amount), Metric("sold", changed.sales))
    house.open(pack=Pack("shop", streams=(SALES,), rollups=(changed,), metrics=metrics))
    house.at("2026-03-08T12:00:00Z").roll()
    found = ask(house, "amount,sold", by="way", last="2026-03-07", explain=True)
    assert [row[2] for row in found.rows] == [10, 4]
    assert found.labels.coverage.missing == ()
    # The newer generation has no dimension `way`: living days come from their records.
    sources = {(r["source"], r.get("rollup")) for r in found.explain.routes}
    assert sources == {("rollup", "place_daily"), ("records", None)}


def test_a_correction_restates_its_day_or_is_booked_where_it_was_made(stage):
    house = stage("purged")
    house.collect(sale("late", "2026-02-01", place="york", amount=100, invoice="new"))
    whole = {"first": "2026-02-01", "last": "2026-03-31", "grain": "month"}
    assert [r[1] for r in rows(house, "amount", **whole)] == [139, 0]
    assert [r[1] for r in rows(house, "amount", basis="booked", **whole)] == [39, 100]
    assert [r[1] for r in rows(house, "amount", basis="booked", **{**whole, "first": "2026-03-01"})] == [100]
    assert rows(house, "amount", grain="day", last="2026-02-02") == [("2026-02-01", 118), ("2026-02-02", 12)]
    found = ask(house, "amount,buyers,invoices", basis="booked", first="2026-03-07", last="2026-03-07", by="place")
    assert [row[:4] for row in found.rows] == [("york", 100, 1, 1)]
    assert found.labels.basis == "booked"


def test_different_values_of_a_corrected_day_are_at_most(stage):
    house = stage("purged")
    assert ask(house, "invoices").labels.notes == ()
    house.collect(sale("late", "2026-02-01", invoice="1-0"))
    assert ask(house, "invoices").labels.notes == ("AT_MOST",)
    assert ask(house, "sold").labels.notes == ()
    assert ask(house, "invoices", first="2026-02-02").labels.notes == ()


def test_metrics_of_two_streams_stand_side_by_side(stage):
    house = stage("sold")
    house.collect(
        *({"id": str(i), "at": "2026-02-01T10:00:00Z", "place": "york", "seconds": 5} for i in range(4)),
        stream="visits",
    )
    found = rows(house, "sold,visits,sold_per_visit", by="place", last="2026-02-01")
    assert [tuple(map(str, row)) for row in found] == [("bath", "3", "0", "None"), ("york", "6", "4", "1.50")]


def test_a_stream_that_is_covered_with_another_is_zero_where_only_that_one_has_records(tmp_path):
    along = replace(VISITS, covered_with="sales")
    visited = replace(VISITED, of=along)
    metrics = (SOLD, Metric("visits", visited.visits))
    house = House(tmp_path, Pack("both", streams=(SALES, along), rollups=(PLACE_DAILY, visited), metrics=metrics))
    house.collect(sale(1, "2026-01-30"))
    asked = {"first": "2026-01-29", "last": "2026-02-01", "grain": "day"}
    assert [row[1:] for row in rows(house, "sold,visits", **asked)] == [(None, None), (1, 0), (None, None), (0, 0)]
    house.roll()
    assert [row[1:] for row in rows(house, "sold,visits", **asked)] == [(None, None), (1, 0), (0, 0), (0, 0)]
    house.close()


def test_the_period_before_is_that_of_the_same_length(stage):
    house = stage("rolled")
    found = ask(house, "sold", compare="previous", first="2026-02-03", last="2026-02-04")
    assert (found.rows, found.labels.notes) == (((1, 12),), ())
    found = ask(house, "sold", compare="previous", first="2026-02-01", last="2026-02-02")
    assert (found.rows, found.labels.notes) == (((12, None),), ("PREVIOUS_INCOMPLETE",))


def test_uniques_over_days_are_merged_and_say_their_error(stage):
    house = stage("sold")
    found = ask(house, "buyers")
    assert found.rows == ((5, 1),)
    assert (found.labels.exact, round(found.labels.error["buyers"], 3)) == (False, 0.05)


def test_a_difference_of_uniques_is_no_exact_figure_and_has_no_relative_error(stage):
    house = stage("sold")
    buyers = house.workspace.catalog.metrics["buyers"]
    fewer = Metric("fewer", buyers - buyers)
    house.open(replace(PACK, metrics=(*PACK.metrics, fewer)))
    found = ask(house, "fewer")
    assert (found.rows, found.labels.exact, found.labels.error) == (((0, 2),), False, {})


def test_a_ratio_over_nothing_is_null(stage):
    house = stage("rolled")
    assert rows(house, "mean", first="2026-02-03", last="2026-02-03") == [(None,)]


def test_a_workspace_without_records_answers_with_nulls(house):
    found = ask(house, "sold,buyers", grain="day", last="2026-02-02")
    assert found.rows == (("2026-02-01", None, None, None), ("2026-02-02", None, None, None))
    assert (found.labels.coverage.days, found.labels.final) == (0, False)


def test_a_question_without_meaning_is_an_error(house):
    with pytest.raises(Invalid, match="UNKNOWN_DIMENSION"):
        ask(house, "sold", by="colour")


# What guarded callers see.


def crowd(house, day, people, *, start=0, place="york"):
    """So many people, one record each."""
    house.collect(*(sale(f"{day}-{place}-{i}", day, buyer=f"p{i}", place=place) for i in range(start, start + people)))


def show(house, rollup, day, atoms, *, state="open", at=None):
    """Publish atoms of a day by hand: by dimensions (people, count, sum)."""
    layout = RollupLayout(rollup=rollup)
    values = [c.name for c in layout.atom_values]
    columns = {"day": [number(day)] * len(atoms)}
    columns |= {name: [key[i] for key in atoms] for i, name in enumerate(layout.dimensions)}
    columns |= {name: [0] * len(atoms) for name in values}
    columns |= {"people": [a[0] for a in atoms.values()], "m_sales": [a[1] for a in atoms.values()]}
    columns |= {"m_amount_hi": [0] * len(atoms), "m_amount_lo": [a[2] for a in atoms.values()]}
    shown = Published(
        table=layout.table, day=number(day), state=state, at=number(at or day), k=10, people=0, largest=0, seen=()
    )
    with house.workspace.file.write() as connection:
        table = shapes.atoms(layout)
        rollups.replace(connection, table, [number(day)], rollups.lines(table, pa.table(columns)))
        rollups.publish(connection, [shown])


def test_an_unsealed_day_moves_in_steps_of_k_people_for_guarded_callers(house):
    house.at("2026-02-01T13:00:00Z")
    seen = []
    for people in range(0, 24, 4):
        crowd(house, "2026-02-01", 4, start=people)
        seen.append(rows(house, "sold,amount,buyers", guarded=True, last="2026-02-01")[0][:3])
    assert seen == [(0, 0, 0), (0, 0, 0), (10, 50, 10), (10, 50, 10), (20, 100, 20), (20, 100, 20)]


def test_an_unsealed_day_is_never_split_for_guarded_callers(house):
    house.at("2026-02-01T13:00:00Z")
    crowd(house, "2026-02-01", 15)
    found = ask(house, "sold", guarded=True, by="place", last="2026-02-01")
    assert found.rows == (("(hidden)", 10),)
    assert (found.labels.suppressed, found.labels.guarded, found.labels.notes) == (True, True, ("IN_STEPS",))
    assert rows(house, "sold", guarded=True, where={"place": ["york"]}, last="2026-02-01") == [(None,)]


def test_a_guarded_caller_never_gets_the_smallest_or_the_largest(stage):
    house = stage("sold")
    found = ask(house, "cheapest,dearest", guarded=True, explain=True)
    assert found.rows == ((None, None),)
    assert (found.labels.notes, found.labels.coverage.missing) == (("GUARDED_MEASURE",), ())
    assert {r["reason"] for r in found.explain.refusals} == {"GUARDED_MEASURE"}


def test_guarded_answers_come_from_atoms_where_small_groups_are_hidden(stage):
    house = stage("rolled")
    for day in ("2026-02-01", "2026-02-02"):
        show(house, DAILY, day, {(): (40, 40, 400)})
    show(house, PLACE_DAILY, "2026-02-01", {("card", "york"): (20, 20, 200), (HIDDEN, HIDDEN): (20, 20, 200)})
    show(house, PLACE_DAILY, "2026-02-02", {("card", "york"): (20, 20, 200), ("cash", "bath"): (20, 20, 200)})
    asked = {"guarded": True, "last": "2026-02-02"}
    assert rows(house, "sold,amount", **asked) == [(80, 800)]
    found = ask(house, "sold", by="place", grain="day", **asked)
    assert found.rows == (
        ("2026-02-01", "bath", None),
        ("2026-02-01", "york", 20),
        ("2026-02-01", "(hidden)", 20),
        ("2026-02-02", "bath", 20),
        ("2026-02-02", "york", 20),
        ("2026-02-02", "(hidden)", 0),
    )
    assert found.labels.suppressed
    found = ask(house, "sold", where={"place": ["bath"]}, grain="day", **asked)
    assert (found.rows, found.labels.suppressed) == ((("2026-02-01", None), ("2026-02-02", 20)), True)
    found = ask(house, "sold", where={"place": ["bath"]}, guarded=True, first="2026-02-02", last="2026-02-02")
    assert (found.rows, found.labels.suppressed) == (((20,),), False)
    found = ask(house, "sold", by="place", where={"place": ["york"]}, **asked)
    assert found.rows == (("york", 40),)
    assert ask(house, "sold", by="place", totals=True, **asked).totals == (None, 80)


def test_a_withheld_day_is_null_and_said_so(stage):
    house = stage("rolled")
    show(house, DAILY, "2026-02-01", {}, state="withheld")
    show(house, DAILY, "2026-02-02", {(): (40, 40, 400)})
    found = ask(house, "sold", guarded=True, grain="day", last="2026-02-02", explain=True)
    assert found.rows == (("2026-02-01", None), ("2026-02-02", 40))
    assert (found.labels.suppressed, found.labels.notes) == (True, ("WITHHELD",))
    assert found.labels.coverage.missing == ()


def test_days_that_joined_stand_together_or_not_at_all(stage):
    house = stage("rolled")
    show(house, DAILY, "2026-02-01", {}, state="joined", at="2026-02-02")
    show(house, DAILY, "2026-02-02", {(): (40, 50, 500)})
    assert rows(house, "sold", guarded=True, grain="day", last="2026-02-02") == [
        ("2026-02-01", None),
        ("2026-02-02", 50),
    ]
    assert rows(house, "sold", guarded=True, first="2026-02-02", last="2026-02-02") == [(None,)]
    # Registers of both days count where the figures stand.
    assert rows(house, "buyers", guarded=True, grain="day", last="2026-02-02")[1][1] == 5


def test_a_stream_about_nobody_is_not_guarded_and_says_so(house):
    house.collect({"id": "1", "at": "2026-02-01T10:00:00Z", "place": "york", "seconds": 5}, stream="visits")
    found = ask(house, "visits", guarded=True, by="place", last="2026-02-01")
    assert found.rows == (("york", 1),)
    assert (found.labels.guarded, found.labels.suppressed, found.labels.notes) == (False, False, ("NOT_GUARDED",))


def test_what_is_published_at_the_seal_is_what_guarded_callers_get(house):
    crowd(house, "2026-02-01", 15, place="york")
    crowd(house, "2026-02-01", 12, place="bath")
    house.at("2026-02-02T12:00:00Z")
    crowd(house, "2026-02-02", 15, place="york")
    crowd(house, "2026-02-02", 3, place="bath")
    house.at("2026-02-03T12:00:00Z").roll()
    asked = {"guarded": True, "last": "2026-02-02"}
    found = ask(house, "sold", by="place", grain="day", totals=True, **asked)
    assert found.rows == (
        ("2026-02-01", "bath", 12),
        ("2026-02-01", "york", 15),
        ("2026-02-01", "(hidden)", 0),
        ("2026-02-02", "bath", None),
        ("2026-02-02", "york", None),
        ("2026-02-02", "(hidden)", 18),
    )
    assert found.totals == (None, None, 45)
    assert rows(house, "sold,buyers", **asked) == [(45, 15, 1)]
    assert rows(house, "sold", where={"place": ["bath"]}, **asked) == [(12,)]
    assert rows(house, "sold", by="place") == [("bath", 15), ("york", 30)]


def test_corrections_of_few_people_change_nothing_that_guarded_callers_see(house):
    crowd(house, "2026-02-01", 15)
    house.at("2026-02-02T12:00:00Z").roll()
    house.at("2026-03-04T12:00:00Z").purge()
    asked = {"guarded": True, "last": "2026-02-01", "metrics": "sold,buyers,invoices"}
    before = rows(house, **asked)
    house.collect(*(sale(f"late-{i}", "2026-02-01", buyer=f"new{i}", invoice=f"i{i}") for i in range(9)))
    assert rows(house, **asked) == before
    booked = {**asked, "basis": "booked", "first": "2026-03-04", "last": "2026-03-04"}
    assert rows(house, **booked) == [(0, 0, 0, 0)]
    assert rows(house, "sold", last="2026-02-01") == [(24,)]
    house.collect(sale("late-9", "2026-02-01", buyer="new9"))
    assert rows(house, **asked)[0][0] == 25


def test_a_filter_says_that_some_of_what_it_asks_for_may_stand_among_the_surplus(house):
    house.at("2026-02-01T13:00:00Z")
    places = ["york"] * 3 + ["bath"] * 3 + ["hull"] * 2 + ["ely"]  # three places are kept a day
    house.collect(*(sale(i, place=place) for i, place in enumerate(places)))
    asked = {"last": "2026-02-01"}
    for _ in range(2):
        found = ask(house, "sold", where={"place": ["ely"]}, **asked)
        assert (found.rows, found.labels.notes) == (((0,),), ("OTHER_LEFT_OUT",))
        assert ask(house, "sold", where={"way": ["card"]}, **asked).labels.notes == ()
        assert rows(house, "sold", by="place", **asked) == [("bath", 3), ("hull", 2), ("york", 3), ("(other)", 1)]
        house.at("2026-02-02T12:00:00Z").roll()


def test_an_answer_made_of_too_many_figures_is_refused(stage, monkeypatch):
    house = stage("rolled")
    monkeypatch.setattr("keepsum.engine.compile.answer.MOST_ROWS", 2)
    with pytest.raises(Invalid, match="ANSWER_TOO_LONG"):
        ask(house, "sold", by="place", last="2026-02-02")
