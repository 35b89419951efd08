"""What a shop may set, by the names its bot knows."""

from keepsum import Setting

DATA_RETENTION_DAYS = "DATA_RETENTION_DAYS"
ANALYTICS_RETENTION_DAYS = "ANALYTICS_RETENTION_DAYS"
MONTHLY_STATS_RETENTION_YEARS = "MONTHLY_STATS_RETENTION_YEARS"
AGGREGATE_DATA_BEFORE_DAYS = "AGGREGATE_DATA_BEFORE_DAYS"
DATABASE_URL = "DATABASE_URL"
PUBLISH_URL = "PUBLISH_URL"

SETTINGS = (
    Setting(DATA_RETENTION_DAYS, kind="integer", about="How many days orders, sold items and buys live; else 30."),
    Setting(ANALYTICS_RETENTION_DAYS, kind="integer", about="How many days the daily figures live; else 365."),
    Setting(MONTHLY_STATS_RETENTION_YEARS, kind="integer", about="How many years the figures of months live; else 10."),
    Setting(
        AGGREGATE_DATA_BEFORE_DAYS,
        kind="integer",
        about="How many days before they are due days are read again each night in the bot's own tables; else 7.",
    ),
    Setting(
        DATABASE_URL, kind="secret", about="The bot's own database, where its records are read; else they are sent."
    ),
    Setting(PUBLISH_URL, kind="secret", about="The database that the tables of figures are written into; else none."),
)
