"""A real shop's invoices, declared: the pack behind `keepsum demo`. The data is beside it, in `data/`."""

from keepsum import Pack
from keepsum.packs.demo.metrics import METRICS
from keepsum.packs.demo.readers import ONLINE_RETAIL
from keepsum.packs.demo.rollups import COUNTRY_DAILY, PRODUCT_DAILY, SHOP_DAILY
from keepsum.packs.demo.streams import LINES

PACK = Pack(
    "demo",
    about="Three months of invoices of a British online shop (UCI Online Retail).",
    streams=(LINES,),
    rollups=(SHOP_DAILY, COUNTRY_DAILY, PRODUCT_DAILY),
    metrics=METRICS,
    readers=(ONLINE_RETAIL,),
)
