"""Where the streams lie in the application's own database, when the install names it."""

from keepsum import Amount, Attached, Coalesce, Lookup, Zoned
from keepsum.packs.wallet.settings import DATABASE_URL

USERNAME = Lookup("users", on=("user_id", "id"), value="username")
EMAIL = Lookup("users", on=("user_id", "id"), value="email")


def whole(name: str) -> Amount:
    """Give a column that counts what its field counts."""
    return Amount(name, stored="integer")


def rupees(name: str) -> Amount:
    """Give a column with an amount of money."""
    return Amount(name, stored="decimal")


ENTRIES = Attached(
    "wallet_ledger",
    url=DATABASE_URL,
    time=Zoned("occurred_at"),
    changed=Zoned("occurred_at"),  # entries of an account book are only ever added
    subject="user_id",
    columns={
        "amount": whole("amount"),
        "balance_after_regular": whole("balance_after_regular"),
        "balance_after_promo": whole("balance_after_promo"),
        "username": USERNAME,
        "email": EMAIL,
    },
)
PURCHASES = Attached(
    "purchases",
    url=DATABASE_URL,
    time=Zoned("created_at"),
    changed=Zoned("updated_at"),
    subject="user_id",
    columns={
        "tokens": whole("tokens"),
        "amount_in_inr": rupees("amount_in_inr"),
        "username": USERNAME,
        "email": EMAIL,
    },
)
PAYMENTS = Attached(
    "purchases",
    url=DATABASE_URL,
    time=Zoned("paid_at"),
    changed=Zoned("updated_at"),
    subject="user_id",
    where={"status": ("paid", "refunded")},
    columns={"tokens": whole("tokens"), "amount_in_inr": rupees("amount_in_inr")},
)
REFUNDS = Attached(
    "purchases",
    url=DATABASE_URL,
    time=Zoned("refunded_at"),
    changed=Zoned("updated_at"),
    subject="user_id",
    where={"status": "refunded"},
    columns={"amount_in_inr": Coalesce(rupees("refunded_in_inr"), rupees("amount_in_inr"))},
)
REFERRALS = Attached(
    "referrals",
    url=DATABASE_URL,
    time=Zoned("created_at"),
    changed=Zoned("updated_at"),
    subject="referrer_user_id",
    columns={"bonus_amount": whole("bonus_amount")},
)
AUTHORIZATIONS = Attached(
    "authorizations",
    url=DATABASE_URL,
    time=Zoned("created_at"),
    changed=Zoned("updated_at"),
    subject="user_id",
    columns={"amount": whole("amount"), "captured_amount": whole("captured_amount")},
)
USERS = Attached(
    "users",
    url=DATABASE_URL,
    time=Zoned("created_at"),
    changed=Zoned("updated_at"),
    subject="id",
    columns={"balance_regular": whole("balance_regular"), "balance_promo": whole("balance_promo")},
)
