"""What is measured: events of ten fields, the same with a free text, and what is kept of them."""

from keepsum import (
    PERSONAL,
    PUBLIC,
    Choice,
    Count,
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

EVENTS = Stream(
    "events",
    about="Everything that happened.",
    owner="bench",
    time="ts",
    key="event_id",
    subject="user_id",
    keep=days(30),
    late=days(1),
    fields=FIELDS,
)
NOTES = Stream(
    "notes",
    about="The same with a free text, in which addresses and numbers are looked for.",
    owner="bench",
    time="ts",
    key="event_id",
    subject="user_id",
    keep=days(30),
    late=days(1),
    fields=(*FIELDS, NOTE),
)

SUMS = (Count("events", about="How many events."), Sum("amount", of="amount_cents", about="What they were worth."))
DAILY = Rollup(
    "daily",
    about="The days of every domain, type, provider and country.",
    of=EVENTS,
    by=("domain", "type", "provider", "country"),
    measures=(
        *SUMS,
        Uniques("users", of="user_id", about="About how many people."),
        Quantiles("duration", of="duration_ms", about="How long they took."),
    ),
    keep=KEEP,
)
BY_DOMAIN = Rollup("by_domain", about="The days of every domain.", of=EVENTS, by=("domain",), measures=SUMS, keep=KEEP)
NOTED = Rollup("noted", about="The days of the notes.", of=NOTES, measures=SUMS, keep=KEEP)

PACK = Pack(
    "pack",
    about="What the benchmarks collect and ask.",
    streams=(EVENTS, NOTES),
    rollups=(DAILY, BY_DOMAIN, NOTED),
    metrics=(
        Metric("events", DAILY.events, unit="events", owner="bench", about="How many events."),
        Metric("amount", DAILY.amount, unit="EUR", owner="bench", about="What they were worth, in cents."),
        Metric("users", DAILY.users, unit="people", owner="bench", about="About how many people."),
        Metric("p95", DAILY.duration.quantile("0.95"), unit="ms", owner="bench", about="All but the slowest 5 %."),
        Metric("notes", NOTED.events, unit="notes", owner="bench", about="How many notes."),
    ),
)
