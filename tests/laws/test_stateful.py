"""Any sequence of what may happen to an install, crashes and clocks that jump among it, against a plain oracle.

The oracle keeps every record that counts, by day and key, in a dictionary. It says what each sender must be told, and
what the figures of every sealed and purged day must add up to.
"""

import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.systems import DAY, HOUR, House, instant, number, sale

from keepsum.engine.buckets import decode
from keepsum.model.day import date_of
from keepsum.model.errors import Unavailable
from keepsum.model.ledger import Kind
from keepsum.pipeline.verify import verify_ledger
from keepsum.store.database import Database

BEGIN = "2026-02-03T12:00"
DAYS = ("2026-01-30", "2026-02-01", "2026-02-02", "2026-02-03", "2026-02-05", "2026-03-09")
KEEP, LATE = 30 * DAY, 7 * DAY
AHEAD, GRACE = HOUR, HOUR

# Few keys and few amounts, so that they come again, the same or changed.
RECORDS = st.tuples(st.sampled_from(DAYS), st.integers(0, 5), st.sampled_from([0, 5, -5, 10**17]))
BATCHES = st.lists(RECORDS, max_size=6)


class Crash(Exception):
    """The process ends here."""


@contextmanager
def crashing(step, *, committed):
    """End the process at the so-many-th transaction, just before it is durable or just after."""
    write, left = Database.write, [step]

    @contextmanager
    def watched(self):
        with write(self) as connection:
            yield connection
            left[0] -= 1
            if not left[0] and not committed:
                raise Crash
        if not left[0] and committed:
            raise Crash

    Database.write = watched
    try:
        yield
    finally:
        Database.write = write


def sent(record):
    day, key, amount = record
    return sale(key, day, amount=amount, buyer=f"buyer {key % 4}", place=("york", "hull", None)[key % 3])


