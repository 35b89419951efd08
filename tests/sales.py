"""Two days of a shop, small enough to reckon by hand, and what they come to."""

from collections.abc import Sequence

import numpy as np
from tests.rolls import KEY, table_of

from keepsum import (
    Boolean,
    Choice,
    Count,
    Distinct,
    Integer,
    Max,
    Min,
    Quantiles,
    Rollup,
    Stream,
    Sum,
    Text,
    Uniques,
    years,
)
from keepsum import days as days_of
from keepsum.engine import buckets, registers
from keepsum.model.rollup import ALL, NONE, OTHER

HUGE = 10**18 - 1
FIRST, SECOND = 20_000, 20_001

ORDERS = Stream(
    "orders", time="at", key="id", subject="buyer", keep=days_of(30),
    fields=(Text("country", most=2), Choice("kind", ("sale", "return")), Boolean("paid"), Integer("amount")),
)  # fmt: skip
DAILY = Rollup(
    "orders_daily", of=ORDERS, by=("country",), keep=years(10),
    measures=(
        Count("returns", where=(("kind", ("return", None)),)), Sum("amount"), Min("least", of="amount"),
        Max("most_unpaid", of="amount", where=(("paid", (False,)),)), Distinct("orders", of="id", at=((),)),
        Uniques("buyers", of="buyer"), Quantiles("amounts", of="amount", where=(("kind", ("sale",)),), at=((),)),
    ),
)  # fmt: skip

_NAMES = ("day", "id", "buyer", "country", "kind", "amount", "paid")
_ORDERS = (
    (FIRST, "a", "Ann", "DE", "sale", 700, True),
    (FIRST, "b", "Ann", "DE", "return", -200, True),
    (FIRST, "c", "Bo", "DE", None, 100, False),
    (FIRST, "c", None, "DE", "sale", None, False),  # nobody, and the same key again
    (FIRST, "d", "Bo", "FR", "sale", HUGE, None),
    (FIRST, "e", "Bo", "FR", "sale", HUGE, None),
    (FIRST, "f", "Cy", "AT", "sale", 5, False),  # the third and the fourth country: two are kept
    (FIRST, "g", "Cy", "IT", "return", -3, False),
    (FIRST, "h", "Dee", None, "sale", None, True),
    (SECOND, "i", "Ann", "AT", "sale", 1, True),  # as often as FR, and smaller
    (SECOND, "j", None, "FR", "sale", 1, False),
    (SECOND, "k", "Ann", "DE", "sale", 1, True),
    (SECOND, "l", "Ann", "DE", "return", -2, True),
)
RECORDS = [dict(zip(_NAMES, order, strict=True)) for order in _ORDERS]
TABLE = table_of(ORDERS, RECORDS, bucketed=["amount"])

# Each is a day and a country with people, largest returns and amount, returns, amount (hi, lo), least, most unpaid.
ROWS = [
    (FIRST, NONE, 1, 0, 0, 0, None, None, None, None),
    (FIRST, OTHER, 1, 1_000_000, 1_000_000, 1, 0, 2, -3, 5),
    (FIRST, "DE", 2, 500_000, 900_000, 2, 0, 600, -200, 100),
    (FIRST, "FR", 1, 0, 1_000_000, 0, 1_999_999_999, 999_999_998, HUGE, None),
    (SECOND, OTHER, 0, 0, 0, 0, 0, 1, 1, 1),
    (SECOND, "AT", 1, 0, 1_000_000, 0, 0, 1, 1, None),
    (SECOND, "DE", 1, 1_000_000, 1_000_000, 1, -1, 999_999_999, -2, None),
]


def registers_of(*subjects: str) -> bytes:
    """The registers these subjects leave."""
    return registers.encode(*registers.slots_and_ranks(subjects, KEY)[:2])


def buckets_of(*amounts: int) -> bytes:
    """The buckets these amounts fall into."""
    return buckets.encode(buckets.bucket_of(np.array(amounts)), np.ones(len(amounts), np.int64))


# Each is a measure and where it is kept, a country and a day with a value or data.
PARTS: Sequence[tuple[object, ...]] = [
    ("amounts", "", ALL, FIRST, None, buckets_of(700, HUGE, HUGE, 5)),
    ("amounts", "", ALL, SECOND, None, buckets_of(1, 1, 1)),
    ("buyers", "", ALL, FIRST, None, registers_of("Ann", "Bo", "Cy", "Dee")),
    ("buyers", "", ALL, SECOND, None, registers_of("Ann")),
    ("buyers", "country", NONE, FIRST, None, registers_of("Dee")),
    ("buyers", "country", OTHER, FIRST, None, registers_of("Cy")),
    ("buyers", "country", OTHER, SECOND, None, registers_of()),
    ("buyers", "country", "AT", SECOND, None, registers_of("Ann")),
    ("buyers", "country", "DE", FIRST, None, registers_of("Ann", "Bo")),
    ("buyers", "country", "DE", SECOND, None, registers_of("Ann")),
    ("buyers", "country", "FR", FIRST, None, registers_of("Bo")),
    ("orders", "", ALL, FIRST, 8, None),
    ("orders", "", ALL, SECOND, 4, None),
]
