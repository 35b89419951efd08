"""What can be asked for by name."""

from keepsum import Metric
from keepsum.packs.wallet.rollups import (
    ANALYTICS_TOKEN_DAILY,
    AUTHORIZATIONS_DAILY,
    PAYMENTS_DAILY,
    PURCHASES_DAILY,
    REFERRALS_DAILY,
    REFUNDS_DAILY,
    REGISTRATIONS_DAILY,
)
from keepsum.packs.wallet.streams import INR, OWNER, TOKENS

CREDITED = Metric(
    "credited",
    ANALYTICS_TOKEN_DAILY.amount.where(direction="credit"),
    unit=TOKENS,
    owner=OWNER,
    direction="none",
    about="Tokens that users got.",
)
DEBITED = Metric(
    "debited",
    ANALYTICS_TOKEN_DAILY.amount.where(direction="debit"),
    unit=TOKENS,
    owner=OWNER,
    about="Tokens that users spent.",
)
NET = Metric("net", CREDITED - DEBITED, unit=TOKENS, owner=OWNER, direction="none", about="Credited less debited.")
MOVED = Metric(
    "moved", ANALYTICS_TOKEN_DAILY.amount, unit=TOKENS, owner=OWNER, about="Credited and debited tokens together."
)
SHARES = {
    kind: Metric(
        f"{kind}_share",
        (ANALYTICS_TOKEN_DAILY.amount.where(token_type=kind) * 100) / MOVED,
        unit="percent",
        owner=OWNER,
        direction="none",
        decimals=2,
        about=about,
    )
    for kind, about in (("regular", "Bought tokens out of a hundred."), ("promo", "Given tokens out of a hundred."))
}
ACTIVE_USERS = Metric(
    "active_users",
    ANALYTICS_TOKEN_DAILY.active_users,
    unit="users",
    owner=OWNER,
    about="Users with an entry, as an estimate.",
)
PAYMENTS = Metric(
    "total_purchases", PAYMENTS_DAILY.payments, unit="purchases", owner=OWNER, about="Purchases that were paid."
)
BOUGHT = Metric("total_tokens", PAYMENTS_DAILY.tokens, unit=TOKENS, owner=OWNER, about="Tokens that were paid for.")
REFUNDED = Metric(
    "refunded_in_inr", REFUNDS_DAILY.amount_in_inr, unit=INR, owner=OWNER, direction="down", about="What went back."
)
REVENUE = Metric(
    "revenue_in_inr",
    PAYMENTS_DAILY.amount_in_inr - REFUNDED,
    unit=INR,
    owner=OWNER,
    about="What was paid, less what went back, each on its day.",
)
BUYERS = Metric(
    "unique_buyers", PAYMENTS_DAILY.buyers, unit="users", owner=OWNER, about="Users who paid, as an estimate."
)
REFERRALS = Metric(
    "total_referrals", REFERRALS_DAILY.referrals, unit="referrals", owner=OWNER, about="Users brought by others."
)
SUCCESSFUL = Metric(
    "successful_referrals",
    REFERRALS_DAILY.credited,
    unit="referrals",
    owner=OWNER,
    about="Users brought by others, with a bonus for it.",
)

METRICS = (
    CREDITED,
    DEBITED,
    NET,
    MOVED,
    *SHARES.values(),
    ACTIVE_USERS,
    REVENUE,
    REFUNDED,
    PAYMENTS,
    BOUGHT,
    BUYERS,
    Metric(
        "avg_tokens_per_purchase",
        BOUGHT / PAYMENTS,
        unit=TOKENS,
        owner=OWNER,
        decimals=2,
        about="Tokens over purchases, both summed first.",
    ),
    Metric(
        "avg_revenue_per_purchase",
        REVENUE / PAYMENTS,
        unit=INR,
        owner=OWNER,
        decimals=2,
        about="Revenue over purchases, both summed first.",
    ),
    Metric(
        "purchases_begun", PURCHASES_DAILY.purchases, unit="purchases", owner=OWNER, about="Purchases of any status."
    ),
    Metric(
        "total_referrers",
        REFERRALS_DAILY.referrers,
        unit="users",
        owner=OWNER,
        about="Users who brought others, as an estimate.",
    ),
    REFERRALS,
    SUCCESSFUL,
    Metric(
        "total_bonus_awarded", REFERRALS_DAILY.bonus, unit=TOKENS, owner=OWNER, direction="none", about="Their bonuses."
    ),
    Metric(
        "conversion_rate",
        (SUCCESSFUL * 100) / REFERRALS,
        unit="percent",
        owner=OWNER,
        decimals=2,
        about="Successful referrals out of a hundred.",
    ),
    Metric("authorizations", AUTHORIZATIONS_DAILY.authorizations, unit="holds", owner=OWNER, about="Holds on tokens."),
    Metric("tokens_held", AUTHORIZATIONS_DAILY.held, unit=TOKENS, owner=OWNER, direction="none", about="Tokens held."),
    Metric(
        "tokens_captured", AUTHORIZATIONS_DAILY.captured, unit=TOKENS, owner=OWNER, about="Tokens held, then taken."
    ),
    Metric(
        "registrations", REGISTRATIONS_DAILY.registrations, unit="users", owner=OWNER, about="Users who registered."
    ),
)