class Install(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.folder = tempfile.TemporaryDirectory(prefix="keepsum-stateful-")
        self.house = House(Path(self.folder.name) / "house", now=BEGIN)
        self.counted: dict[str, dict[int, int]] = {day: {} for day in DAYS}
        # Of days that are no longer whole: what is known, but in no figure, and so can never be counted.
        self.uncounted: dict[str, dict[int, int]] = {day: {} for day in DAYS}
        self.seals: dict[int, dict[int, int]] = {}

    def teardown(self):
        if hasattr(self, "house"):
            try:
                self.everything_is_proven_in_the_end()
            finally:
                self.house.close()
                self.folder.cleanup()

    # What senders are told.

    def expected(self, batch):
        """What must become of each record of a batch, in order; what counts from now on is counted."""
        told = []
        for day, key, amount in batch:
            state, known, now = self.house.state(day), self.counted[day], self.house.clock()
            if instant(f"{day}T10:00") >= now + AHEAD:
                told.append("TIME_AHEAD")
            elif state.purge and (state.late_until is None or state.late_until < now):
                told.append("TOO_LATE")
            elif key not in known and key not in self.uncounted[day]:
                known[key] = amount
                told.append("accepted")
            elif (known | self.uncounted[day])[key] == amount:
                told.append("duplicate")
            else:
                told.append("RECORD_PURGED" if state.purge else "KEY_CONFLICT")
        return Counter(told)

    def told(self, receipt):
        rejected = Counter(rejection.code for rejection in receipt.rejections)
        return +Counter(accepted=receipt.accepted, duplicate=receipt.duplicates) + rejected

    @rule(batch=BATCHES)
    def collect(self, batch):
        receipt = self.house.collect(*map(sent, batch))
        assert self.told(receipt) == self.expected(batch)

    @precondition(lambda self: any(self.counted.values()))
    @rule(data=st.data(), more=BATCHES)
    def collect_what_is_known_again(self, data, more):
        known = [(day, key, amount) for day, keys in self.counted.items() for key, amount in keys.items()]
        self.collect([*data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=6)), *more])

    @rule(batch=BATCHES.filter(len), step=st.integers(1, 2), committed=st.booleans())
    def crash_while_collecting(self, batch, step, committed):
        durable = True
        with crashing(step, committed=committed):
            try:
                self.house.collect(*map(sent, batch))
            except Crash:
                durable = committed
        self.house.open()
        if durable:
            self.expected(batch)
        assert self.told(self.house.collect(*map(sent, batch))) == self.expected(batch)

    # What the install does.

    @rule()
    def move(self):
        self.house.move()

    @rule(day=st.sampled_from(DAYS))
    def move_one_day(self, day):
        self.house.move_day(day)

    @rule()
    def roll(self):
        outcome = self.house.roll()
        assert (outcome.held, outcome.left) == (0, 0)
        for day in self.ended():
            assert self.house.state(day).is_sealed or self.house.state(day).purge, day

    @rule()
    def purge(self):
        due = {day: self.house.state(day) for day in DAYS if instant(day) + DAY + KEEP <= self.house.clock()}
        if self.house.clock() < self.house.entries()[-1].at:
            with pytest.raises(Unavailable, match="CLOCK_BEHIND"):
                self.house.purge()
            return
        before = {day: self.house.status(day) for day in DAYS}
        done = self.house.purge()
        assert done.unfinished == ()
        for day in DAYS:
            gone = self.house.status(day) == "purged"
            if before[day] == "purged":
                assert gone
            elif before[day] == "purging" or (day in due and due[day].is_sealed):
                assert gone, day
                if before[day] != "purging":
                    assert self.house.state(day).late_until == self.house.clock() + LATE
            else:
                assert not gone, day

    @rule()
    def a_month_passes_and_all_that_is_proven_goes(self):
        self.house.clock.now = max(self.house.clock.now, self.house.entries()[-1].at) + KEEP + 2 * DAY
        self.house.roll(last=DAYS[-2])
        self.purge()

    @rule(what=st.sampled_from(["move", "roll", "purge"]), step=st.integers(1, 12), committed=st.booleans())
    def crash(self, what, step, committed):
        if what == "purge" and self.house.clock() < self.house.entries()[-1].at:
            return
        with crashing(step, committed=committed), suppress(Crash):
            getattr(self.house, what)()
        self.house.open()

    @rule()
    def restart(self):
        self.house.open()

    @rule(hours=st.sampled_from([1, 13, 24, 24 * 8, 24 * 31]))
    def time_passes(self, hours):
        self.house.clock.now += hours * HOUR

    @rule(hours=st.sampled_from([1, 30, 24 * 20]))
    def the_clock_jumps_back(self, hours):
        self.house.clock.now -= hours * HOUR

    @precondition(lambda self: any(self.house.segments(day) for day in self.whole()))
    @rule(data=st.data())
    def a_segment_is_lost_and_a_person_accepts_it(self, data):
        day = data.draw(st.sampled_from([day for day in self.whole() if self.house.segments(day)]))
        lost = data.draw(st.sampled_from(self.house.segments(day)))
        layout = self.house.workspace.layout(self.house.stream)
        keys = self.house.workspace.segments.read(lost, layout).column("key").to_pylist()
        self.house.workspace.segments.path(lost).unlink()
        with self.house.workspace.file.write() as connection:
            connection.exec_driver_sql(
                "UPDATE stream_days SET touched = touched + 1 WHERE day = ?", (number(day),)
            )  # as a late record would, so that the day is looked at
        if day not in self.ended():
            self.house.clock.now = instant(day) + DAY + GRACE
        assert self.house.roll(first=day, last=day).held == 1
        assert self.house.state(day).held == "DAMAGED"
        proven = self.proven(day)
        done = self.house.accept(day)
        gone = {key: amount for key, amount in self.counted[day].items() if str(key) in keys}
        if done.kept is None:
            assert not proven.keys() & gone.keys()
            self.counted[day] = {key: amount for key, amount in self.counted[day].items() if key not in gone}
        else:
            self.uncounted[day] = {key: amount for key, amount in gone.items() if key not in proven}
            self.counted[day] = {k: a for k, a in self.counted[day].items() if k not in self.uncounted[day]}
            assert done.uncounted == len(self.uncounted[day])
        assert self.house.roll(first=day, last=day).held == 0

    # What must always be so.

    def proven(self, day):
        """What the seal of a living day counted: the first of its records, which can all be read."""
        return self.seals.get(self.house.state(day).seal or 0, {})

    @invariant()
    def seals_are_remembered(self):
        for day in DAYS:
            state = self.house.state(day)
            if state.seal is not None and state.is_sealed and state.seal not in self.seals:
                self.seals[state.seal] = dict(self.counted[day])

    def whole(self):
        return [day for day in self.living() if self.house.state(day).incomplete is None]

    def living(self):
        return [day for day in DAYS if not self.house.state(day).purge]

    def ended(self):
        first = min((day for day in DAYS if self.house.state(day).touched), default="9999")
        return [day for day in DAYS if day >= first and instant(day) + DAY + GRACE <= self.house.clock()]

    @invariant()
    def control_counts_every_record_once(self):
        for day in self.whole():
            control = self.house.state(day).control
            assert control.records == len(self.counted[day]), day
            assert control.sums.get("f_amount", 0) == sum(self.counted[day].values()), day

    @invariant()
    def figures_of_sealed_and_purged_days_are_those_of_their_records(self):
        rows, found = self.house.rows(), {day: [0, 0] for day in DAYS}
        for (_, _, day, _), row in rows.items():
            one = found.setdefault(str(date_of(day)), [0, 0])
            one[0] += row["m_sales"]
            one[1] += (row["m_amount_hi"] or 0) * 10**9 + (row["m_amount_lo"] or 0)
        for day in DAYS:
            state = self.house.state(day)
            if state.is_sealed or state.purge:
                assert found[day] == [len(self.counted[day]), sum(self.counted[day].values())], day

    @invariant()
    def purged_days_have_no_records_and_living_ones_no_strangers(self):
        listed = {segment.file for day in DAYS for segment in self.house.segments(day)}
        for day in DAYS:
            if self.house.status(day) == "purged":
                assert (self.house.tail(day), self.house.segments(day)) == (0, ())
        assert listed <= set(self.house.files())

    def everything_is_proven_in_the_end(self):
        """Everything is rolled and goes, and every figure is still what the records came to."""
        self.house.clock.now = max(self.house.clock.now, self.house.entries()[-1].at, instant("2026-03-10T02:00"))
        assert self.house.roll().held == 0
        assert verify_ledger(self.house.workspace, deep=True).findings == ()
        self.figures_of_sealed_and_purged_days_are_those_of_their_records()
        self.house.clock.now += 40 * DAY
        self.house.roll(last=DAYS[-1])
        self.house.purge()
        assert self.house.files() == []
        self.figures_of_sealed_and_purged_days_are_those_of_their_records()
        assert verify_ledger(self.house.workspace, deep=True).findings == ()
        assert len(self.house.entries(Kind.PURGING)) == len(self.house.entries(Kind.PURGED))
        self.buckets_hold_every_amount()

    def buckets_hold_every_amount(self):
        held = sum(
            sum(decode(part["data"])[1].tolist())
            for key, part in self.house.parts().items()
            if key[:2] == ("amounts", "")
        )
        assert held == sum(len(known) for known in self.counted.values())


# An install an example, some steps each; a campaign makes up for the few of a push.
Install.TestCase.settings = settings(max_examples=max(settings().max_examples // 6, 8), stateful_step_count=16)
TestInstall = Install.TestCase
