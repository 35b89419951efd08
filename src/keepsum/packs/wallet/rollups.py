"""What is kept of each day."""

from keepsum import Count, Rollup, Sum, Uniques, where, years
from keepsum.packs.wallet.settings import ANALYTICS_RETENTION_YEARS
from keepsum.packs.wallet.streams import AUTHORIZATIONS, ENTRIES, PAYMENTS, PURCHASES, REFERRALS, REFUNDS, USERS

KEEP = years(10, setting=ANALYTICS_RETENTION_YEARS)
CREDITED = where(status="credited")
MOVED = (Count("entries", about="How many entries."), Sum("amount", about="How many tokens, either way."))
ACTIVE = "About how many users."

ANALYTICS_TOKEN_DAILY = Rollup(
    "analytics_token_daily",
    about="The days, by kind of token.",
    of=ENTRIES,
    by=("token_type", "direction"),
    measures=(*MOVED, Uniques("active_users", of="user_id", at=((), ("token_type",)), about=ACTIVE)),
    keep=KEEP,
)
TOKEN_FEATURES_DAILY = Rollup(
    "token_features_daily",
    about="The days of each feature.",
    of=ENTRIES,
    by=("reason", "token_type", "direction"),
    measures=(
        *MOVED,
        Uniques("active_users", of="user_id", at=(("reason",), ("reason", "token_type")), about=ACTIVE),
    ),
    keep=KEEP,
)
PURCHASES_DAILY = Rollup(
    "purchases_daily",
    about="The purchases that were begun, by what became of them.",
    of=PURCHASES,
    by=("status", "provider"),
    measures=(Count("purchases", about="How many."), Sum("amount_in_inr", about="What they cost.")),
    keep=KEEP,
)
PAYMENTS_DAILY = Rollup(
    "payments_daily",
    about="What was paid.",
    of=PAYMENTS,
    by=("provider",),
    measures=(
        Count("payments", about="How many purchases were paid."),
        Sum("tokens", about="How many tokens were bought."),
        Sum("amount_in_inr", about="What was paid."),
        Uniques("buyers", of="user_id", about="About how many users paid."),
    ),
    keep=KEEP,
)
REFUNDS_DAILY = Rollup(
    "refunds_daily",
    about="What went back.",
    of=REFUNDS,
    by=("provider",),
    measures=(Count("refunds", about="How many."), Sum("amount_in_inr", about="What went back.")),
    keep=KEEP,
)
REFERRALS_DAILY = Rollup(
    "referrals_daily",
    about="Who was brought, by campaign.",
    of=REFERRALS,
    by=("campaign_id",),
    measures=(
        Count("referrals", about="How many."),
        Count("credited", where=CREDITED, about="How many led to a bonus."),
        Sum("bonus", of="bonus_amount", where=CREDITED, about="How many tokens were given for them."),
        Uniques("referrers", of="referrer_user_id", about="About how many users brought somebody."),
    ),
    keep=KEEP,
)
AUTHORIZATIONS_DAILY = Rollup(
    "authorizations_daily",
    about="Holds on tokens, by feature and by what became of them.",
    of=AUTHORIZATIONS,
    by=("feature", "status"),
    measures=(
        Count("authorizations", about="How many."),
        Sum("held", of="amount", about="How many tokens were held."),
        Sum("captured", of="captured_amount", about="How many were taken in the end."),
    ),
    keep=KEEP,
)
REGISTRATIONS_DAILY = Rollup(
    "registrations_daily",
    about="Who registered, by role.",
    of=USERS,
    by=("role",),
    measures=(Count("registrations", about="How many."),),
    keep=KEEP,
)

ROLLUPS = (
    ANALYTICS_TOKEN_DAILY,
    TOKEN_FEATURES_DAILY,
    PURCHASES_DAILY,
    PAYMENTS_DAILY,
    REFUNDS_DAILY,
    REFERRALS_DAILY,
    AUTHORIZATIONS_DAILY,
    REGISTRATIONS_DAILY,
)
