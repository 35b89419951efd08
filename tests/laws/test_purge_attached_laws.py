"""Any sequence of what may happen to a table whose old rows are purged, against a plain oracle.

The oracle keeps the rows that the table must have, and those that each day's figures must be the sum of. Rows are
inserted, changed, deleted, moved to another day and brought back, between the chunks of a purge too; a purge is cut off
anywhere. It says that nothing goes which no figure counts, that what stays and what went are what was, and that no
figure of a day changes unless the ledger says so.
"""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.databases import opened
from tests.laws.test_stateful import Crash
from tests.ordering import MAPPING, TIMES, AttachedHouse, orders
from tests.systems import DAY, HOUR, instant, owner

from keepsum import Count, Pack, Rollup, Setting, Sum, years
from keepsum.engine import arrival
from keepsum.model.day import date_of
from keepsum.model.ledger import Kind
from keepsum.pipeline import purge_switch
from keepsum.pipeline.hold import TWO_DAYS
from keepsum.pipeline.purge_rows import Home
from keepsum.pipeline.verify import verify_ledger
from keepsum.store.database import Database
from keepsum.store.homes.attached import AttachedDatabase, Dialect

DAYS = ("2026-02-01", "2026-02-02", "2026-02-03")
BEGIN = "2026-02-04T02:00:00"
KEEP, LATE = 30 * DAY, 7 * DAY
ROWS_A_CHUNK = 2

STREAM = orders(MAPPING)
DAILY = Rollup(
    "daily", of=STREAM, by=("status",), measures=(Count("orders"), Sum("revenue", of="price")), keep=years(3)
)
PACK = Pack("shop", streams=(STREAM,), rollups=(DAILY,), settings=(Setting("DATABASE_URL", kind="secret"),))

KEYS = st.integers(1, 9)
PLACES = st.sampled_from(DAYS)
CENTS = st.sampled_from((0, 5, 450))


class Row(NamedTuple):
    """A row as far as a figure can tell."""

    day: str
    status: str
    cents: int


@contextmanager
def crashing(step):
    """End the process at the so-many-th transaction of either database, before it is durable or right after."""
    write, change, left = Database.write, AttachedDatabase.change, [step]

    def count():
        left[0] -= 1
        if not left[0]:
            raise Crash

    @contextmanager
    def writing(self):
        with write(self) as connection:
            yield connection
            count()
        count()

    @contextmanager
    def changing(self):
        with change(self) as transaction:
            yield transaction
            count()
        count()

    Database.write, AttachedDatabase.change = writing, changing
    try:
        yield
    finally:
        Database.write, AttachedDatabase.change = write, change


@contextmanager
def between_chunks(happening: Callable[[Sequence[int]], None]):
    """Let something happen in the table before each chunk that is deleted."""
    delete = Home.delete

    def watched(home, piece, **how):
        happening(piece.keys)
        return delete(home, piece, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Home, "delete", watched)
        yield


