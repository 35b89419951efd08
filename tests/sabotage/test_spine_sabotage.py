"""Sabotage: a step between the door and the seal that does its work wrongly never gets a day sealed, nor purged.

What a roll-up computes is sabotaged beside this; here it is everything around it.
"""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.systems import HOUR, House, number, sale

from keepsum.engine.days import Calendar
from keepsum.model.control import Control
from keepsum.model.day import A_DAY
from keepsum.model.errors import ProofFailed
from keepsum.model.ledger import Kind
from keepsum.pipeline import correct, lot, move, roll
from keepsum.store import days, manifest, records, rollups, tally
from keepsum.store.homes.embedded import Segments

FIRST = "2026-02-01"


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path, now="2026-02-01T23:50")
    yield made
    made.close()


def fill(house):
    """Six records in two segments and the tail, some at the very borders of the day."""
    sent = [
        sale(1, at=f"{FIRST}T00:00:00Z", amount=4),
        sale(2, at=f"{FIRST}T00:30:00Z", amount=None, buyer="bob"),
        sale(3, at=f"{FIRST}T23:30:00Z", way="cash"),
        sale(4, at=f"{FIRST}T12:00:00Z", place="hull", amount=-4),
        sale(5, at=f"{FIRST}T12:00:00Z", invoice="i"),
        sale(6, at=f"{FIRST}T23:49:59Z", amount=10**17),
    ]
    for begin in (0, 2, 4):
        house.collect(*sent[begin : begin + 2])
        if begin < 4:
            with suppress(ProofFailed):  # a mover may notice at once
                house.move_day(FIRST)


class Saboteur:
    """Puts something wrong in place of what is right."""

    def __init__(self, monkeypatch):
        self.patch = monkeypatch

    def instead(self, owner, name, make):
        self.patch.setattr(owner, name, make(getattr(owner, name)))


def mover_loses_a_row(wrong):
    def make(write):
        return lambda self, layout, day, table, control: write(self, layout, day, table.slice(1), control)

    wrong.instead(Segments, "write", make)


def mover_swaps_two_values(wrong):
    def make(write):
        def swapped(self, layout, day, table, control):
            other = table["f_amount"].take(pa.array([1, 0, *range(2, table.num_rows)]))
            place = table.column_names.index("f_amount")
            return write(self, layout, day, table.set_column(place, "f_amount", other), control)

        return swapped

    wrong.instead(Segments, "write", make)


def mover_forgets_how_far_it_came(wrong):
    def make(set_state):
        def forgetful(connection, stream, day, **values):
            values.pop("moved", None)
            set_state(connection, stream, day, **values)

        return forgetful

    wrong.instead(move.days, "set_state", make)


def mover_drops_more_than_it_moved(wrong):
    wrong.instead(
        move.records, "drop_tail", lambda drop: lambda c, stream, day, _upto, limit: drop(c, stream, day, 2**62, limit)
    )


def placing_puts_another_file_there(wrong):
    def make(place):
        def other(self, segment):
            path = self.path(segment, placed=False)
            path.write_bytes(path.read_bytes()[:-7] + b"garbage")
            place(self, segment)

        return other

    wrong.instead(Segments, "place", make)


def compacting_leaves_a_segment_out(wrong):
    wrong.instead(move, "_write", lambda write: lambda w, layout, day, table, expected: write(
        w, layout, day, table.slice(0, max(table.num_rows - 2, 1)) if table.num_rows > 2 else table, expected
    ))  # fmt: skip


def manifest_forgets_a_segment(wrong):
    wrong.instead(manifest, "of_days", lambda listed: lambda *arguments: {
        day: found[1:] for day, found in listed(*arguments).items()
    })  # fmt: skip


def reading_drops_the_last_record(wrong):
    def make(read):
        def short(self, segment, layout, names=None, *, placed=True):
            table = read(self, segment, layout, names, placed=placed)
            return table.slice(0, table.num_rows - 1) if placed else table

        return short

    wrong.instead(Segments, "read", make)


def reading_leaves_the_tail_out(wrong):
    wrong.instead(records, "tail", lambda tail: lambda c, layout, day, _after, names=None: tail(
        c, layout, day, 2**62, names
    ))  # fmt: skip


def reading_gives_rows_twice(wrong):
    wrong.instead(roll, "together", lambda read: lambda *arguments: pa.concat_tables([read(*arguments)] * 2))


def door_drops_a_batch(wrong):
    def make(append):
        def short(connection, layout, listed, columns):
            return append(connection, layout, listed[1:], [column[1:] for column in columns])

        return short

    wrong.instead(records, "append", make)


def door_forgets_to_add_to_control(wrong):
    def make(add):
        first = [add]
        return lambda *arguments: first.pop()(*arguments) if first else None

    wrong.instead(tally, "add", make)


