"""What an install may set."""

from keepsum import Setting

LEDGER_RETENTION_DAYS = "LEDGER_RETENTION_DAYS"
PUBLISH_URL = "PUBLISH_URL"
ANALYTICS_RETENTION_YEARS = "ANALYTICS_RETENTION_YEARS"

SETTINGS = (
    Setting(
        LEDGER_RETENTION_DAYS,
        kind="integer",
        about="How many days records live; else 3,650, because a wallet is an account book.",
    ),
    Setting(
        PUBLISH_URL,
        kind="secret",
        about="The database that the panel's own tables are written into; without it none are.",
    ),
    Setting(ANALYTICS_RETENTION_YEARS, kind="integer", about="How many years the figures of days live; else 10."),
)
