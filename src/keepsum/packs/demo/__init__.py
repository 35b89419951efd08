"""A real shop's invoices, declared: the pack behind `keepsum demo`. The data is beside it, in `data/`."""

from pathlib import Path

from keepsum import DataFile, Pack
from keepsum.packs.demo.dashboards import DASHBOARDS
from keepsum.packs.demo.datasets import DATASETS
from keepsum.packs.demo.metrics import METRICS
from keepsum.packs.demo.readers import ONLINE_RETAIL
from keepsum.packs.demo.rollups import COUNTRY_DAILY, PRODUCT_DAILY, SHOP_DAILY
from keepsum.packs.demo.streams import LINES

DATA = DataFile(
    "online_retail",
    path=str(Path(__file__).parent / "data" / "online_retail.csv.gz"),
    reader=ONLINE_RETAIL.name,
    attribution="Chen, D. (2015). Online Retail. UCI Machine Learning Repository. 10.24432/C5BW33. CC BY 4.0.",
)

PACK = Pack(
    "demo",
    about="Three months of invoices of a British online shop (UCI Online Retail).",
    streams=(LINES,),
    rollups=(SHOP_DAILY, COUNTRY_DAILY, PRODUCT_DAILY),
    metrics=METRICS,
    dashboards=DASHBOARDS,
    datasets=DATASETS,
    readers=(ONLINE_RETAIL,),
    data=(DATA,),
)
