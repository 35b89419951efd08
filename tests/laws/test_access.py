"""Whatever a caller asks, no answer holds a record, a dimension or a small group that no role of his shows.

The worth of each order has a bit of its own, so that any sum of worths tells which orders are in it.
"""

import json
import random
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.consulting import FULFILMENT, ORDERED, PACK, SERVED, caller
from tests.guarding import Crowd, Sale, pairs
from tests.served import served_from
from tests.systems import House
from tests.tenants import create, fill, roll

from keepsum import FULL, NOTHING, OWN_ROWS, AccessLevel, Grant, Permission, Role, last
from keepsum.engine.access import decide, visible_metrics, visible_streams
from keepsum.model.access import machine
from keepsum.model.day import Grain, date_of, day_number
from keepsum.model.errors import Forbidden, KeepsumError, NotFound
from keepsum.model.filter import conditions
from keepsum.model.query import Order, Query
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import to_json
from keepsum.pipeline.live import Remembered

K, BITS = 3, 57
FIRST = day_number(date(2026, 2, 1))
NOW, TODAY = "2026-02-05T18:00:00Z", FIRST + 4  # the days before are sealed
BASES = {"north": 4 * 10**17, "south": 3 * 10**17}  # each above the sum of all bits
READERS = ("ann", "bo", "cy")
# Each metric with the rollup it names, and what its own filter lets through.
METRICS = {
    "worth": ("fulfilment", None),
    "tarot_worth": ("fulfilment", "tarot"),
    "served_worth": ("served", None),
    "worth_to_date": ("fulfilment", None),
}
ROLLUPS = {rollup.name: rollup.by for rollup in (ORDERED, SERVED, FULFILMENT)}
HTTP_ROLES = ("owner", "admin", "viewer", "superadmin", "monitor", "reader", "client", "lead", "collector")
THINGS = (
    *("*", "metric:*", "rollup:*", "stream:*", "stream:orders", "stream:calls"),
    *(f"rollup:{name}" for name in ROLLUPS),
    *(f"metric:{name}" for name in METRICS),
)


class World:
    """Two workspaces of one install with orders of their own; by name their systems, and their orders by bit.

    `clients` speak to a server before them, by workspace and role.
    """

    def __init__(self, systems, orders, clients):
        self.systems, self.orders, self.clients, self.remembered = systems, orders, clients, Remembered()

    def ask(self, who, query):
        system = self.systems[who.workspace]
        caller_there = replace(who, workspace=system.id)
        return answer(system.workspace, query, caller=caller_there, now=system.clock(), remembered=self.remembered)

    def behind(self, name, worth):
        """The orders that a sum of worths is made of, each once and whole."""
        count, bits = divmod(worth or 0, BASES[name])
        assert bits.bit_count() == count, "this is no sum of the workspace's own orders"
        return frozenset(order for bit, order in enumerate(self.orders[name]) if bits >> bit & 1)


@pytest.fixture(scope="module")
def world(tmp_path_factory, request):
    house = House(tmp_path_factory.mktemp("world"), PACK).at(NOW)
    systems, orders = {}, {}
    for name, base in BASES.items():
        chance = random.Random(f"{request.config.option.seed} {name}")
        orders[name] = [an_order(chance, bit) for bit in range(BITS)]
        made = create(house.install, name, k=K)
        fill(house.install, made, *(sent(name, base, order) for order in orders[name]), stream="orders")
        roll(house.install, made)
        systems[name] = house.install.system(made)
    with served_from(house) as served:
        pairs = [(name, role) for name in systems for role in HTTP_ROLES]
        clients = {(name, role): served.role(role, workspace=systems[name].id) for name, role in pairs}
        yield World(systems, orders, clients)
    house.close()


def an_order(chance, bit):
    who, reader = chance.choice([None, *(f"c{n}" for n in range(8))]), chance.choice([None, *READERS])
    service = chance.choice(["tarot", "tarot", "healing"])
    return Sale(bit, FIRST + chance.choice([0, 0, 0, 1, 1, 2, 3, 4, 4]), who, service, reader)


def sent(name, base, order):
    at = f"{date.fromordinal(date(1970, 1, 1).toordinal() + order.day)}T10:00:00Z"
    fields = {"client": order.who, "service": order.a, "reader": order.b, "worth": base + 2**order.number}
    return {"id": f"{name}-{order.number}", "at": at, **fields}


REACHES = st.sampled_from([FULL, FULL, NOTHING, OWN_ROWS, last(1), last(2), last(4)])
LEVELS = st.sampled_from([AccessLevel.ORGANIZATION, *AccessLevel])
GRANTS = st.builds(Grant, st.sampled_from(THINGS), reach=REACHES, level=LEVELS)
# One rollup of three, whosever rows they are: what tempts to read one of the others.
ONE_ROLLUP = st.builds(Grant, st.sampled_from([f"rollup:{name}" for name in ROLLUPS]), level=st.just(AccessLevel.ALL))
# Everybody's rows and nobody's name: what tempts to ask by the name all the same.
NAMELESS = st.builds(Grant, st.sampled_from(THINGS), reach=st.sampled_from([FULL, last(4)]))
READ = st.sampled_from([(Permission.READ,), (Permission.READ, Permission.SMALL_GROUPS), ()])


