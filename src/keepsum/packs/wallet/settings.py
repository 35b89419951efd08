"""What an install may set."""

from keepsum import Setting

DATABASE_URL = "DATABASE_URL"
LEDGER_RETENTION_DAYS = "LEDGER_RETENTION_DAYS"
PUBLISH_URL = "PUBLISH_URL"
ANALYTICS_RETENTION_YEARS = "ANALYTICS_RETENTION_YEARS"

SETTINGS = (
    Setting(
        DATABASE_URL,
        kind="secret",
        about="The application's own database, where the streams lie; without it records are sent to Keepsum.",
    ),
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
