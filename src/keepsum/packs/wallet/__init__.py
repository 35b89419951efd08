"""A wallet of tokens, declared: what users got, spent and paid for, and the questions that its panel asks."""

from keepsum import ErrorShape, Pack
from keepsum.packs.wallet.dashboards import DASHBOARDS
from keepsum.packs.wallet.datasets import DATASETS
from keepsum.packs.wallet.metrics import METRICS
from keepsum.packs.wallet.night import NIGHTLY
from keepsum.packs.wallet.published import PUBLISHED
from keepsum.packs.wallet.rollups import ROLLUPS
from keepsum.packs.wallet.routes import ROUTES
from keepsum.packs.wallet.settings import SETTINGS
from keepsum.packs.wallet.streams import STREAMS

PACK = Pack(
    "wallet",
    about="Tokens that users got, spent and paid for: figures of days that outlive the entries.",
    streams=STREAMS,
    rollups=ROLLUPS,
    metrics=METRICS,
    dashboards=DASHBOARDS,
    datasets=DATASETS,
    published=PUBLISHED,
    routes=ROUTES,
    settings=SETTINGS,
    nightly=NIGHTLY,
    # What the panel was written to expect.
    errors=ErrorShape(
        "nested",
        told={
            "invalid": ("validation_error", 400),
            "not_found": ("not_found", 404),
            "RANGE_OVER_A_YEAR": ("business_rule_violation", 422),
            "RECORDS_PURGED": ("business_rule_violation", 422),
            "RANGE_TOO_LONG": ("business_rule_violation", 422),
            "EXPORT_TOO_LONG": ("business_rule_violation", 422),
        },
    ),
)
