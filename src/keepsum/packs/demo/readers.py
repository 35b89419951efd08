"""How a row of the published file becomes a record."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Context, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from keepsum import Reader

ZONE = "Europe/London"  # where the shop is; the file names no zone
# Wide enough for every product of two numbers that a field takes, so that none is rounded.
EXACT = Context(prec=50)


def read(row: Mapping[str, str]) -> Mapping[str, object]:
    """Give the record of one row, without its key: the file has none, so that who collects it numbers the lines.

    Revenue is exact; one that does not come out in pence is left to the field to refuse. A row that cannot be read
    raises ValueError, a row of another file KeyError.
    """
    quantity, price = int(row["Quantity"]), _amount(row["UnitPrice"])
    return {
        "occurred_at": _instant(row["InvoiceDate"]),
        "customer": row["CustomerID"] or None,
        "invoice": row["InvoiceNo"],
        "product": row["StockCode"],
        "description": row["Description"] or None,
        "country": row["Country"] or None,
        "cancelled": row["InvoiceNo"].startswith("C"),
        "quantity": quantity,
        "unit_price": str(price),
        "revenue": str(EXACT.multiply(Decimal(quantity), price)),
    }


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("UnitPrice is not a decimal number") from error
    if not amount.is_finite():
        raise ValueError("UnitPrice is not a finite number")
    return amount


def _instant(local: str) -> str:
    time = datetime.fromisoformat(local)
    if time.tzinfo is not None:
        raise ValueError("InvoiceDate is not a local time")
    # In the hour that autumn repeats this is the first of the two; a time that spring skips moves on by an hour.
    return time.replace(tzinfo=ZoneInfo(ZONE)).isoformat()


ONLINE_RETAIL = Reader("online_retail", stream="lines", read=read)