@st.composite
def callers(draw, permissions=READ, grants=GRANTS):
    """Somebody with one to three roles of one workspace, perhaps with an actor and a team."""
    roles = [
        Role(
            f"role{place}",
            permissions=draw(permissions),
            grants=tuple(draw(st.lists(grants, min_size=1, max_size=4, unique_by=lambda grant: grant.on))),
        )
        for place in range(draw(st.integers(1, 3)))
    ]
    actor = draw(st.sampled_from([None, "ann", "ann", "zoe"]))
    team = draw(st.sets(st.sampled_from(READERS), max_size=2))
    streams = draw(st.sampled_from([None, None, None, ("orders",), ("calls",)]))
    return caller(*roles, workspace=draw(st.sampled_from(sorted(BASES))), actor=actor, team=team, streams=streams)


@st.composite
def questions(draw):
    """A question about worths that may be asked, if not answered."""
    metrics = tuple(draw(st.lists(st.sampled_from(sorted(METRICS)), min_size=1, max_size=2, unique=True)))
    by = tuple(draw(st.lists(st.sampled_from(["service", "reader"]), max_size=2, unique=True)))
    first, end = sorted((draw(st.integers(FIRST - 1, TODAY)), draw(st.integers(FIRST - 1, TODAY))))
    where: dict[str, Any] = {}
    if draw(st.booleans()):
        where["service"] = draw(st.lists(st.sampled_from(["tarot", "healing"]), min_size=1, unique=True))
    if draw(st.integers(0, 3)) == 0:
        where["reader"] = draw(st.lists(st.sampled_from([None, *READERS]), min_size=1, unique=True))
    return Query(
        metrics=metrics,
        first=first,
        last=end,
        by=by,
        where=conditions(where),
        grain=draw(st.sampled_from([Grain.ALL, Grain.DAY, Grain.MONTH])),
        order=draw(st.none() | st.builds(Order, by=st.sampled_from([*metrics, *by]), descending=st.booleans())),
        top=draw(st.none() | st.integers(1, 2)) if by else None,
        totals=draw(st.booleans()),
        compare=draw(st.sampled_from([None, None, "previous"])),
        basis=draw(st.sampled_from(["origin", "origin", "booked"])),
        guarded=draw(st.integers(0, 4)) == 0,
        explain=draw(st.booleans()),
    )


def cells(world, who, query):
    """What a caller is answered: by metric and dimension values, the orders behind each cell; None if refused."""
    try:
        found = world.ask(who, query)
    except Forbidden:
        return None
    names = [column.name for column in found.columns]
    every = [*found.rows, *([found.totals] if found.totals else [])]
    return [
        (column.name.partition(":")[0], dict(zip(names, row, strict=True)), world.behind(who.workspace, cell))
        for row in every
        for column, cell in zip(found.columns, row, strict=True)
        if column.kind in {"metric", "comparison"}
    ]


def deciding(role, metric, place):
    """The grant that decides for a metric read at a rollup, or from records, as the rule says in words."""
    rollup = [f"rollup:{place}"] if place else []
    every = [f"metric:{metric}", *rollup, "stream:orders", "metric:*", *["rollup:*"][: len(rollup)], "stream:*", "*"]
    return next((grant for name in every for grant in role.grants if grant.on == name), None)


def shown(who, metric, dimensions=()):
    """The grants of readers by which a caller may see a metric split so: in a rollup that is, or in records."""
    if who.streams is not None and "orders" not in who.streams:
        return
    for role in who.held:
        for place, by in {**ROLLUPS, None: (*dimensions,)}.items():
            grant = deciding(role, metric, place) if Permission.READ in role.permissions else None
            if grant is not None and grant.reach.kind != "none" and set(dimensions) <= set(by):
                yield grant


def actors(who, grant):
    """Whose rows a grant shows; None for everybody's."""
    if grant.reach.kind == "own" or grant.level is AccessLevel.OWN:
        return {who.actor}
    return {who.actor, *who.team} if grant.level is AccessLevel.TEAM else None


def shows(who, grant, order):
    """Whether a grant shows an order."""
    first = TODAY - grant.reach.days + 1 if grant.reach.kind == "last" else FIRST
    whose = actors(who, grant)
    return order.day >= first and (whose is None or (order.b is not None and order.b in whose))


@given(callers(), questions())
def test_no_answer_holds_an_order_that_no_role_shows(world, who, query):
    for metric, _, orders in cells(world, who, query) or ():
        assert all(any(shows(who, grant, order) for grant in shown(who, metric)) for order in orders)


