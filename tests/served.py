"""A real server in a thread over a small web shop, and what tests say to it."""

import json
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count

import httpx2
from tests.accounts import PASSWORD, PASSWORDS
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
from keepsum.assemble.install import DEFAULT
from keepsum.cli.worker import make_worker
from keepsum.http.serve import serving
from keepsum.http.writer import Writer
from keepsum.model.access import machine
from keepsum.pipeline import tokens

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
    """A server in a thread over a house, and what a client with an owner's token says to it."""

    def __init__(self, house, address, install, writer=None):
        self.house, self.address, self.install, self.writer = house, address, install, writer
        self._clients = []
        self.client = self.caller(token_of(install))
        self.nobody = self.caller()

    def caller(self, token=None, **how):
        """A client that shows a token, or nothing."""
        headers = how.pop("headers", {}) | ({} if token is None else {"authorization": f"Bearer {token}"})
        made = httpx2.Client(base_url=self.address, timeout=60, trust_env=False, headers=headers, **how)
        self._clients.append(made)
        return made

    def role(self, name, **how):
        """A client with a token of a role."""
        return self.caller(token_of(self.install, name, **how))

    def invited(self, email="ann@example.org", *roles):
        """The text of the link that lets somebody in."""
        made = self.client.post("/v1/people", json={"email": email, "roles": list(roles) or ["owner"]})
        assert made.status_code == 201, made.text
        return made.json()["link"].rpartition("#")[2]

    def person(self, email="ann@example.org", *roles, **how):
        """A browser in which somebody is signed in who came by an invitation."""
        link = self.invited(email, *roles)
        browser = self.caller(**how)
        used = browser.post(f"/v1/links/{link}", json={"name": "Somebody", "password": PASSWORD})
        assert used.status_code == 200, used.text
        return self.signed_in(browser, email)

    def signed_in(self, browser, email="ann@example.org"):
        entry = browser.post("/v1/session", json={"email": email, "password": PASSWORD})
        assert entry.status_code == 200, entry.text
        browser.headers["x-csrf-token"] = entry.json()["csrf"]
        return browser

    def close(self):
        for client in self._clients:
            client.close()

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
def served_from(house, *, worker=False, writer=None, **settings):
    """Serve a house; `writer` is the command of a process that writes, where there is to be one."""
    install = open_all(house.folder, house.zone, house.clock, port=0, **{"body_limit": BODY_LIMIT} | settings)
    install.accounts = replace(install.accounts, passwords=PASSWORDS)  # which cost little
    with closing(install):
        work = make_worker(install).run if worker else None
        process = writer and Writer(install.settings, writer)
        with (
            serving(install, work=work, writer=process) as address,
            closing(Served(house, address, install, process)) as served,
        ):
            yield served


def token_of(install, role="owner", *, workspace=DEFAULT, streams=None, days=None):
    """The text of a new token."""
    caller = machine(workspace)
    how = {"streams": streams and frozenset(streams), "days": days}
    return tokens.make(install.accounts, caller, "test", role, **how, now=install.clock()).text


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
