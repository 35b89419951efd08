"""What is recorded: one line of one invoice."""

from keepsum import PERSONAL, PUBLIC, Boolean, Integer, Money, Stream, Text, days

LINES = Stream(
    "lines",
    about="Every line of every invoice, sold or cancelled.",
    owner="shop",
    time="occurred_at",
    key="line_id",
    subject="customer",
    keep=days(30),
    late=days(7),
    fields=(
        # An invoice is one order of one person: it is counted, never shown.
        Text("invoice", sensitivity=PERSONAL, required=True, longest=40, about="The invoice the line is on."),
        Text("product", most=2_000, longest=40, required=True, about="The product's stock code."),
        Text("description", sensitivity=PUBLIC, longest=200, about="The product in words."),
        Text("country", most=60, longest=60, about="Where the customer is."),
        Boolean("cancelled", required=True, about="Whether the invoice is a cancellation."),
        Integer("quantity", unit="items", required=True, about="How many; negative on returns."),
        Money("unit_price", unit="GBP", scale=3, required=True, about="The price of one."),
        Money("revenue", unit="GBP", scale=2, required=True, about="Quantity times unit price."),
    ),
)
