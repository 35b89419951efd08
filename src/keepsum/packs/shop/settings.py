"""What a shop may set, by the names its bot knows."""

from keepsum import Setting

DATA_RETENTION_DAYS = "DATA_RETENTION_DAYS"
ANALYTICS_RETENTION_DAYS = "ANALYTICS_RETENTION_DAYS"
MONTHLY_STATS_RETENTION_YEARS = "MONTHLY_STATS_RETENTION_YEARS"
PUBLISH_URL = "PUBLISH_URL"

SETTINGS = (
    Setting(DATA_RETENTION_DAYS, kind="integer", about="How many days orders, sold items and buys live; else 30."),
    Setting(ANALYTICS_RETENTION_DAYS, kind="integer", about="How many days the daily figures live; else 365."),
    Setting(MONTHLY_STATS_RETENTION_YEARS, kind="integer", about="How many years the figures of months live; else 10."),
    Setting(PUBLISH_URL, kind="secret", about="The database that the tables of figures are written into; else none."),
)
