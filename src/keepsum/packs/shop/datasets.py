"""What may be taken away as a file: months for the tax office, and days and products for a spreadsheet."""

from keepsum import Dataset, Question
from keepsum.packs.shop.metrics import DAILY, MONTHLY, PRODUCTS

DATASETS = (
    Dataset(
        "monthly_revenue",
        about="Revenue of months; what came after a clean-up stands in the month it was booked in.",
        of=Question(MONTHLY, grain="month", basis="booked"),
    ),
    Dataset("daily_sales", about="The shop's days.", of=Question(DAILY, grain="day")),
    Dataset(
        "products",
        about="What was sold of each subcategory a day.",
        of=Question(PRODUCTS, by=("category_id", "subcategory_id"), grain="day"),
        filters=("category_id", "subcategory_id"),
    ),
)