def door_adds_to_control_twice(wrong):
    def make(add):
        def twice(connection, stream, before, more):
            listed = list(more)
            add(connection, stream, before, listed)
            add(connection, stream, tally.standings(connection, stream, [one.day for one in listed]), listed)

        return twice

    wrong.instead(tally, "add", make)


def door_stores_something_else_than_it_hashed(wrong):
    def make(lay_out):
        def other(*arguments, **named):
            found = lay_out(*arguments, **named)
            return replace(found, columns={**found.columns, "f_way": ["cash"] * len(found)})

        return other

    wrong.instead(lot, "lay_out", make)
    wrong.patch.setattr("keepsum.pipeline.collect.lay_out", lot.lay_out)


def days_begin_an_hour_late(wrong):
    wrong.instead(Calendar, "numbers_of", lambda numbers: lambda self, times: numbers(self, times - HOUR))


def days_begin_an_hour_early(wrong):
    wrong.instead(Calendar, "numbers_of", lambda numbers: lambda self, times: numbers(self, times + HOUR))


def storing_otherwise(wrong, change):
    """Store other rows than were proven, wherever days' own records are rolled."""
    wrong.instead(rollups, "replace", lambda put: lambda connection, table, days, rows: put(
        connection, table, days, change(table, rows)
    ))  # fmt: skip


def storing_drops_a_row(wrong):
    storing_otherwise(wrong, lambda table, rows: rows[1:] if "people" in table.columns else rows)


def storing_drops_registers(wrong):
    storing_otherwise(wrong, lambda _table, rows: [row for row in rows if row[0] != "buyers"])


def storing_puts_days_in_each_others_place(wrong):
    def other_day(table, rows):
        places = [table.columns.keys().index(name) for name in ("day", "booked")]
        return [tuple(value + 1 if place in places else value for place, value in enumerate(row)) for row in rows]

    storing_otherwise(wrong, other_day)


def storing_adds_an_epoch(wrong):
    def twice(table, rows):
        place = table.columns.keys().index("epoch") if "epoch" in table.columns else None
        return rows if place is None else [*rows, *((*row[:place], 2, *row[place + 1 :]) for row in rows)]

    storing_otherwise(wrong, twice)


def storing_shows_more_people(wrong):
    def more(table, rows):
        place = table.columns.keys().index("people") if table.name.endswith("_atoms") else None
        return rows if place is None else [(*row[:place], row[place] + 1, *row[place + 1 :]) for row in rows]

    storing_otherwise(wrong, more)


def statement_drops_a_measure(wrong):
    def make(rolled):
        def broken(rollup, coded, run):
            found = rolled(rollup, coded, run)
            return replace(found, parts=found.parts.filter(np.array(found.parts["measure"]) != "buyers"))

        return broken

    wrong.instead(roll.decode, "rolled", make)


def statement_counts_one_too_many(wrong):
    def make(rolled):
        def broken(rollup, coded, run):
            found = rolled(rollup, coded, run)
            place = found.rows.column_names.index("m_sales")
            more = pa.array(np.array(found.rows["m_sales"]) + 1)
            return replace(found, rows=found.rows.set_column(place, found.rows.schema.field(place), more))

        return broken

    wrong.instead(roll.decode, "rolled", make)


# What is wrong, why the day is held then, and whether it can be sealed once it is put right.
AT_THE_DOOR = [
    (door_drops_a_batch, "CONTROL_DIFFERS"),
    (door_forgets_to_add_to_control, "CONTROL_DIFFERS"),
    (door_adds_to_control_twice, "CONTROL_DIFFERS"),
    (door_stores_something_else_than_it_hashed, "CONTROL_DIFFERS"),
    (mover_forgets_how_far_it_came, "CONTROL_DIFFERS"),
    (mover_drops_more_than_it_moved, "CONTROL_DIFFERS"),
    (placing_puts_another_file_there, "DAMAGED"),
]
ON_THE_WAY = [
    (mover_loses_a_row, "CONTROL_DIFFERS"),
    (mover_swaps_two_values, "CONTROL_DIFFERS"),
    (compacting_leaves_a_segment_out, "CONTROL_DIFFERS"),
    (manifest_forgets_a_segment, "CONTROL_DIFFERS"),
    (reading_drops_the_last_record, "CONTROL_DIFFERS"),
    (reading_leaves_the_tail_out, "CONTROL_DIFFERS"),
    (reading_gives_rows_twice, "CONTROL_DIFFERS"),
    (storing_drops_a_row, "STORED_DIFFERS"),
    (storing_drops_registers, "STORED_DIFFERS"),
    (storing_puts_days_in_each_others_place, "STORED_DIFFERS"),
    (storing_adds_an_epoch, "STORED_DIFFERS"),
    (statement_drops_a_measure, "ROLLUP_DIFFERS"),
    (statement_counts_one_too_many, "ROLLUP_DIFFERS"),
]


