"""A consulting house: readers who serve clients, calls, payments and content, and who of its roles sees what."""

from keepsum import (
    OWN_ROWS,
    AccessLevel,
    Choice,
    Count,
    Cumulative,
    Grant,
    Integer,
    Metric,
    Pack,
    Permission,
    Role,
    Rollup,
    Stream,
    Sum,
    Text,
    Uniques,
    days,
    last,
    years,
)
from keepsum.engine import access
from keepsum.model.access import machine
from keepsum.model.catalog import Catalog

ORDERS = Stream(
    "orders", time="at", key="id", subject="client", actor="reader", keep=days(60),
    fields=(Text("reader", most=20), Choice("service", ("tarot", "healing")), Integer("worth")),
)  # fmt: skip
CALLS = Stream(
    "calls", time="at", key="id", subject="client", keep=days(60),
    fields=(Choice("outcome", ("answered", "dropped")), Text("reader", most=20), Integer("seconds")),
)  # fmt: skip
PAYMENTS = Stream(
    "payments", time="at", key="id", subject="client", keep=days(60),
    fields=(Choice("provider", ("stripe", "square")), Integer("cents")),
)  # fmt: skip
CONTENT = Stream("content", time="at", key="id", keep=days(60), fields=(Choice("sign", ("aries", "leo")),))

ORDERED = Rollup("ordered", of=ORDERS, measures=(Count("orders"), Uniques("clients", of="client")), keep=years(2))
SERVED = Rollup("served", of=ORDERS, by=("service",), measures=(Count("orders"), Sum("worth")), keep=years(2))
FULFILMENT = Rollup(
    "fulfilment", of=ORDERS, by=("service", "reader"), keep=years(2),
    measures=(Count("orders"), Sum("worth"), Uniques("clients", of="client", at=((), ("reader",)))),
)  # fmt: skip
CALLED = Rollup("called", of=CALLS, by=("outcome",), measures=(Count("calls"), Sum("seconds")), keep=years(2))
PAID = Rollup("paid", of=PAYMENTS, by=("provider",), measures=(Count("payments"), Sum("cents")), keep=years(2))
PUBLISHED = Rollup("published", of=CONTENT, by=("sign",), measures=(Count("texts"),), keep=years(2))

METRICS = (
    Metric("orders", FULFILMENT.orders),
    Metric("worth", FULFILMENT.worth),
    Metric("clients", FULFILMENT.clients),
    Metric("worth_to_date", Cumulative(of=FULFILMENT.worth, since="month")),
    Metric("tarot", FULFILMENT.orders.where(service="tarot")),
    Metric("tarot_worth", FULFILMENT.worth.where(service="tarot")),
    Metric("served_worth", SERVED.worth),
    Metric("all_orders", ORDERED.orders),
    Metric("calls", CALLED.calls),
    Metric("payments", PAID.payments),
    Metric("texts", PUBLISHED.texts),
    Metric("calls_per_order", CALLED.calls / FULFILMENT.orders, decimals=2),
)
READ = (Permission.READ,)
ROLES = (
    Role("superadmin", about="All of it, and who may come in.", includes=("owner",)),
    Role(
        "monitor", about="Oversees calls and content.", permissions=READ,
        grants=(Grant("rollup:called"), Grant("rollup:published")),
    ),
    Role(
        "reader", about="Sees his own performance.", permissions=READ,
        grants=(Grant("rollup:fulfilment", reach=last(30), level=AccessLevel.OWN),),
    ),
    Role("client", about="Sees nothing."),
    Role(
        "lead", about="Sees a team of readers.", permissions=READ,
        grants=(Grant("stream:orders", level=AccessLevel.TEAM),),
    ),
    Role("myself", about="Sees all own rows.", permissions=READ, grants=(Grant("stream:orders", reach=OWN_ROWS),)),
)  # fmt: skip
PACK = Pack(
    "consulting", streams=(ORDERS, CALLS, PAYMENTS, CONTENT), metrics=METRICS, roles=ROLES,
    rollups=(ORDERED, SERVED, FULFILMENT, CALLED, PAID, PUBLISHED),
)  # fmt: skip
CATALOG = Catalog((PACK,))


def caller(*roles, also=(), workspace="default", **more):
    """A person with roles of the house, or with roles that are given as they are; `also` are there to be included."""
    own = {role.name: role for role in (*roles, *also) if isinstance(role, Role)}
    names = tuple(getattr(role, "name", role) for role in roles)
    return access.caller("person", "p1", workspace, names, {**CATALOG.roles, **own}, **more)


MACHINE = machine("default")
