"""What holds of every answer: figures merge in any order, and it does not matter where they come from."""

import datetime as dt
import random
import shutil
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.asking import need, stored
from tests.shops import EVERY, PACK, SUMS
from tests.systems import House, sale

from keepsum.engine.merge import Figure, counted, estimate
from keepsum.engine.numbers import LIMB, grouped_sums
from keepsum.model.access import machine
from keepsum.model.day import Grain, date_of, day_number
from keepsum.model.filter import conditions
from keepsum.model.query import Order, Query
from keepsum.pipeline.answer import answer
from keepsum.pipeline.live import Remembered

NUMBERS = st.integers(-(10**18) + 1, 10**18 - 1)
PEOPLE = st.lists(st.sampled_from([f"p{i}" for i in range(40)]), min_size=1, max_size=20)
STATES = {
    "count": st.integers(0, 10**12),
    "sum": st.one_of(st.none(), NUMBERS),
    "distinct": st.integers(0, 10**12),
    "min": st.one_of(st.none(), NUMBERS),
    "max": st.one_of(st.none(), NUMBERS),
    "uniques": PEOPLE.map(lambda people: stored("uniques", people)),
    "quantiles": st.lists(NUMBERS, min_size=1, max_size=20).map(lambda values: stored("quantiles", values)),
}
KINDS = st.sampled_from(sorted(STATES))


@st.composite
def partials(draw):
    """A kind of measure, and figures of it with their places."""
    kind = draw(KINDS)
    return kind, draw(st.lists(st.tuples(st.integers(0, 3), STATES[kind]), max_size=12))


def merged(kind, *batches):
    """What batches of figures come to, as anybody would look at it."""
    figure = Figure(need=need(kind), columns=4)
    for batch in batches:
        figure.add([place for place, _ in batch], [state for _, state in batch])
    return {place: seen(kind, state) for place, state in figure.states.items()}


def seen(kind, state):
    if kind == "uniques":
        return estimate(state)
    if kind == "quantiles":
        return [part.tolist() for part in counted(state)]
    return state


@given(partials(), st.data())
def test_figures_merge_in_any_order_and_any_batches(found, data):
    kind, figures = found
    shuffled = data.draw(st.permutations(figures))
    cut = data.draw(st.integers(0, len(figures)))
    assert merged(kind, figures) == merged(kind, shuffled[:cut], shuffled[cut:])
    assert merged(kind, figures) == merged(kind, *([one] for one in shuffled))


@given(partials())
def test_what_is_merged_twice_changes_no_uniques_and_no_extremes(found):
    kind, figures = found
    if kind in {"uniques", "min", "max"}:
        assert merged(kind, figures, figures) == merged(kind, figures)


@given(partials(), st.data())
def test_merging_merged_figures_is_merging_all_of_them(found, data):
    kind, figures = found
    if kind in {"uniques", "quantiles"}:
        return  # their merged form is only ever looked at
    cut = data.draw(st.integers(0, len(figures)))
    parts = (list(merged(kind, half).items()) for half in (figures[:cut], figures[cut:]))
    assert merged(kind, *parts) == merged(kind, figures)


def test_ten_million_values_near_the_limit_add_exactly():
    generator = np.random.default_rng(7)
    below = generator.integers(0, 10**9, 10_000_000)
    sign = np.where(np.arange(len(below)) % 10 == 0, -1, 1)
    values = sign * (10**18 - 1 - below)
    his, los = grouped_sums(values, np.arange(0, len(values), 1_000))
    figure = Figure(need=need("sum"), columns=1)
    figure.add([0] * len(his), [hi * LIMB + lo for hi, lo in zip(his.tolist(), los.tolist(), strict=True)])
    assert figure.states[0] == (10**18 - 1) * int(sign.sum()) - int((sign * below).sum())


# The same answers from records, from rollups, and from what is left after the purge.

