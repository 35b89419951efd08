"""What may be asked by and filtered: which fields are dimensions, and how their columns spell a filter's values."""

from keepsum.model.errors import Invalid
from keepsum.model.filter import Filter, Value
from keepsum.model.rollup import NONE
from keepsum.model.stream import DIGITS, PUBLIC, Boolean, Choice, Field, Integer, Stream, Text

Texts = tuple[tuple[str, tuple[str, ...]], ...]  # a filter on dimensions: the texts that their columns may hold


def asked(stream: Stream, where: Filter) -> Texts:
    """Give a question's filter; `BAD_FILTER` for what no record can have, and what `dimension` raises."""
    for name, values in where:
        declared = dimension(stream, name)
        if not values:
            raise Invalid("BAD_FILTER", f"The filter on {name!r} allows nothing: list values, or leave it out.")
        for value in values:
            _check_value(declared, value)
    return texts(stream, where)


def dimension(stream: Stream, name: str) -> Field:
    """Give the field that records are grouped by; `UNKNOWN_DIMENSION` or `DIMENSION_PERSONAL` if they may not be."""
    declared = stream.field(name)
    if name == stream.subject or (declared is not None and declared.exposure is not PUBLIC):
        message = f"{name!r} of stream {stream.name!r} is personal: it cannot be asked by or filtered."
        raise Invalid("DIMENSION_PERSONAL", message)
    if not isinstance(declared, (Text, Choice, Boolean, Integer)):
        known = ", ".join(f.name for f in stream.fields if _is_dimension(f)) or "none"
        raise Invalid("UNKNOWN_DIMENSION", f"Stream {stream.name!r} has no dimension {name!r}; known: {known}.")
    return declared


def _is_dimension(declared: Field) -> bool:
    return isinstance(declared, (Text, Choice, Boolean, Integer)) and declared.exposure is PUBLIC


def _check_value(declared: Field, value: Value) -> None:
    if value is None:
        return
    match declared:
        case Boolean():
            expected, fits = "true or false", isinstance(value, bool) or value in ("true", "false")
        case Integer():
            expected, fits = "whole numbers", _is_whole(value)
        case Choice():
            expected, fits = f"some of {', '.join(declared.options)}", value in declared.options
        case _:
            expected, fits = "plain texts", isinstance(value, str) and value[:1] != NONE[0]
    if not fits:
        raise Invalid("BAD_FILTER", f"{value!r} is no value of {declared.name!r}: filter by {expected}.")


def _is_whole(value: Value) -> bool:
    if isinstance(value, str):
        digits = value.removeprefix("-")
        return digits.isdecimal() and len(digits) <= DIGITS and str(int(value)) == value
    return isinstance(value, int) and not isinstance(value, bool)


def texts(stream: Stream, where: Filter) -> Texts:
    """Give a filter as its dimension columns spell it; several conditions on one dimension must all hold."""
    found: Texts = ()
    for name, values in where:
        dimension(stream, name)
        found = both(found, ((name, tuple(sorted({stored(value) for value in values}))),))
    return found


def stored(value: Value) -> str:
    """Give the text that stands for a value in a dimension column."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def both(one: Texts, other: Texts) -> Texts:
    """Give the filter that lets through what both do."""
    found = dict(one)
    for name, values in other:
        found[name] = tuple(v for v in values if v in found[name]) if name in found else values
    return tuple(sorted(found.items()))
