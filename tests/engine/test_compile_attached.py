"""What the statements of attached streams find, asked of the databases themselves."""

import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest
from tests.attaching import KEYS, arrived, both, day_of, layout_of

from keepsum import (
    Amount,
    Attached,
    Child,
    Children,
    Choice,
    Count,
    Epoch,
    Integer,
    Local,
    LocalDate,
    Lookup,
    Money,
    Quantiles,
    Rollup,
    Stream,
    Sum,
    Text,
    Utc,
    Zoned,
    days,
    where,
    years,
)
from keepsum.engine.arrival import Arrival, Chunks
from keepsum.engine.compile import attached
from keepsum.engine.compile.kin import kin, lines
from keepsum.engine.control import control_of
from keepsum.engine.group_values import whole
from keepsum.engine.verify import compare
from keepsum.model.errors import Conflict, ProofFailed
from keepsum.store.homes.attached import AttachedDatabase, Limits

DATE = dt.date(2025, 1, 2)
DAY = day_of(DATE)
TIMES = {"sqlite": "TEXT", "postgres": "TIMESTAMP", "mysql": "DATETIME"}
MAPPING = Attached(
    "orders", url="database_url", time=Utc("created"), subject="person", changed=Utc("updated"),
    columns={"total": Amount("total", stored="decimal"), "lines": Children("items", on=("id", "parent"), count=True)},
    children=(Child("items", on=("id", "parent")),),
)  # fmt: skip
ORDERS = Stream(
    "orders", time="at", key="id", subject="buyer", keep=days(30),
    fields=(Text("state", most=5), Money("total", unit="EUR"), Integer("lines")), attached=MAPPING,
)  # fmt: skip
DAILY = Rollup("daily", of=ORDERS, by=("state",), measures=(Count("orders"), Sum("total"), Sum("lines")), keep=years(1))
LAYOUT = layout_of(ORDERS, DAILY)


def order(number):
    created, updated = f"2025-01-0{1 + number % 3} 12:00:{number:02}", f"2025-02-{1 + number:02} 00:00:00"
    return number, created, updated, f"p{number % 4}", ["paid", "open"][number % 2], f"{number}.25", 10**18 - 1


@pytest.fixture
def shop(database):
    return laid(database)


def laid(database):
    """Orders of three days, each with an item or two."""
    time = TIMES[database.dialect]
    database.execute(
        f"CREATE TABLE orders (id INTEGER PRIMARY KEY, created {time}, updated {time}, person VARCHAR(20),"
        " state VARCHAR(20), total DECIMAL(20,2), units BIGINT)",
        "CREATE TABLE items (id INTEGER PRIMARY KEY, parent INTEGER)",
    )
    database.insert("orders", [order(number) for number in range(24)])
    database.insert("items", [(number, number % 24) for number in range(30)])
    return database


def asked(shop, statement):
    with AttachedDatabase(shop.url).snapshot() as reading:
        return [row for rows in reading.stream(statement) for row in rows]


def test_rows_come_by_the_bytes_of_their_keys(shop):
    found = asked(shop, attached.rows(ORDERS, shop.dialect, DAY))
    assert [row[0] for row in found] == [1, 10, 13, 16, 19, 22, 4, 7]


def test_rows_by_key_are_the_same_rows_whatever_their_time(shop):
    of_day = asked(shop, attached.rows(ORDERS, shop.dialect, DAY))
    assert asked(shop, attached.keyed(ORDERS, shop.dialect, [row[0] for row in of_day])) == of_day
    others = asked(shop, attached.keyed(ORDERS, shop.dialect, [0, 1, 2, 99]))
    assert [row[0] for row in others] == [0, 1, 2]
    assert asked(shop, attached.keyed(ORDERS, shop.dialect, [])) == []


def test_rows_that_are_locked_are_changed_by_nobody(shop):
    database = AttachedDatabase(shop.url, limits=Limits(statement=30, lock=0.2))
    with database.change() as changing:
        found = [row for rows in changing.stream(attached.locked(ORDERS, shop.dialect, [4, 7])) for row in rows]
        with pytest.raises(Conflict) as raised, database.change() as other:
            other.execute(attached.deleted(shop.dialect, "orders", "id", [7]))
    assert raised.value.code == "DATABASE_LOCKED"
    assert sorted(found) == [(4,), (7,)]


def test_a_row_that_somebody_holds_is_not_waited_for(served):
    shop = laid(served)
    patient = AttachedDatabase(shop.url, limits=Limits(statement=30, lock=600))
    with patient.change() as changing:
        list(changing.stream(attached.locked(ORDERS, shop.dialect, [7])))
        with pytest.raises(Conflict) as raised, patient.change() as other:
            list(other.stream(attached.locked(ORDERS, shop.dialect, [4, 7])))
    assert raised.value.code == "DATABASE_LOCKED"


