"""Which values are let through: (name, allowed values) in one canonical form, of fields or of columns."""

from collections.abc import Mapping

Value = str | int | bool | None
Filter = tuple[tuple[str, tuple[Value, ...]], ...]


def conditions(where: Mapping[str, object] | Filter) -> Filter:
    """Give a filter in its one canonical form: (field, allowed values) sorted by field."""
    items = where.items() if isinstance(where, Mapping) else where
    return tuple(sorted(((name, _values(allowed)) for name, allowed in items), key=str))


def where(**fields: object) -> Filter:
    """Give a filter: `Count("refunds", where=where(kind="refund"))`, or several values as a tuple."""
    return conditions(fields)


def _values(allowed: object) -> tuple[Value, ...]:
    if isinstance(allowed, (list, tuple, set, frozenset)):
        listed: list[Value] = list(allowed)  # pyright: ignore[reportUnknownArgumentType] -- lint checks the types
        return tuple(sorted(listed, key=lambda v: (v is None, str(v))))
    return (allowed,)  # pyright: ignore[reportReturnType] -- lint checks the types against the field
