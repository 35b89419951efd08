"""What is measured: events of ten fields, the same with a free text, and what is kept of them."""

from keepsum import (
    PERSONAL,
    PUBLIC,
    Choice,
    Count,
    Dataset,
    Integer,
    Metric,
    Money,
    Pack,
    Quantiles,
    Rollup,
    Stream,
    Sum,
    Text,
    Uniques,
    days,
    years,
)

KEEP = years(10)
DOMAINS = ("orders", "payments", "sessions", "support", "catalog")
TYPES = (
    *("order_created", "order_paid", "order_cancelled", "order_refunded"),
    *("pay_started", "pay_ok", "pay_failed", "pay_retry"),
    *("visit", "signup", "login", "logout"),
    *("ticket_open", "ticket_reply", "ticket_close", "ticket_rate"),
    *("view", "search", "cart_add", "cart_remove"),
)
PROVIDERS = ("alpha", "beta", "gamma", "delta")
COUNTRIES = (
    *("US", "DE", "FR", "GB", "ES", "IT", "PL", "NL", "SE", "TR"),
    *("BR", "IN", "JP", "CA", "MX", "AU", "PT", "RO", "CZ", "GR"),
)

FIELDS = (
    Text("session_id", sensitivity=PERSONAL, longest=64, about="The visit it happened in."),
    Choice("domain", options=DOMAINS, required=True, about="The part of the business."),
    Choice("type", options=TYPES, required=True, about="What happened."),
    Choice("provider", options=PROVIDERS, required=True, about="Who carried it out."),
    Choice("country", options=COUNTRIES, required=True, about="Where."),
    Money("amount_cents", unit="EUR", scale=0, required=True, about="What it was worth, in cents."),
    Integer("duration_ms", unit="ms", required=True, about="How long it took."),
)
NOTE = Text("note", sensitivity=PUBLIC, longest=500, about="A few words that somebody typed.")


def stream(name: str, about: str, *more: Text) -> Stream:
    """Give a stream of those fields and perhaps more."""
    return Stream(
        name,
        about=about,
        owner="bench",
        time="ts",
        key="event_id",
        subject="user_id",
        keep=days(30),
        late=days(1),
        fields=(*FIELDS, *more),
    )


EVENTS = stream("events", "Everything that happened: what is collected and rolled up for time.")
VISITS = stream("visits", "The same events with a rollup more: what is asked for time.")
NOTES = stream("notes", "The same with a free text, in which addresses and numbers are looked for.", NOTE)

SUMS = (Count("events", about="How many events."), Sum("amount", of="amount_cents", about="What they were worth."))
DIMENSIONS = ("domain", "type", "provider", "country")
PEOPLE = Uniques("users", of="user_id", about="About how many people.")
DURATION = Quantiles("duration", of="duration_ms", about="How long they took.")

DAILY = Rollup(
    "daily",
    about="The days of every domain, type, provider and country.",
    of=EVENTS,
    by=DIMENSIONS,
    measures=(*SUMS, PEOPLE, DURATION),
    keep=KEEP,
)
FINEST = Rollup("finest", about="The same of visits.", of=VISITS, by=DIMENSIONS, measures=SUMS, keep=KEEP)
BY_DOMAIN = Rollup("by_domain", about="The days of every domain.", of=VISITS, by=("domain",), measures=SUMS, keep=KEEP)
NOTED = Rollup("noted", about="The days of the notes.", of=NOTES, measures=SUMS, keep=KEEP)


def metric(name, formula, unit, about) -> Metric:
    """Give a metric of this pack."""
    return Metric(name, formula, unit=unit, owner="bench", about=about)


PACK = Pack(
    "pack",
    about="What the benchmarks collect and ask.",
    streams=(EVENTS, VISITS, NOTES),
    rollups=(DAILY, FINEST, BY_DOMAIN, NOTED),
    metrics=(
        metric("events", DAILY.events, "events", "How many events."),
        metric("amount", DAILY.amount, "EUR", "What they were worth, in cents."),
        metric("users", DAILY.users, "people", "About how many people."),
        metric("p95", DAILY.duration.quantile("0.95"), "ms", "All but the slowest twentieth."),
        metric("visits", BY_DOMAIN.events, "visits", "How many visits."),
        metric("visited", BY_DOMAIN.amount, "EUR", "What the visits were worth, in cents."),
        metric("notes", NOTED.events, "notes", "How many notes."),
    ),
    datasets=(Dataset("events", of=EVENTS, about="All of every event."),),
)
