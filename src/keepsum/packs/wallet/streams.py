"""What is recorded: entries of the ledger, purchases and what became of them, referrals, holds, and users."""

from keepsum import PERSONAL, Choice, Integer, Money, Stream, Text, days
from keepsum.packs.wallet import tables
from keepsum.packs.wallet.settings import LEDGER_RETENTION_DAYS

KEEP = days(3_650, setting=LEDGER_RETENTION_DAYS)
OWNER, TOKENS, INR = "wallet", "tokens", "INR"

TOKEN_TYPE = Choice("token_type", ("regular", "promo"), required=True, about="Bought, or given away.")
PROVIDER = Choice("provider", ("razorpay", "stripe"), about="Who collected the money.")
USERNAME = Text("username", sensitivity=PERSONAL, longest=100, about="The user's name, as it is now.")
EMAIL = Text("email", sensitivity=PERSONAL, longest=255, about="The user's address, as it is now.")

ENTRIES = Stream(
    "entries",
    about="Every token credited or debited.",
    owner=OWNER,
    time="occurred_at",
    key="id",
    subject="user_id",
    keep=KEEP,
    attached=tables.ENTRIES,
    fields=(
        TOKEN_TYPE,
        Choice("direction", ("credit", "debit"), required=True, about="Whether the user got tokens, or spent them."),
        Text("reason", most=200, longest=64, required=True, about="The feature that tokens went to or came from."),
        Integer("amount", unit=TOKENS, required=True, about="How many."),
        Integer("balance_after_regular", unit=TOKENS, sensitivity=PERSONAL, about="What the user then had, bought."),
        Integer("balance_after_promo", unit=TOKENS, sensitivity=PERSONAL, about="What the user then had, given."),
        Text("reference_id", sensitivity=PERSONAL, longest=100, about="What the application calls the occasion."),
        Text("metadata", sensitivity=PERSONAL, about="What the application noted, as JSON."),
        USERNAME,
        EMAIL,
    ),
)

PURCHASES = Stream(
    "purchases",
    about="One purchase of tokens, on the day it was begun, with what became of it.",
    owner=OWNER,
    time="created_at",
    key="id",
    subject="user_id",
    keep=KEEP,
    attached=tables.PURCHASES,
    covered_with="entries",
    fields=(
        Choice("status", ("created", "pending", "paid", "failed", "refunded"), required=True, about="How it stands."),
        PROVIDER,
        Integer("tokens", unit=TOKENS, required=True, about="How many were bought."),
        Money("amount_in_inr", unit=INR, required=True, about="What they cost."),
        USERNAME,
        EMAIL,
    ),
)

PAYMENTS = Stream(
    "payments",
    about="One purchase that was paid, on the day of the payment; it stays, whatever came later.",
    owner=OWNER,
    time="paid_at",
    key="id",
    subject="user_id",
    keep=KEEP,
    attached=tables.PAYMENTS,
    covered_with="entries",
    fields=(
        PROVIDER,
        Integer("tokens", unit=TOKENS, required=True, about="How many were bought."),
        Money("amount_in_inr", unit=INR, required=True, about="What was paid."),
    ),
)

REFUNDS = Stream(
    "refunds",
    about="One payment that went back, on the day it did.",
    owner=OWNER,
    time="refunded_at",
    key="id",
    subject="user_id",
    keep=KEEP,
    attached=tables.REFUNDS,
    covered_with="entries",
    fields=(PROVIDER, Money("amount_in_inr", unit=INR, required=True, about="What went back.")),
)

REFERRALS = Stream(
    "referrals",
    about="One user who was brought by another.",
    owner=OWNER,
    time="created_at",
    key="id",
    subject="referrer_user_id",
    keep=KEEP,
    attached=tables.REFERRALS,
    covered_with="entries",
    fields=(
        Text("campaign_id", most=200, longest=64, about="The campaign, if it was one."),
        Choice("status", ("pending", "credited"), required=True, about="Whether the bonus was credited."),
        Integer("bonus_amount", unit=TOKENS, about="The bonus."),
        Text("referred_user_id", sensitivity=PERSONAL, longest=64, about="Who was brought."),
    ),
)

AUTHORIZATIONS = Stream(
    "authorizations",
    about="One hold on tokens, and what became of it.",
    owner=OWNER,
    time="created_at",
    key="id",
    subject="user_id",
    keep=KEEP,
    attached=tables.AUTHORIZATIONS,
    covered_with="entries",
    fields=(
        Text("feature", most=200, longest=64, required=True, about="What the tokens were held for."),
        Choice("status", ("created", "held", "captured", "voided", "expired"), required=True, about="How it stands."),
        Integer("amount", unit=TOKENS, required=True, about="How many were held."),
        Integer("captured_amount", unit=TOKENS, about="How many were taken in the end."),
    ),
)

USERS = Stream(
    "users",
    about="One user, on the day of registration.",
    owner=OWNER,
    time="created_at",
    key="id",
    subject="user_id",
    keep=KEEP,
    attached=tables.USERS,
    covered_with="entries",
    fields=(
        Choice("role", ("user", "admin", "service"), required=True, about="What the user may do."),
        USERNAME,
        EMAIL,
        Integer("balance_regular", unit=TOKENS, sensitivity=PERSONAL, about="What the user has, bought."),
        Integer("balance_promo", unit=TOKENS, sensitivity=PERSONAL, about="What the user has, given."),
    ),
)

STREAMS = (ENTRIES, PURCHASES, PAYMENTS, REFUNDS, REFERRALS, AUTHORIZATIONS, USERS)
