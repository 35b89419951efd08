"""Events as the load generator makes them, for contestants that are measured without it."""

import datetime as dt
import json
import secrets
from collections.abc import Iterator

from bench.pack import COUNTRIES, PROVIDERS

PAIRS = (
    ("orders", "order_paid"),
    ("payments", "pay_ok"),
    ("sessions", "visit"),
    ("support", "ticket_open"),
    ("catalog", "view"),
)
# The texts of load.lua.
TEXTS = (
    "delivered to the back door at {}, thanks again for the quick help",
    "asked for a refund of order {} because the box was damaged in the rain",
    "second call about invoice {}; wants to be called tomorrow after four",
    "write to jane{}@example.com when the parcel has left the warehouse",
    "likes the new colours, ordered {} of them for the whole family",
    "the code {} did not work on the first try, worked on the second one",
    "size {} is too small, sends it back and takes the next larger one",
    "no answer, left a message about delivery {} with the neighbour",
)


def bodies(batch: int, *, notes: bool = False) -> Iterator[bytes]:
    """Give request bodies without end: arrays of so many events of now, each with a key of its own that grows."""
    run, made = secrets.token_hex(4), 0
    while True:
        now = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        events = [_event(run, made + i, now, notes=notes) for i in range(batch)]
        made += batch
        yield json.dumps(events).encode()


def _event(run: str, number: int, now: dt.datetime, *, notes: bool) -> dict[str, object]:
    mixed = number * 7919 % 100003
    domain, kind = PAIRS[mixed % 5]
    event: dict[str, object] = {
        "event_id": f"{run}-{number:010d}",
        "ts": f"{now:%Y-%m-%dT%H:%M:%S}.{number % 1000:03d}Z",
        "user_id": f"u{mixed * 31 % 50_000:07d}",
        "session_id": f"s{mixed:08d}",
        "domain": domain,
        "type": kind,
        "provider": PROVIDERS[mixed % 4],
        "country": COUNTRIES[mixed % 10],
        "amount_cents": mixed % 9_000,
        "duration_ms": mixed % 700,
    }
    return event | {"note": TEXTS[mixed % 8].format(number)} if notes else event
