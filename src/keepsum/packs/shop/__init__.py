"""A shop's orders, sold items and buys, declared: what its bot deletes after a month, and the figures that stay."""

from keepsum import Pack
from keepsum.packs.shop.dashboards import DASHBOARDS
from keepsum.packs.shop.datasets import DATASETS
from keepsum.packs.shop.metrics import METRICS
from keepsum.packs.shop.rollups import ROLLUPS
from keepsum.packs.shop.routes import ROUTES
from keepsum.packs.shop.settings import SETTINGS
from keepsum.packs.shop.streams import STREAMS
from keepsum.packs.shop.tables import PUBLISHED

PACK = Pack(
    "shop",
    about="Orders of a shop bot: daily sales, products and monthly revenue that outlive its customers.",
    streams=STREAMS,
    rollups=ROLLUPS,
    metrics=METRICS,
    dashboards=DASHBOARDS,
    routes=ROUTES,
    settings=SETTINGS,
    published=PUBLISHED,
    datasets=DATASETS,
)