FIRST, LAST = day_number(dt.date(2026, 2, 1)), day_number(dt.date(2026, 2, 8))
WAYS, PLACES = ("card", "cash"), ("york", "bath", None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("answers")


def houses(folder, seed):
    """One shop three times: as collected, rolled up, and purged; and its records."""
    chance = random.Random(seed)
    sold = [
        sale(
            i,
            str(date_of(day)),
            buyer=chance.choice([None, *(f"b{n}" for n in range(12))]),
            way=chance.choice(WAYS),
            place=chance.choice(PLACES),
            amount=chance.choice([None, chance.randrange(-999, 999), 10**18 - 1]),
            invoice=f"{day}-{chance.randrange(6)}",
        )
        for i, day in enumerate(chance.choice([FIRST, FIRST + 1, FIRST + 3, LAST]) for _ in range(80))
    ]
    base = folder / str(seed)
    house = House(base / "sold", PACK, now="2026-02-08T12:00:00Z")
    house.collect(*sold)
    house.close()
    found = [House(base / "sold", PACK, now="2026-02-08T12:00:00Z", fresh=False)]
    for name, before in (("rolled", "sold"), ("purged", "rolled")):
        shutil.copytree(base / before, base / name)
        house = House(base / name, PACK, now="2026-03-14T12:00:00Z", fresh=False)
        house.roll(last="2026-02-08") if name == "rolled" else house.purge()
        found.append(house)
    return found, sold


@st.composite
def questions(draw):
    """A question that may be asked of the shop."""
    metrics = tuple(draw(st.lists(st.sampled_from(EVERY), min_size=1, max_size=4, unique=True)))
    by = tuple(draw(st.lists(st.sampled_from(["way", "place"]), max_size=2, unique=True)))
    first, last = sorted((draw(st.integers(FIRST, LAST)), draw(st.integers(FIRST, LAST))))
    where = {}
    if draw(st.booleans()):
        where["way"] = draw(st.lists(st.sampled_from(WAYS), min_size=1, unique=True))
    if draw(st.booleans()):
        where["place"] = draw(st.lists(st.sampled_from([*PLACES, "hull"]), min_size=1, unique=True))
    order = draw(st.none() | st.builds(Order, by=st.sampled_from([*metrics, *by, "time"]), descending=st.booleans()))
    return Query(
        metrics=metrics,
        first=first,
        last=last,
        by=by,
        where=conditions(where),
        grain=draw(st.sampled_from(list(Grain))),
        order=order,
        top=draw(st.none() | st.integers(1, 3)) if by else None,
        totals=draw(st.booleans()),
        compare=draw(st.sampled_from([None, "previous"])),
    )


REMEMBERED = Remembered()


def ask(house, query) -> Any:
    return answer(house.workspace, query, caller=machine("default"), now=house.clock(), remembered=REMEMBERED)


def covered_alike(query, days):
    """The question over days that were all collected: what nobody collected becomes a zero when it is sealed."""
    first = min(days, key=lambda day: abs(day - query.first))
    return Query(**{**vars(query), "first": first, "last": first, "compare": None})


@pytest.fixture(scope="module")
def shop(folder, request):
    found = houses(folder, request.config.option.seed)
    yield found
    for house in found[0]:
        house.close()


@given(questions())
def test_records_and_rollups_give_the_same_answer(shop, query):
    (sold, rolled, _), _ = shop
    query = covered_alike(query, (FIRST, FIRST + 1, FIRST + 3, LAST))
    live, from_rollups = ask(sold, query), ask(rolled, query)
    assert live.rows == from_rollups.rows
    assert live.totals == from_rollups.totals


@given(questions())
def test_the_purge_changes_no_answer_that_rollups_can_give(shop, query):
    (_, rolled, purged), _ = shop
    before, after = ask(rolled, query), ask(purged, query)
    if not after.labels.coverage.missing:
        assert before.rows == after.rows
        assert before.totals == after.totals


@given(questions())
def test_sums_are_those_of_the_records_themselves(shop, query):
    (_, rolled, _), sold = shop
    query = Query(**{**vars(query), "metrics": SUMS, "top": None, "order": None, "compare": None, "grain": Grain.DAY})
    found = ask(rolled, query)
    assert found.rows == tuple(reckoned(query, sold))


def reckoned(query, sold):
    """The answer to a question about counts and sums, one record after the other."""
    where = dict(query.where)
    mine = [s for s in sold if all(s[name] in values for name, values in where.items())]
    days = range(query.first, query.last + 1)
    mine = [s for s in mine if day_number(dt.date.fromisoformat(s["at"][:10])) in days]
    keys = sorted({tuple(s[name] for name in query.by) for s in mine}, key=lambda k: [(t is None, t or "") for t in k])
    for day in days:
        for key in keys if query.by else [()]:
            group = [s for s in mine if s["at"][:10] == str(date_of(day)) and tuple(s[n] for n in query.by) == key]
            amounts = [s["amount"] for s in group if s["amount"] is not None]
            mean = Decimal(round(Fraction(100 * sum(amounts), len(group)))) / 100 if group else None
            yield (str(date_of(day)), *key, len(group), sum(amounts), mean)


# What guarded callers see of days that the pipeline published itself.

K = 10
CROWD_DAYS = range(FIRST, FIRST + 4)


@pytest.fixture(scope="module")
def crowd(folder, request):
    """A shop with days of many, of some and of few people, one not sealed yet; and its records."""
    chance = random.Random(request.config.option.seed)
    sizes = [chance.choice([0, 4, 30, 60, 120]) for _ in CROWD_DAYS]
    sold = [
        sale(
            f"{day}-{i}",
            str(date_of(day)),
            buyer=chance.choice([None, *(f"b{n}" for n in range(40))]),
            way=chance.choice(WAYS),
            place=chance.choices(PLACES, (6, 3, 1))[0],
            amount=chance.choice([1, 2, 3, 500]),
        )
        for day, size in zip(CROWD_DAYS, sizes, strict=True)
        for i in range(size)
    ]
    house = House(folder / "crowd", PACK, now=f"{date_of(CROWD_DAYS[-1])}T12:00:00Z")
    if sold:
        house.collect(*sold)
    house.roll()
    yield house, sold
    house.close()


def people(sold):
    return len({s["buyer"] for s in sold if s["buyer"] is not None})


@given(questions())
def test_what_guarded_callers_see_of_a_day_is_of_nobody_or_of_k_people(crowd, query):
    house, sold = crowd
    asked = {"metrics": ("sold",), "guarded": True, "grain": Grain.DAY, "top": None, "order": None, "compare": None}
    query = Query(**{**vars(query), **asked})
    for date, *key, shown in ask(house, query).rows:
        if shown and "(hidden)" not in key:
            where = {**dict(query.where), **{name: [text] for name, text in zip(query.by, key, strict=True)}}
            mine = [s for s in sold if s["at"][:10] == date and all(s[n] in texts for n, texts in where.items())]
            assert people(mine) >= K or people(mine) == 0


@given(questions())
def test_groups_add_up_to_the_total_for_guarded_callers(crowd, query):
    house, _ = crowd
    asked = {"metrics": ("sold", "amount"), "guarded": True, "where": (), "top": None, "order": None, "compare": None}
    query = Query(**{**vars(query), **asked, "totals": True})
    alone = ask(house, Query(**{**vars(query), "by": (), "grain": Grain.ALL}))
    together = ask(house, query)
    if together.rows:
        assert together.totals is not None
        assert alone.rows[0] == together.totals[-2:]
        width = len(together.columns) - 2
        for place in (width, width + 1):
            assert sum(row[place] or 0 for row in together.rows) == (together.totals[place] or 0)
