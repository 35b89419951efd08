"""From the door to the purge: how records come in changes nothing, and what was promised stays answerable."""

import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.systems import ASKED_SHOP, METRICS, House, number, sale

from keepsum.engine import buckets, registers
from keepsum.engine.numbers import LIMIT
from keepsum.model.access import machine
from keepsum.model.day import Grain
from keepsum.model.query import Query
from keepsum.pipeline.answer import answer
from keepsum.pipeline.verify import verify_ledger

# Every example is a whole install; a campaign makes up for the few of a push.
FEW = settings(max_examples=max(settings().max_examples // 12, 4))
DAYS = ("2026-02-01", "2026-02-02", "2026-02-03")
ENDED, DUE = "2026-02-04T02:00", "2026-03-06T02:00"
PLACES = ("york", "hull", "bath", "leeds", "ripon", "ä", "")

# A record by its key, so that a batch never contradicts itself; invoices live on one day.
FIELDS = st.fixed_dictionaries(
    {
        "day": st.sampled_from(DAYS),
        "buyer": st.sampled_from(["ann", "bob", "cy", "dee"]) | st.none(),
        "way": st.sampled_from(["card", "cash"]) | st.none(),
        "place": st.sampled_from(PLACES) | st.none(),
        "amount": st.integers(-9, 9) | st.sampled_from([LIMIT, -LIMIT, 10**9]) | st.none(),
        "hour": st.integers(0, 23),
        "invoice": st.integers(0, 3) | st.none(),
    }
)
RECORDS = st.lists(FIELDS, min_size=1, max_size=14)


def made(number, fields):
    day, hour, invoice = fields["day"], fields["hour"], fields["invoice"]
    rest = {name: value for name, value in fields.items() if name not in {"day", "hour", "invoice"}}
    return sale(number, day, at=f"{day}T{hour:02}:00:00Z", invoice=f"{day} {invoice}" if invoice else None, **rest)


def records_of(drawn):
    return [made(number, fields) for number, fields in enumerate(drawn)]


@contextmanager
def shop():
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder) / "house", ASKED_SHOP, now=DAYS[-1] + "T23:30")
        try:
            yield house
        finally:
            house.close()


@st.composite
def deliveries(draw, records):
    """The records in another order, some of them again, in batches of any size, with things done between them."""
    sent = draw(st.permutations([*records, *draw(st.lists(st.sampled_from(records), max_size=8))]))
    steps, begin = [], 0
    while begin < len(sent):
        size = draw(st.integers(1, 6))
        steps.append((sent[begin : begin + size], draw(st.sampled_from(["", "", "move", "open", "move day"]))))
        begin += size
    return steps


def deliver(house, steps):
    for batch, then in steps:
        assert not house.collect(*batch).rejected
        match then:
            case "move":
                house.move()
            case "move day":
                house.move_day(batch[0]["at"][:10])
            case "open":
                house.open()


def figures(house):
    return {(day, booked): digest for (_, day, booked), digest in house.digests().items()}


def controls(house):
    return {day: house.state(day).control for day in DAYS}


@FEW
@given(RECORDS, st.data())
def test_any_order_duplication_and_batching_gives_the_same_rollups(drawn, data):
    records = records_of(drawn)
    with shop() as plain, shop() as other:
        plain.collect(*records)
        deliver(other, data.draw(deliveries(records)))
        for house in (plain, other):
            assert house.at(ENDED).roll().held == 0
        assert figures(other) == figures(plain)
        assert controls(other) == controls(plain)
        assert sum(control.records for control in controls(other).values()) == len(records)


@FEW
@given(RECORDS, st.data())
def test_a_record_that_comes_before_the_purge_counts_as_if_it_had_come_in_time(drawn, data):
    records = records_of(drawn)
    late = data.draw(st.lists(st.sampled_from(records), unique_by=lambda record: record["id"]))
    with shop() as plain, shop() as other:
        plain.collect(*records)
        plain.at(ENDED).roll()
        other.collect(*(record for record in records if record not in late))
        other.at(ENDED).roll()
        deliver(other, data.draw(deliveries(records)))
        other.roll()
        assert figures(other) == figures(plain)


QUESTIONS = [
    Query(metrics=tuple(m.name for m in METRICS), by=by, grain=grain, first=number(DAYS[0]), last=number(DAYS[-1]))
    for by, grain in [((), Grain.DAY), (("place",), Grain.DAY), ((), Grain.ALL), (("way",), Grain.MONTH)]
]


def answers(house):
    """What is answered, but for where it was read."""
    found = [
        asdict(answer(house.workspace, query, caller=machine("default"), now=house.clock())) for query in QUESTIONS
    ]
    return [(one["rows"], one["totals"], one["labels"]["coverage"]) for one in found]


@FEW
@given(RECORDS)
def test_the_purge_changes_no_answer_it_promised_to_keep(drawn):
    with shop() as house:
        house.collect(*records_of(drawn))
        house.at(ENDED).roll()
        before = answers(house), figures(house)
        house.at(DUE)
        assert house.purge().records == len(drawn)
        assert (answers(house), figures(house)) == before
        assert house.files() == []
        assert verify_ledger(house.workspace, deep=True).findings == ()


def merged_rows(house):
    """Every day's count, sum, min and max over all its rows, booked ones among them."""
    found = {}
    for (*_, day, _), row in house.rows().items():
        one = found.setdefault(day, {"sales": 0, "cards": 0, "amount": 0, "cheapest": [], "dearest": []})
        one["sales"] += row["m_sales"]
        one["cards"] += row["m_card_sales"]
        one["amount"] += (row["m_amount_hi"] or 0) * 10**9 + (row["m_amount_lo"] or 0)
        one["cheapest"] += [row["m_cheapest"]] if row["m_cheapest"] is not None else []
        one["dearest"] += [row["m_dearest"]] if row["m_dearest"] is not None else []
    return {
        day: one | {"cheapest": min(one["cheapest"], default=None), "dearest": max(one["dearest"], default=None)}
        for day, one in found.items()
    }


def merged_parts(house):
    """Every day's registers and buckets at the total and by way, booked ones merged in."""
    blobs = {}
    for (measure, at, way, _, day, _), part in house.parts().items():
        if measure != "invoices" and at in {"", "way"}:
            blobs.setdefault((measure, way, day), []).append(part["data"])
    return {
        key: registers.merge(found).tolist() if key[0] == "buyers" else [x.tolist() for x in buckets.merge(found)]
        for key, found in blobs.items()
    }


@FEW
@given(RECORDS, RECORDS, st.data())
def test_corrections_equal_a_roll_up_of_the_whole(early, late, data):
    before = records_of(early)
    after = [made(f"late {number}", fields) for number, fields in enumerate(late)]
    with shop() as plain, shop() as corrected:
        plain.collect(*before, *after)
        plain.at(ENDED).roll()
        corrected.collect(*before)
        corrected.at(ENDED).roll(last=DAYS[-1])
        corrected.at(DUE).purge()
        living = {day for day in DAYS if corrected.status(day) != "purged"}
        for batch, _ in data.draw(deliveries([*before, *after])):
            corrected.collect(*batch)
            corrected.clock.now += 40_000_000_000  # so that some are booked on another day
        corrected.roll()
        assert merged_rows(corrected) == merged_rows(plain)
        assert merged_parts(corrected) == merged_parts(plain)
        assert verify_ledger(corrected.workspace, deep=True).findings == ()
        assert living == {day for day in DAYS if day < min(record["at"][:10] for record in before)}
