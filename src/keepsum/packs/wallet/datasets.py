"""What may be exported: records, with people's names and addresses for those who may see them."""

from keepsum import Dataset
from keepsum.packs.wallet.streams import AUTHORIZATIONS, ENTRIES, PURCHASES, REFERRALS, USERS

TRANSACTIONS = Dataset(
    "transactions",
    of=ENTRIES,
    columns=(
        "id",
        "user_id",
        "username",
        "email",
        "token_type",
        "direction",
        "reason",
        "amount",
        "balance_after_regular",
        "balance_after_promo",
        "reference_id",
        "metadata",
        "occurred_at",
    ),
    filters=("user_id", "token_type", "direction", "reason"),
    about="Entries of the ledger, with who they are of.",
)
PURCHASED = Dataset(
    "purchases",
    of=PURCHASES,
    columns=("id", "user_id", "username", "email", "status", "provider", "tokens", "amount_in_inr", "created_at"),
    filters=("user_id", "status", "provider"),
    about="Purchases of tokens, with what became of them.",
)
REFERRED = Dataset(
    "referrals",
    of=REFERRALS,
    columns=("id", "campaign_id", "referrer_user_id", "referred_user_id", "status", "bonus_amount", "created_at"),
    filters=("campaign_id", "status", "referrer_user_id"),
    about="Users who were brought by others.",
)
AUTHORIZED = Dataset(
    "authorizations",
    of=AUTHORIZATIONS,
    columns=("id", "user_id", "feature", "status", "amount", "captured_amount", "created_at"),
    filters=("user_id", "feature", "status"),
    about="Holds on tokens, with what became of them.",
)
REGISTERED = Dataset(
    "users",
    of=USERS,
    columns=("id", "username", "email", "role", "balance_regular", "balance_promo", "created_at"),
    filters=("role",),
    about="Users, with what they have.",
)

DATASETS = (TRANSACTIONS, PURCHASED, REFERRED, AUTHORIZED, REGISTERED)
