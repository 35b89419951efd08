"""The tables that the panel's own queries read, written into its database where that is wanted: nobody is in them."""

from keepsum import Nested, Published
from keepsum.packs.wallet.metrics import ACTIVE_USERS, CREDITED, DEBITED, NET, REVENUE, SHARES
from keepsum.packs.wallet.settings import PUBLISH_URL

MOVED = {"credited": CREDITED, "debited": DEBITED}

PUBLISHED = (
    Published(
        "analytics_token_daily",
        about="A row a day.",
        into=PUBLISH_URL,
        columns={
            "date": "day",
            **MOVED,
            "net": NET,
            "revenue_in_inr": REVENUE,
            "active_users": ACTIVE_USERS,
            "by_feature": Nested(MOVED, by="reason"),
            "regular_vs_promo": Nested(SHARES),
        },
    ),
    Published(
        "v_token_analytics_realtime",
        about="The days that are not sealed yet, and today.",
        into=PUBLISH_URL,
        when="open",
        columns={"date": "day", **MOVED, "net": NET, "active_users": ACTIVE_USERS},
    ),
)