@given(callers() | callers(grants=ONE_ROLLUP) | callers(grants=NAMELESS), questions())
def test_nor_is_it_split_by_what_no_role_shows(world, who, query):
    asked = {*query.by, *(name for name, _ in query.where)}
    found = cells(world, who, query) or ()
    by_name = []
    for metric in query.metrics if found else ():
        grants = list(shown(who, metric, asked | ({"service"} if METRICS[metric][1] else set())))
        assert grants
        naming = [actors(who, grant) for grant in grants if says_whose(grant)]
        assert naming or "reader" not in asked
        by_name += naming
    # A row stands there for any metric that may be split so; the others say nothing in it.
    for metric, row, orders in found:
        assert row.get("reader") in names(by_name)
        assert not orders or row.get("reader") in names(actors(who, grant) for grant in shown(who, metric))


def names(whose):
    """What may stand for a reader where the rows of these are shown, None being everybody's."""
    return {None, "(other)", "(hidden)", *(name for one in whose for name in one or READERS)}


def says_whose(grant):
    return grant.level is not AccessLevel.ORGANIZATION or grant.reach == OWN_ROWS


@given(callers(), questions())
def test_what_is_answered_is_what_was_asked(world, who, query):
    where = dict(query.where)
    for metric, row, orders in cells(world, who, query) or ():
        for order in orders:
            assert METRICS[metric][1] in (None, order.a)
            assert all(order.a in values for name, values in where.items() if name == "service")
            assert all(order.b in values for name, values in where.items() if name == "reader")
            assert row.get("service") in (None, "(other)", "(hidden)", order.a)
            assert row.get("reader") in (None, "(other)", "(hidden)", order.b)


@given(callers(permissions=st.just((Permission.READ,))), st.lists(questions(), min_size=1, max_size=8))
def test_no_two_answers_of_a_guarded_caller_differ_by_few_people(world, who, asked):
    crowd = Crowd(world.orders[who.workspace])
    answers = {orders for query in asked for _, _, orders in cells(world, who, query) or ()}
    sets = crowd.sets(answers)
    people = crowd.people(pairs(np.greater, sets, sets))
    assert ((people == 0) | (people >= K)).all()


@given(callers(), st.sampled_from(sorted(METRICS)))
def test_lists_name_just_what_is_answered(world, who, metric):
    today = Query(metrics=(metric,), first=TODAY, last=TODAY, grain=Grain.ALL)
    listed = world.systems[who.workspace].catalog
    is_answered = cells(world, who, today) is not None
    # What runs on from the first of the month may begin too early, and own rows may be kept where they are not shown.
    may_differ = metric == "worth_to_date" or decide(who, listed.metric(metric), TODAY).actors is not None
    is_listed = metric in visible_metrics(who, listed)
    assert is_answered == is_listed or (is_listed and may_differ)
    assert not is_answered or "orders" in visible_streams(who, listed)


@given(st.sampled_from(sorted(BASES)), st.sampled_from(HTTP_ROLES), questions())
def test_the_door_of_http_shows_what_its_caller_is_shown_and_no_more(world, name, role, query):
    found = world.clients[name, role].post("/v1/query", json=in_json(query)).json()
    expected = said(world, caller(role, workspace=name), query)
    assert {part: found[part] for part in expected} == expected


def said(world, who, query):
    """What the pipeline says to a question: the answer without how it came about, or why there is none."""
    try:
        found = json.loads(to_json(world.ask(who, query)))
    except KeepsumError as error:
        return {"code": error.code}
    return {part: found[part] for part in ("columns", "rows", "totals", "labels")}


def in_json(query):
    """A question as it is sent."""
    order = query.order and ("-" if query.order.descending else "") + query.order.by
    plain = {name: getattr(query, name) for name in ("compare", "top", "totals", "basis", "guarded", "explain")}
    asked = {"metrics": query.metrics, "by": query.by, "grain": query.grain, "where": dict(query.where)}
    return {**plain, **asked, "from": str(date_of(query.first)), "to": str(date_of(query.last)), "order": order}


@pytest.mark.parametrize("role", HTTP_ROLES)
def test_its_lists_name_what_the_pipeline_shows(world, role):
    for name, system in world.systems.items():
        who, client = caller(role, workspace=name), world.clients[name, role]
        streams = [stream["name"] for stream in client.get("/v1/streams").json()["streams"]]
        assert streams == list(visible_streams(who, system.catalog))
        metrics = [metric["name"] for metric in client.get("/v1/metrics").json().get("metrics", ())]
        assert metrics == list(visible_metrics(who, system.catalog))


@given(callers(), questions())
def test_nobody_finds_another_workspace(world, who, query):
    other = next(name for name in BASES if name != who.workspace)
    system = world.systems[other]
    own = replace(who, workspace=world.systems[who.workspace].id)
    with pytest.raises(NotFound, match="UNKNOWN_WORKSPACE"):
        answer(system.workspace, query, caller=own, now=system.clock())


@pytest.mark.parametrize("name", sorted(BASES))
def test_who_sees_everything_sees_each_order_once(world, name):
    query = Query(metrics=("worth",), first=FIRST, last=TODAY, by=("service", "reader"), grain=Grain.DAY)
    found = [orders for _, _, orders in cells(world, machine(name), query) or ()]
    assert sum(map(len, found)) == BITS
    assert frozenset().union(*found) == frozenset(world.orders[name])
