"""What an install may set."""

from keepsum import Setting

LEDGER_RETENTION_DAYS = "LEDGER_RETENTION_DAYS"
ANALYTICS_RETENTION_YEARS = "ANALYTICS_RETENTION_YEARS"

SETTINGS = (
    Setting(
        LEDGER_RETENTION_DAYS,
        kind="integer",
        about="How many days records live; else 3,650, because a wallet is an account book.",
    ),
    Setting(ANALYTICS_RETENTION_YEARS, kind="integer", about="How many years the figures of days live; else 10."),
)
