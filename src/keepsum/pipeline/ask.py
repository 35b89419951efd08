"""The shapes of questions and answers outside: plain values become a query, and an answer becomes JSON."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec

from keepsum.model.answer import Answer, Cell
from keepsum.model.day import Grain, date_in, day_number
from keepsum.model.errors import Invalid
from keepsum.model.filter import Filter, Value, conditions
from keepsum.model.query import Order, Query

_PLAIN_DECIMALS = 6  # up to so many, Python writes a decimal without an exponent
_encoder = msgspec.json.Encoder(decimal_format="number")


def query_of(parameters: Mapping[str, object]) -> Query:
    """Give the query that plain values say, as they come from JSON or, as texts, out of a URL.

    `metrics` and `by` are lists, or texts with commas; `from` and `to` are local dates, as such or as texts, both
    included; `where` is `{dimension: [values]}`; `order` is a column's name, with a minus in front for the largest
    first. Raises `UNKNOWN_PARAMETER`, `MISSING_PARAMETER` and `BAD_PARAMETER`, naming which.
    """
    unknown = sorted(parameters.keys() - _READERS.keys())
    if unknown:
        known = ", ".join(_READERS)
        raise Invalid("UNKNOWN_PARAMETER", f"A query has no parameter {unknown[0]!r}; known: {known}.")
    for name in ("metrics", "from", "to"):
        if parameters.get(name) is None:
            raise Invalid("MISSING_PARAMETER", f"The query needs {name!r}.")
    read: dict[str, Any] = {}
    for name, value in parameters.items():
        if value is not None:
            target, reader = _READERS[name]
            read[target] = reader(name, value)
    return Query(**read)


def to_json(answer: Answer) -> bytes:
    """Give an answer as JSON; numbers are tokens with their column's decimals, never passed through a float."""
    columns = answer.columns
    rows: Any = answer.rows
    totals: Any = answer.totals
    if any(column.scale > _PLAIN_DECIMALS for column in columns):
        rows, totals = [_tokens(row) for row in rows], totals and _tokens(totals)
    return _encoder.encode(
        {
            "columns": columns,
            "rows": rows,
            "totals": totals,
            "labels": answer.labels,
            "explain": answer.explain,
        }
    )


def _tokens(row: tuple[Cell, ...]) -> list[object]:
    """A row whose decimals are written out: Python writes small ones with an exponent."""
    return [msgspec.Raw(f"{cell:f}".encode()) if isinstance(cell, Decimal) else cell for cell in row]


def _bad(name: str, value: object, expected: str) -> Invalid:
    return Invalid("BAD_PARAMETER", f"{name!r} is {str(value)[:60]!r}: give {expected}.")


def _names(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    listed = _listed(value)
    if listed is None or not all(isinstance(one, str) for one in listed):
        raise _bad(name, value, "a list of names")
    return tuple(map(str, listed))


def _listed(value: object) -> list[object] | None:
    return list(cast("list[object]", value)) if isinstance(value, (list, tuple)) else None


def _date(name: str, value: object) -> int:
    found = date_in(value) if isinstance(value, str) else value
    if type(found) is dt.date:
        return day_number(found)
    raise _bad(name, value, "a date such as '2026-01-31'")


def _grain(name: str, value: object) -> Grain:
    if value not in list(Grain):
        raise _bad(name, value, f"one of {', '.join(Grain)}")
    return Grain(value)


def _where(name: str, value: object) -> Filter:
    if not isinstance(value, Mapping):
        raise _bad(name, value, "an object such as {'country': ['France']}")
    filters: Mapping[object, object] = value  # pyright: ignore[reportUnknownVariableType] -- each is checked below
    return conditions({str(dimension): _values(str(dimension), listed) for dimension, listed in filters.items()})


def _values(dimension: str, value: object) -> tuple[Value, ...]:
    listed = _listed(value)
    listed = [value] if listed is None else listed
    for one in listed:
        if not (one is None or isinstance(one, (str, int))):
            raise _bad("where", one, f"texts, whole numbers, true, false or null as values of {dimension!r}")
    return tuple(listed)  # pyright: ignore[reportReturnType] -- checked above


def _order(name: str, value: object) -> Order:
    if not isinstance(value, str) or not value.strip("-"):
        raise _bad(name, value, "a column's name, such as '-revenue' for the largest first")
    return Order(by=value.removeprefix("-"), descending=value.startswith("-"))


def _top(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
        return int(value)
    raise _bad(name, value, "a whole number such as 10")


def _flag(name: str, value: object) -> bool:
    if value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        raise _bad(name, value, "true or false")
    return value


def _one_of(*allowed: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if value not in allowed:
            raise _bad(name, value, f"one of {', '.join(allowed)}")
        return str(value)

    return read


# Each parameter: what it is called in a query, and how it is read.
_READERS: Mapping[str, tuple[str, Callable[[str, object], object]]] = {
    "metrics": ("metrics", _names),
    "by": ("by", _names),
    "grain": ("grain", _grain),
    "from": ("first", _date),
    "to": ("last", _date),
    "where": ("where", _where),
    "compare": ("compare", _one_of("previous")),
    "order": ("order", _order),
    "top": ("top", _top),
    "totals": ("totals", _flag),
    "basis": ("basis", _one_of("origin", "booked")),
    "guarded": ("guarded", _flag),
    "explain": ("explain", _flag),
}