def test_what_is_read_after_the_lock_is_the_newest(shop):
    with AttachedDatabase(shop.url).change() as changing:
        changing.execute(attached.deleted(shop.dialect, "items", "parent", [4]))
        found = [r for rows in changing.stream(attached.keyed(ORDERS, shop.dialect, [4])) for r in rows]
        arrival = Arrival(ORDERS, LAYOUT, KEYS)
        assert arrival.batch(found)["f_lines"].to_pylist() == [0]


def test_children_are_read_and_deleted_by_the_key_of_their_parent(shop):
    (child,) = MAPPING.children
    with AttachedDatabase(shop.url).change() as changing:
        statement = kin(MAPPING, (child,), shop.dialect, [0, 1], lock=True)
        found = [row for rows in changing.stream(statement) for row in rows]
        assert sorted(found) == [(0, 0), (1, 1), (24, 0), (25, 1)]
        assert changing.execute(attached.deleted(shop.dialect, "items", "parent", [0, 1])) == 4
        assert changing.execute(attached.deleted(shop.dialect, "orders", "id", [0, 1, 99])) == 2
    assert shop.execute("SELECT count(*) FROM orders") == [(22,)]
    assert shop.execute("SELECT count(*) FROM items") == [(26,)]


NO_TIMES = {
    "sqlite": ["1969-12-31 23:59:59", "9999-01-01 00:00:00", "yesterday", "1/2/2025 10:00", 20250102, b"2025-01-02"],
    "postgres": ["1969-12-31 23:59:59", "9999-01-01 00:00:00", "-infinity", "infinity", "0044-03-15 12:00:00 BC"],
    "mysql": ["1969-12-31 23:59:59", "9999-01-01 00:00:00"],
}


def test_the_extent_of_a_table_is_its_first_time_and_how_many_rows_have_none_that_a_clock_reads(shop):
    shop.execute("UPDATE orders SET created = NULL WHERE id IN (5, 6)")
    none = NO_TIMES[shop.dialect]
    shop.insert("orders", [(100 + n, time, "2025-02-20 00:00:00", *order(0)[3:]) for n, time in enumerate(none)])
    ((first, unread),) = asked(shop, attached.extent(ORDERS, shop.dialect))
    assert [str(first), unread] == ["2025-01-01 12:00:00", 2 + len(none)]
    found = asked(shop, attached.changes(ORDERS, shop.dialect, day_of(dt.date(2025, 2, 20)).start))
    assert len(found) == 5


def test_changes_name_the_times_of_rows_that_changed_since(shop):
    since = day_of(dt.date(2025, 2, 20)).start
    found = asked(shop, attached.changes(ORDERS, shop.dialect, since))
    assert sorted(str(time) for (time,) in found) == sorted(order(number)[1] for number in range(19, 24))
    assert attached.changes(replace(ORDERS, attached=replace(MAPPING, changed=None)), shop.dialect, since) is None


def test_a_row_that_is_no_record_any_more_changed_like_any_other(shop):
    paid = replace(ORDERS, attached=replace(MAPPING, where=where(state="paid")))
    since = day_of(dt.date(2025, 2, 24)).start
    assert [order(23)[4], *asked(shop, attached.changes(paid, shop.dialect, since))] == [
        "open",
        (asked_time(shop, 23),),
    ]


def asked_time(shop, number):
    ((time,),) = shop.execute(f"SELECT created FROM orders WHERE id = {number}")
    return time


def test_a_tally_is_what_control_adds_up(shop):
    with AttachedDatabase(shop.url).snapshot() as reading:
        count, *sums = reading.row(attached.tally(ORDERS, shop.dialect, DAY))
        records, _ = arrived(reading, ORDERS, LAYOUT, DAY)
    control = control_of({name: records[name] for name in LAYOUT.names}, LAYOUT.numbers, KEYS.control)
    assert count == control.records == 8
    assert dict(zip(LAYOUT.numbers, map(whole, sums), strict=True)) == control.sums


def test_a_day_without_rows_has_no_groups_no_records_and_no_chunks(shop):
    computed, folded = both(shop, DAILY, day_of(dt.date(2024, 1, 1)))
    compare(DAILY, computed, folded)
    assert len(computed.rows) == 0
    total = Rollup("total", of=replace(ORDERS, subject=None), measures=(Count("orders"),), keep=years(1))
    computed, folded = both(shop, total, day_of(dt.date(2024, 1, 1)))
    compare(total, computed, folded)


