"""A real server in a thread over a small web shop, and what tests say to it."""

import json
from contextlib import closing, contextmanager
from itertools import count

import httpx2
from tests.systems import open_all

from keepsum import (
    SECRET,
    Boolean,
    Choice,
    Count,
    Integer,
    Metric,
    Money,
    Pack,
    Rollup,
    Stream,
    Sum,
    Text,
    Uniques,
    days,
    years,
)
from keepsum.cli.worker import make_worker
from keepsum.http.serve import serving

BODY_LIMIT = 64 << 10

ORDERS = Stream(
    "orders", about="What was ordered.", time="at", key="id", subject="buyer", keep=days(30), late=days(7),
    fields=(
        Choice("way", ("card", "cash")), Text("place", most=50, longest=40), Boolean("gift"), Integer("units"),
        Money("total", unit="EUR", required=True), Text("pin", sensitivity=SECRET),
    ),
)  # fmt: skip
VISITS = Stream(
    "visits", time="on", time_kind="date", key="id", keep=days(30), fields=(Text("page", most=50), Integer("clicks"))
)
DAILY = Rollup(
    "orders_daily", of=ORDERS, by=("place",), keep=years(3),
    measures=(Count("orders"), Sum("total"), Uniques("buyers", of="buyer")),
)  # fmt: skip
PAGES = Rollup("pages_daily", of=VISITS, by=("page",), measures=(Count("visits"), Sum("clicks")), keep=years(3))
PACK = Pack(
    "web", streams=(ORDERS, VISITS), rollups=(DAILY, PAGES),
    metrics=(
        Metric("orders", DAILY.orders, unit="orders", owner="web", about="How many orders."),
        Metric("revenue", DAILY.total, unit="EUR", owner="web", about="What they came to."),
        Metric("buyers", DAILY.buyers, unit="people", owner="web", about="About how many people."),
        Metric("per_order", DAILY.total / DAILY.orders, unit="EUR", owner="web", decimals=2, about="The mean order."),
    ),
)  # fmt: skip

_numbers = count()


class Served:
    """A server in a thread over a house, and what a client says to it."""

    def __init__(self, house, address):
        self.house, self.address = house, address
        self.client = httpx2.Client(base_url=address, timeout=60, trust_env=False)

    def get(self, path, **parameters):
        return self.client.get(path, params=parameters or None)

    def send(self, body, stream="orders", *, media="application/json", encoding=None, **parameters):
        """Send a body as it is (bytes), or as JSON."""
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": media} | ({"content-encoding": encoding} if encoding else {})
        path = f"/v1/streams/{stream}/records"
        return self.client.post(path, content=body, headers=headers, params=parameters or None)

    def ask(self, **question):
        if "first" in question:
            question["from"] = question.pop("first")
        return self.client.post("/v1/query", json=question)

    def kept(self):
        """How many records of orders control counts."""
        with self.house.workspace.file.read() as connection:
            return connection.exec_driver_sql(
                "SELECT coalesce(sum(records), 0) FROM stream_days WHERE stream = 'orders'"
            ).scalar()


@contextmanager
def served_from(house, *, worker=False):
    install = open_all(house.folder, house.zone, house.clock, port=0, body_limit=BODY_LIMIT)
    with closing(install):
        work = make_worker(install).run if worker else None
        with serving(install, work=work) as address:
            served = Served(house, address)
            yield served
            served.client.close()


def key():
    """A key that no other record of this process has."""
    return f"k{next(_numbers)}"


def order(**fields):
    """A good order of the day before the clock starts, unless it says otherwise."""
    return {"id": key(), "at": "2026-01-31T10:00:00Z", "buyer": "ann", "total": "12.50"} | fields


def receipt(accepted=0, duplicates=0, rejected=()):
    return {"accepted": accepted, "duplicates": duplicates, "rejected": list(rejected), "rejected_count": len(rejected)}


def problem_of(response, status, code):
    """The document of an error, after looking at its form."""
    document = response.json()
    assert (response.status_code, document["status"], document["code"]) == (status, status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert document["type"] == f"urn:keepsum:problem:{code}"
    assert document["title"]
    assert document["detail"]
    return document