class Table(RuleBasedStateMachine):
    """One application with a table of orders on one of the databases."""

    dialect: Dialect = "sqlite"

    @initialize(passed=st.sampled_from((0, 29, 31, 31)))
    def open(self, passed):
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(arrival, "MOST_ROWS", ROWS_A_CHUNK)
        self.folder = tempfile.TemporaryDirectory(prefix="keepsum-table-")
        self.databases = opened(self.dialect, Path(self.folder.name))
        self.database = next(self.databases)
        self.database.execute(
            "CREATE TABLE orders (id BIGINT PRIMARY KEY, user_id VARCHAR(40), status VARCHAR(20) NOT NULL, "
            "place VARCHAR(40), email VARCHAR(80), total DOUBLE PRECISION, items BIGINT, "
            f"created_at {TIMES[self.dialect]} NOT NULL, updated_at {TIMES[self.dialect]} NOT NULL)"
        )
        self.rows: dict[int, Row] = {}  # what the application put there and did not delete
        self.counted: dict[str, dict[int, Row]] = {day: {} for day in DAYS}  # what each day's figures are the sum of
        self.known: dict[str, set[int]] = {day: set() for day in DAYS}  # keys of purged days, while late lasts
        self.let_go: set[str] = set()  # days of which a person said that what is there goes as it is
        self.letting: set[str] = set()  # days whose keys a person has just let count on another day as well
        self.twice: dict[str, set[int]] = {day: set() for day in DAYS}  # the keys that were let so
        self.heard, self.last = 0, 0
        for key, day in enumerate((*DAYS, *DAYS), 1):
            self.put(key, Row(day, "paid", 450))
        self.house = AttachedHouse(Path(self.folder.name) / "house", self.database, self.patch, PACK, now=BEGIN)
        self.house.roll()
        self.listen()
        purge_switch.enable(self.house.workspace, self.house.stream, owner(), now=self.house.clock())
        self.house.clock.now += passed * DAY

    def teardown(self):
        if not hasattr(self, "house"):
            return
        try:
            self.everything_goes_in_the_end()
        finally:
            self.house.close()
            self.databases.close()
            self.patch.undo()
            self.folder.cleanup()

    # What the application does.

    def put(self, key, row):
        """Write a row; its change column says when, unless it comes from a backup that has older ones."""
        mark = "?" if self.dialect == "sqlite" else "%s"
        now = getattr(self, "house", None) and str(self.house.system.calendar().number_of(self.house.clock()))
        changed = f"{date_of(int(now))} 00:00:00" if now else f"{row.day} 10:00:00"
        values = (key, "ann", row.status, "york", "ann@example.org", row.cents / 100, 1, f"{row.day} 10:00:00", changed)
        self.database.execute(f"DELETE FROM orders WHERE id = {key}")
        self.database.execute(f"INSERT INTO orders VALUES ({', '.join([mark] * 9)})", parameters=values)
        self.rows[key] = row

    def take(self, key):
        self.database.execute(f"DELETE FROM orders WHERE id = {key}")
        self.rows.pop(key, None)

    @rule(key=KEYS, day=PLACES, status=st.sampled_from(("open", "paid", "refunded")), cents=CENTS)
    def write(self, key, day, status, cents):
        self.put(key, Row(day, status, cents))

    @rule(key=KEYS)
    def delete(self, key):
        self.take(key)

    @precondition(lambda self: any(self.known.values()))
    @rule(data=st.data())
    def restore_a_backup(self, data):
        gone = [(key, row) for day in DAYS for key, row in self.counted[day].items() if key not in self.rows]
        for key, row in data.draw(st.lists(st.sampled_from(gone), unique=True, max_size=4)) if gone else ():
            self.put(key, row)

    # What Keepsum does.

    @rule()
    def roll(self):
        self.house.roll(last=DAYS[-1])
        self.listen()

    @rule()
    def purge(self):
        before = dict(self.rows)
        done = self.house.purge()
        assert done.unfinished == ()
        self.listen(before)

    @rule(key=st.none() | KEYS, day=PLACES, cents=CENTS, at=st.integers(1, 2), takes=st.booleans())
    def purge_while_the_application_works(self, key, day, cents, at, takes):
        """Let something happen to a row, without a key to one of the chunk that is about to go."""
        before, left, booked = dict(self.rows), [at], dict[int, Row]()

        def happening(keys, key=key):
            left[0] -= 1
            if left[0]:
                return
            if key is None:
                key = int(keys[-1])
            if key in before and before[key].day in self.just_corrected():
                booked[key] = before[key]
            if takes:
                self.take(key)
                before.pop(key, None)
                return
            there = before[key].day if key in before and key in map(int, keys) else day
            self.put(key, Row(there, "refunded", cents))
            before[key] = self.rows[key]

        with between_chunks(happening):
            self.house.purge()
        self.listen(before, booked)

    @rule(step=st.integers(1, 16))
    def purge_that_is_cut_off(self, step):
        before = dict(self.rows)
        with crashing(step), suppress(Crash):
            self.house.purge()
        self.house.open()
        self.listen(before)

    @rule(step=st.integers(1, 6))
    def roll_that_is_cut_off(self, step):
        with crashing(step), suppress(Crash):
            self.house.roll(last=DAYS[-1])
        self.house.open()
        self.listen()

    @rule(days=st.sampled_from((1, 3, 8, 28, 31)))
    def time_passes(self, days):
        self.house.clock.now += days * DAY + HOUR

    @rule(day=PLACES)
    def a_person_accepts(self, day):
        if self.house.state(day).held:
            if self.house.state(day).purge:
                self.let_go.add(day)
            if self.house.state(day).held == TWO_DAYS:
                self.letting.add(day)
            self.house.accept(day)

    # What is heard from the ledger, and must be so.

    def just_corrected(self):
        """The days of which late rows were booked since the ledger was last heard."""
        corrected = [entry for entry in self.house.entries(Kind.CORRECTED) if entry.seq > self.last]
        return {str(date_of(entry.day)) for entry in corrected if entry.day is not None}

    def listen(self, before=None, booked=None):
        """Follow the ledger: what it says of a day's figures is what they must be from now on.

        `before` are the rows as they were when they went, `booked` late ones that changed after they were booked.
        """
        before, booked = self.rows if before is None else before, booked or {}
        for entry in self.house.entries()[self.heard :]:
            self.heard, self.last = self.heard + 1, entry.seq
            if entry.day is None or str(date_of(entry.day)) not in DAYS:
                continue
            self.hear(entry, str(date_of(entry.day)), before, booked)
        self.nothing_went_that_is_in_no_figure(before)
        for day in DAYS:
            if self.house.status(day) == "purged" and self.house.state(day).late_until is None:
                self.known[day] = set()

    def hear(self, entry, day, before, booked):
        here = {key: row for key, row in before.items() if row.day == day}
        if entry.kind is Kind.SEALED:
            recurring = self.known_elsewhere(day) & set(here)
            if day in self.letting:
                self.letting.discard(day)
                self.twice[day] |= recurring
            assert recurring <= self.twice[day]
            self.counted[day] = here
        elif entry.kind is Kind.PURGING:
            assert entry.body["records"] == len(self.counted[day])
            self.known[day] = set(self.counted[day])
        elif entry.kind is Kind.CORRECTED:
            then = {key: row for key, row in {**before, **booked}.items() if row.day == day}
            new = {key: row for key, row in then.items() if key not in self.known[day]}
            assert entry.body["control"]["records"] == len(new)
            self.counted[day] |= new
            self.known[day] |= set(new)
        elif entry.kind in (Kind.PURGED, Kind.PARTLY_PURGED):
            assert entry.body["gone"] + entry.body["left"] == entry.body["was"]
            assert entry.body["left"] == 0 or entry.kind is Kind.PARTLY_PURGED

    def known_elsewhere(self, day):
        """The keys of other days whose purge has begun, while late lasts."""
        return set[int]().union(*(keys for other, keys in self.known.items() if other != day))

    def nothing_went_that_is_in_no_figure(self, before):
        there = dict(self.database.execute("SELECT id, status FROM orders"))
        assert set(there) <= set(before)
        for key in set(before) - set(there):
            row = before[key]
            assert self.house.state(row.day).purge
            assert row.day in self.let_go or self.counted[row.day].get(key) == row, (key, row)
        self.rows = {key: row for key, row in before.items() if key in there}

    @invariant()
    def figures_are_those_of_the_rows_that_were_counted(self):
        found = {day: [0, 0] for day in DAYS}
        for (_, day, _), row in self.house.rows(DAILY).items():
            one = found.setdefault(str(date_of(day)), [0, 0])
            one[0] += row["m_orders"]
            one[1] += (row["m_revenue_hi"] or 0) * 10**9 + (row["m_revenue_lo"] or 0)
        for day in DAYS:
            rows = self.counted[day].values()
            assert found[day] == [len(rows), sum(row.cents for row in rows)], day

    @invariant()
    def what_stays_is_what_the_application_left_there(self):
        found = {
            key: Row(str(created)[:10], status, round(total * 100))
            for key, status, total, created in self.database.execute("SELECT id, status, total, created_at FROM orders")
        }
        assert found == self.rows

    def everything_goes_in_the_end(self):
        """Time passes and people decide, until nothing is left that may not be."""
        self.house.clock.now = max(self.house.clock.now, instant("2026-03-10T02:00:00"))
        for _ in range(4):
            self.roll()
            self.purge()
            for day in DAYS:
                self.a_person_accepts(day)
        self.roll()
        self.purge()
        stands = {day: (self.house.status(day), self.house.state(day).held) for day in DAYS}
        assert stands == dict.fromkeys(DAYS, ("purged", None)), stands
        assert self.rows == {}
        assert verify_ledger(self.house.workspace).findings == ()
        self.figures_are_those_of_the_rows_that_were_counted()


class OnPostgres(Table):
    dialect = "postgres"


class OnMariadb(Table):
    dialect = "mysql"


# A table and an install an example, some steps each; a campaign makes up for the few of a push.
Table.TestCase.settings = settings(max_examples=max(settings().max_examples // 6, 8), stateful_step_count=20)
for served in (OnPostgres, OnMariadb):
    served.TestCase.settings = settings(max_examples=max(settings().max_examples // 60, 1), stateful_step_count=20)
TestTable, TestOnPostgres, TestOnMariadb = Table.TestCase, OnPostgres.TestCase, OnMariadb.TestCase