def test_sums_are_exact_beyond_64_bits(shop):
    shop.execute("UPDATE orders SET created = '2025-01-02 12:00:00'")
    columns = {**dict(MAPPING.columns), "total": Amount("units", stored="integer")}
    stream = replace(ORDERS, attached=replace(MAPPING, columns=columns))
    rollup = replace(DAILY, of=stream, by=())
    computed, folded = both(shop, rollup, DAY)
    compare(rollup, computed, folded)
    hi, lo = (computed.rows[f"m_total_{limb}"].to_pylist()[0] for limb in ("hi", "lo"))
    assert hi * 10**9 + lo == 24 * (10**18 - 1)


def test_a_table_that_is_looked_up_and_has_several_rows_for_one_holds_the_day(shop):
    looked_up = replace(
        MAPPING, columns={**dict(MAPPING.columns), "state": Lookup("items", on=("id", "parent"), value="id")}
    )
    stream = replace(ORDERS, attached=looked_up)
    with (
        AttachedDatabase(shop.url).snapshot() as reading,
        pytest.raises(ProofFailed, match="KEY_NOT_UNIQUE: 2 rows"),
    ):
        arrived(reading, stream, layout_of(stream), day_of(dt.date(2025, 1, 1)))


def test_names_are_quoted_and_values_are_parameters(database):
    stream = Stream(
        "odd", time="at", key="id", keep=days(30), fields=(Choice("state", ("a'b", "100%")),),
        attached=Attached("select", url="u", key="or`der", time=Epoch("when"), columns={"state": "group"},
                          where=where(group=("a'b", "100%"))),
    )  # fmt: skip
    q = "`" if database.dialect == "mysql" else '"'
    names = [f"{q}{name.replace(q, q * 2)}{q}" for name in ("select", "or`der", "when", "group")]
    database.execute("CREATE TABLE {} ({} INTEGER PRIMARY KEY, {} BIGINT, {} VARCHAR(20))".format(*names))
    database.insert(
        names[0], [(number, DAY.start // 10**6, state) for number, state in enumerate(["a'b", "100%", "c"])]
    )
    rollup = Rollup(
        "of_odd", of=stream, by=("state",), measures=(Count("odd", where=where(state="100%")),), keep=years(1)
    )
    computed, folded = both(database, rollup, DAY)
    compare(rollup, computed, folded)
    assert computed.rows["m_odd"].to_pylist() == [1, 0]


@pytest.mark.parametrize("name", ["select", "our orders", "order-items", "1st", "group", 'a"b`c'])
def test_a_table_may_have_any_name_when_its_rows_are_read_and_deleted(database, name):
    q = "`" if database.dialect == "mysql" else '"'
    quoted = q + name.replace(q, q * 2) + q
    database.execute(f"CREATE TABLE {quoted} (id INTEGER PRIMARY KEY, at BIGINT)")
    database.insert(quoted, [(number, DAY.start // 10**6) for number in range(3)])
    mapping = Attached(name, url="u", time=Epoch("at"), children=(Child(name, on=("id", "id")),))
    stream = Stream("odd", time="at", key="id", keep=days(30), fields=(), attached=mapping)
    (line,) = lines(mapping)
    with AttachedDatabase(database.url).change() as changing:
        assert len(list(changing.stream(attached.rows(stream, database.dialect, DAY), 1))) == 3
        assert changing.row(kin(mapping, line, database.dialect, [1], lock=True))[0] == 1
        assert changing.execute(attached.deleted(database.dialect, name, "id", [0, 1])) == 2
    assert database.execute(f"SELECT id FROM {quoted}") == [(2,)]


MOMENTS = ("2025-01-01 23:59:59", "2025-01-02 00:00:00", "2025-01-02 23:59:59", "2025-01-03 00:00:00")
EPOCHS = [int(dt.datetime.fromisoformat(f"{moment}+00:00").timestamp()) for moment in MOMENTS]
CLOCKS = {
    "seconds": (Epoch("at"), "BIGINT", EPOCHS),
    "milliseconds": (Epoch("at", unit="ms"), "BIGINT", [second * 1_000 for second in EPOCHS]),
    "pattern": (
        Utc("at", pattern="%Y%m%dT%H%M%S"), "VARCHAR(20)",
        [text.replace("-", "").replace(":", "").replace(" ", "T") for text in MOMENTS],
    ),
    "naive": (Utc("at"), TIMES, MOMENTS),
    "local": (Local("at", zone="Asia/Kolkata"), TIMES, [
        "2025-01-02 05:29:59", "2025-01-02 05:30:00", "2025-01-03 05:29:59", "2025-01-03 05:30:00"]),
    "zoned": (
        Zoned("at"), {"sqlite": "TEXT", "postgres": "TIMESTAMPTZ", "mysql": "TIMESTAMP NULL"},
        {
            "sqlite": ["2025-01-02T13:59:59+14:00", "2025-01-01T19:00:00.250-05:00", "2025-01-02 23:59:59.999999Z",
                       "2025-01-02T12:00:00-12:00"],
            "postgres": ["2025-01-02T13:59:59+14", "2025-01-01T19:00:00-05", "2025-01-02 23:59:59.999999Z",
                         "2025-01-02T12:00:00-12:00"],
            "mysql": MOMENTS,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CLOCKS)
def test_a_day_has_the_rows_of_its_instants_however_time_is_stored(database, kind):
    clock, column, values = CLOCKS[kind]
    column = column[database.dialect] if isinstance(column, dict) else column
    values = values[database.dialect] if isinstance(values, dict) else values
    database.execute(f"CREATE TABLE visits (id INTEGER PRIMARY KEY, at {column})")
    database.insert("visits", list(enumerate(values)))
    mapping = Attached("visits", url="u", time=clock)
    stream = Stream("visits", time="at", key="id", keep=days(30), fields=(), attached=mapping)
    with AttachedDatabase(database.url).snapshot() as reading:
        records, _ = arrived(reading, stream, layout_of(stream), DAY)
        assert records["key"].to_pylist() == ["1", "2"]
        first, unread = reading.row(attached.extent(stream, database.dialect))
        assert (unread, first is None) == (0, False)
        changing = replace(stream, attached=replace(mapping, changed=clock))
        asked = attached.changes(changing, database.dialect, DAY.end)
        assert asked is not None
        changed = list(reading.stream(asked))
    assert [len(rows) for rows in changed] == [1]


def test_texts_of_sqlite_may_have_a_t_or_a_space_before_the_hour(tmp_path):
    from tests.databases import opened

    for database in opened("sqlite", tmp_path):
        database.execute("CREATE TABLE visits (id INTEGER PRIMARY KEY, at DATETIME)")
        texts = ["2025-01-01T23:59:59", "2025-01-02T00:00:00", "2025-01-02 23:59:59.5", "2025-01-03T00:00:00"]
        database.insert("visits", list(enumerate(texts)))
        mapping = Attached("visits", url="u", time=Utc("at"))
        stream = Stream("visits", time="at", key="id", keep=days(30), fields=(), attached=mapping)
        with AttachedDatabase(database.url).snapshot() as reading:
            records, _ = arrived(reading, stream, layout_of(stream), DAY)
        assert records["key"].to_pylist() == ["1", "2"]


def test_dates_are_the_days_of_a_stream_of_dates(database):
    database.execute("CREATE TABLE stays (id INTEGER PRIMARY KEY, night DATE)")
    database.insert("stays", [(0, "2025-01-01"), (1, "2025-01-02"), (2, "2025-01-03")])
    mapping = Attached("stays", url="u", time=LocalDate("night"))
    stream = Stream("stays", time="night", time_kind="date", key="id", keep=days(30), fields=(), attached=mapping)
    rollup = Rollup("nights", of=stream, measures=(Count("nights"),), keep=years(1))
    computed, folded = both(database, rollup, DAY)
    compare(rollup, computed, folded)
    assert computed.rows["m_nights"].to_pylist() == [1]


def test_the_time_of_a_row_may_be_in_a_table_that_is_looked_up(shop):
    mapping = Attached(
        "items", url="u", time=Utc(Lookup("orders", on=("parent", "id"), value="created")),
        columns={"state": Lookup("orders", on=("parent", "id"), value="state")},
    )  # fmt: skip
    stream = Stream("items", time="at", key="id", keep=days(30), fields=(Text("state", most=3),), attached=mapping)
    rollup = Rollup("sold", of=stream, by=("state",), measures=(Count("items"),), keep=years(1))
    computed, folded = both(shop, rollup, DAY)
    compare(rollup, computed, folded)
    assert computed.rows.to_pydict()["m_items"] == [5, 5]


def test_records_and_chunks_do_not_depend_on_how_rows_come(shop):
    with AttachedDatabase(shop.url).snapshot() as reading:
        one, chunks = arrived(reading, ORDERS, LAYOUT, DAY, size=3)
        other, same = arrived(reading, ORDERS, LAYOUT, DAY)
    assert one.combine_chunks() == other.combine_chunks()
    assert chunks == same
    by_hand = Chunks(KEYS)
    by_hand.add(pa.table(other))
    assert by_hand.done() == chunks


def test_quantiles_read_the_numbers_one_by_one(shop):
    rollup = Rollup("totals", of=ORDERS, by=("state",), measures=(Quantiles("totals", of="total"),), keep=years(1))
    computed, folded = both(shop, rollup, DAY, size=2)
    compare(rollup, computed, folded)
    assert len(computed.parts) == 3
