"""A day of an attached stream, on anything that may be mapped and stored: the database and the fold agree."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.attaching import both, day_of
from tests.databases import DIALECTS, opened
from tests.laws.test_roll_laws import OPTIONS, measures_of

from keepsum import (
    Amount,
    Attached,
    Boolean,
    Children,
    Choice,
    Choose,
    Coalesce,
    Column,
    Constant,
    Count,
    Has,
    Integer,
    Local,
    Lookup,
    Minus,
    Money,
    Rollup,
    Stream,
    Text,
    Utc,
    When,
    days,
    where,
    years,
)
from keepsum.engine.verify import compare

# Where clocks go back in Berlin, in the middle of a day of New York.
DAY = day_of(dt.date(2025, 10, 25), "America/New_York")
START = dt.datetime.fromisoformat("2025-10-25 03:00:00")
ODD = st.sampled_from(
    ["", " ", "a", "A", "a ", "a  ", "ä", "Ä", "ss", "ß", "x@y.example", "\uffff", "\U00010000", "日本"]
)
TEXTS = ODD | ODD | st.text(st.characters(min_codepoint=9, exclude_categories=["Cs"]), max_size=3)
FLOATS = st.sampled_from([0.1 + 0.2, 1e15 + 0.005, 1.005, -1.005, 2.675, 0.0, -0.0]) | st.floats(-1e12, 1e12)
SINGLES = st.floats(-(2**20), 2**20, width=32, allow_subnormal=False)
CENTS = st.integers(-(10**14), 10**14) | st.integers(-300, 300)
TYPES = {
    "sqlite": {"time": "TEXT", "text": "TEXT COLLATE NOCASE", "float": "REAL", "single": "REAL", "boolean": "INTEGER"},
    "postgres": {
        "time": "TIMESTAMP", "text": "VARCHAR(40)", "float": "DOUBLE PRECISION", "single": "REAL", "boolean": "BOOLEAN",
    },
    "mysql": {
        "time": "DATETIME(6)", "text": "VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "float": "DOUBLE", "single": "FLOAT", "boolean": "TINYINT(1)",
    },
}  # fmt: skip

RAW = st.tuples(
    st.integers(0, 2_400),  # minutes after the day's first in UTC, some beyond its end
    st.sampled_from(["Ann", "ann", "Ann ", "Bo"]) | st.none(),
    TEXTS | st.none(),
    st.sampled_from(OPTIONS[:2]) | st.none(),
    st.booleans() | st.none(),
    st.integers(-12, 12) | st.none(),
    TEXTS | st.none(),
    FLOATS | st.none(),
    SINGLES | st.none(),
    CENTS.map(lambda n: str(Decimal(n).scaleb(-2))) | st.none(),
    CENTS | st.none(),
    CENTS.map(lambda n: str(Decimal(n).scaleb(-2))) | st.none(),
    st.integers(0, 4) | st.none(),
)
ROWS = st.lists(RAW, max_size=3) | st.lists(RAW, min_size=10, max_size=40)
COLUMNS = (
    "id INTEGER PRIMARY KEY, at {time}, person {text}, place {text}, way {text}, paid {boolean}, size INTEGER,"
    " invoice {text}, f {float}, s {single}, d DECIMAL(20,2), n BIGINT, t VARCHAR(40), shop INTEGER"
)

NUMBERS = (
    Amount("f", stored="float"), Amount("s", stored="float"), Amount("d", stored="decimal"),
    Amount("n", stored="integer"), Amount("t", stored="text"), Constant("-1.50"),
    Children("lines", on=("id", "sale"), sum=Amount("f", stored="float")),
    Children("lines", on=("id", "sale"), sum=Amount("n", stored="integer", scale=0), where=where(paid=True)),
)  # fmt: skip
YES = Constant(value=True)
TESTS = (
    where(paid=True), where(way=None), where(place=("a", "ä", None)), where(size=(0, 1, 2)),
    Has("lines", on=("id", "sale")),
    Has("lines", on=("id", "sale"), where=where(paid=(False, None))),
)  # fmt: skip


def numbers(depth=2):
    plain = st.sampled_from(NUMBERS)
    if not depth:
        return plain
    inner = numbers(depth - 1)
    return st.one_of(
        plain, st.builds(Minus, inner, inner), st.builds(Coalesce, inner, inner), chosen(inner),
    )  # fmt: skip


def chosen(inner):
    tests = st.sampled_from(TESTS) | st.lists(st.sampled_from(TESTS), min_size=1, max_size=2).map(tuple)
    cases = st.lists(st.builds(When, tests, inner), min_size=1, max_size=2)
    return st.builds(lambda listed, last: Choose(*listed, otherwise=last), cases, st.none() | inner)


TEXT_VALUES = (
    Column("place"), Column("invoice"), Constant("a "), Lookup("shops", on=("shop", "id"), value="place"),
    Lookup("shops", on=("shop", "id"), value=Lookup("shops", on=("next", "id"), value="place")),
)  # fmt: skip


def texts():
    plain = st.sampled_from(TEXT_VALUES)
    return st.one_of(plain, chosen(plain), st.builds(Coalesce, plain, plain))


@st.composite
def rollups(draw):
    zone = draw(st.sampled_from(["Europe/Berlin", "Europe/Berlin", "Asia/Kolkata"]))
    local = Local(
        "at",
        zone=zone,
        ambiguous=draw(st.sampled_from(["first", "second"])),
        missing=draw(st.sampled_from(["later", "earlier"])),
    )
    attached = Attached(
        "sales", url="database_url", time=draw(st.sampled_from([local, Utc("at")])),
        subject=draw(st.sampled_from(["person", "shop", Lookup("shops", on=("shop", "id"), value="place")])),
        where=draw(st.sampled_from([(), where(way=(*OPTIONS[:2], None)), where(paid=(True, None))])),
        columns={
            "place": draw(texts()), "invoice": draw(texts()), "amount": draw(numbers()), "weight": draw(numbers()),
            "size": Amount("size", stored="integer"),
            "paid": draw(st.sampled_from([Column("paid"), Choose(When(where(way="credit"), YES))])),
        },
    )  # fmt: skip
    stream = Stream(
        "sales", time="at", key="id", keep=days(30), subject=draw(st.sampled_from(["buyer", "buyer", None])),
        fields=(
            Text("place", most=draw(st.integers(1, 4))), Choice("way", OPTIONS), Boolean("paid"), Integer("size"),
            Text("invoice"), Money("amount", unit="EUR"), Money("weight", unit="EUR"),
        ),
        attached=attached,
    )  # fmt: skip
    by = tuple(draw(st.lists(st.sampled_from(["place", "way", "paid", "size"]), unique=True, max_size=3)))
    kinds = ["count", "sum", "min", "max", "distinct", "quantiles", *(["uniques"] if stream.subject else [])]
    drawn = enumerate(draw(st.lists(st.sampled_from(kinds), min_size=3, max_size=6)))
    measures = tuple(draw(measures_of(stream, by, kind, f"{kind}_{place}")) for place, kind in drawn)
    return Rollup("sales_daily", of=stream, by=by, measures=(Count("records"), *measures), keep=years(1))


@pytest.fixture(params=DIALECTS, scope="module")
def shop(request, tmp_path_factory):
    """A database with tables as an application would have them; each example fills them anew."""
    for database in opened(request.param, tmp_path_factory.mktemp("shop")):
        types = TYPES[request.param]
        database.execute(
            f"CREATE TABLE sales ({COLUMNS.format(**types)})",
            "CREATE TABLE shops (id INTEGER PRIMARY KEY, place {text}, next INTEGER)".format(**types),
            "CREATE TABLE `lines` (sale INTEGER, f {float}, n BIGINT, paid {boolean})".format(**types).replace(
                "`", "" if request.param != "mysql" else "`"
            ),
        )
        yield database


@settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rollups(),
    ROWS,
    st.lists(st.tuples(TEXTS | st.none(), st.integers(0, 4)), max_size=4),
    st.lists(st.tuples(st.integers(0, 30), FLOATS | st.none(), st.integers(-9, 9), st.booleans()), max_size=20),
    st.sampled_from([3, 2_000]),
)
def test_the_database_and_the_fold_agree(shop, rollup, rows, shops, lines, size):
    fill(shop, rows, shops, lines)
    computed, folded = both(shop, rollup, DAY, size=size)
    compare(rollup, computed, folded)


def fill(shop, rows, shops, lines):
    quoted = "`lines`" if shop.dialect == "mysql" else "lines"
    shop.execute("DELETE FROM sales", "DELETE FROM shops", f"DELETE FROM {quoted}")
    flag = int if shop.dialect == "sqlite" else bool
    shop.insert("shops", [(number, place, following) for number, (place, following) in enumerate(shops)])
    shop.insert(quoted, [(sale, f, n, flag(paid)) for sale, f, n, paid in lines])
    shop.insert(
        "sales",
        [
            (number, (START + dt.timedelta(minutes=minute)).isoformat(" "), person, place, way,
             None if paid is None else flag(paid), size, invoice, f, s, d, n, t, shop_of)
            for number, (minute, person, place, way, paid, size, invoice, f, s, d, n, t, shop_of) in enumerate(rows)
        ],
    )  # fmt: skip