def named(cases):
    return pytest.mark.parametrize(("sabotage", "code"), cases, ids=[case[0].__name__ for case in cases])


def refuse(house, code, day=FIRST):
    """Nothing is sealed, the day is held for the reason, and no purge takes it."""
    house.at("2026-02-02T02:00")
    outcome = house.roll(last=day)
    assert outcome.sealed == 0
    assert (house.status(day), house.state(day).held) == ("held", code)
    assert house.entries(Kind.SEALED) == []
    assert (house.rows(), house.parts()) == ({}, {})
    house.at("2026-03-05T02:00")
    assert {due.blocked for due in house.purge().blocked} == {f"HELD_{code}"}
    assert house.entries(Kind.PURGING) == []


@named(ON_THE_WAY)
def test_a_step_that_goes_wrong_keeps_the_day_from_being_sealed_until_it_is_put_right(
    house, monkeypatch, sabotage, code
):
    fill(house)
    sabotage(Saboteur(monkeypatch))
    refuse(house, code)
    monkeypatch.undo()
    assert house.roll(last=FIRST).sealed == 1
    assert sum(row["m_sales"] for row in house.rows().values()) == 6
    assert house.purge().days == 1


def test_atoms_that_are_stored_otherwise_than_decided_keep_the_day_from_being_sealed(house, monkeypatch):
    house.collect(*(sale(n, buyer=f"p{n}") for n in range(12)))
    storing_shows_more_people(Saboteur(monkeypatch))
    refuse(house, "STORED_DIFFERS")


def while_moving(house, monkeypatch, happens):
    """Move a day, and let something happen when its tail was just read."""
    tail = records.tail

    def read(*arguments):
        monkeypatch.setattr(records, "tail", tail)
        found = tail(*arguments)
        happens()
        return found

    monkeypatch.setattr(records, "tail", read)
    house.move_day(FIRST)


@named(AT_THE_DOOR)
def test_records_that_were_stored_wrongly_are_never_sealed(house, monkeypatch, sabotage, code):
    sabotage(Saboteur(monkeypatch))
    fill(house)
    if sabotage is mover_drops_more_than_it_moved:
        while_moving(house, monkeypatch, lambda: house.collect(sale(9)))
    monkeypatch.undo()
    refuse(house, code)


@pytest.mark.parametrize("sabotage", [days_begin_an_hour_late, days_begin_an_hour_early])
def test_a_record_that_was_put_into_the_wrong_day_keeps_that_day_from_being_sealed(house, monkeypatch, sabotage):
    sabotage(Saboteur(monkeypatch))
    late = sabotage is days_begin_an_hour_late
    house.collect(sale(1, at=f"{FIRST}T00:30:00Z" if late else "2026-01-31T23:30:00Z"))
    monkeypatch.undo()
    day = "2026-01-31" if late else FIRST
    assert house.state(day).control.records == 1
    refuse(house, "TIME_OUTSIDE_DAY", day)
    assert "1 record of stream 'sales'" in house.state(day).held_detail
    house.accept(day)
    assert house.roll(last=day).sealed >= 1
    assert house.status(day) == "sealed"


def test_a_correction_that_is_computed_wrongly_is_not_made(house, monkeypatch):
    house.collect(sale(1))
    house.at("2026-02-02T02:00").roll()
    house.at("2026-03-05T02:00").purge()
    before = house.digests()
    wrong = Saboteur(monkeypatch)

    def make(rolled):
        def broken(rollup, coded, run):
            found = rolled(rollup, coded, run)
            return replace(found, parts=found.parts.filter(np.array(found.parts["measure"]) != "buyers"))

        return broken

    wrong.instead(correct.decode, "rolled", make)
    with pytest.raises(ProofFailed, match=r"ROLLUP_DIFFERS.*'place_daily'.*'buyers'"):
        house.collect(sale(2))
    monkeypatch.undo()
    assert (house.digests(), house.entries(Kind.CORRECTED)) == (before, [])
    assert house.collect(sale(2)).accepted == 1


def test_a_refusal_names_the_measure_that_differs(house, monkeypatch):
    fill(house)
    statement_counts_one_too_many(Saboteur(monkeypatch))
    refuse(house, "ROLLUP_DIFFERS")
    assert "measure 'sales'" in house.state(FIRST).held_detail


def test_a_control_that_somebody_made_fit_does_not_hide_what_was_sealed(house):
    fill(house)
    house.at("2026-02-02T02:00").roll()
    with house.workspace.file.write() as connection:
        days.replace_control(connection, "sales", number(FIRST), Control(records=5))
        connection.exec_driver_sql("UPDATE stream_days SET touched = touched + 1")
    house.roll(last=FIRST)
    assert house.state(FIRST).held == "CONTROL_DIFFERS"
    assert len(house.entries(Kind.SEALED)) == 1


def test_a_day_is_as_long_here_as_where_records_are_accepted():
    assert A_DAY == 24 * HOUR
