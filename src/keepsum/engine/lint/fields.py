"""Rules about fields: what a value of a field may be has to be said, and within what can be stored."""

import re

from keepsum.engine.lint.finding import Hits, fields, of_field
from keepsum.model.catalog import Catalog
from keepsum.model.stream import DIGITS, LONGEST_TEXT, Choice, Integer, Money, Number, Text

CURRENCY = re.compile(r"[A-Z][A-Z0-9]{2,9}")


def choice_options(catalog: Catalog) -> Hits:
    """A choice lists its options: at least one, each once, none empty or with control characters."""
    for stream, declared in fields(catalog):
        if isinstance(declared, Choice) and not _options_are_plain(declared.options):
            yield of_field(stream, declared), "its options must be different, printable texts: list them in `options`"


def _options_are_plain(options: tuple[str, ...]) -> bool:
    return bool(options) and len(set(options)) == len(options) and all(o and o.isprintable() for o in options)


def number_scale(catalog: Catalog) -> Hits:
    """A number has 0 to 18 decimals, and an integer none."""
    for stream, declared in fields(catalog):
        if isinstance(declared, Integer) and declared.scale:
            yield of_field(stream, declared), "an integer has no decimals: declare a Decimal, or scale=0"
        elif isinstance(declared, Number) and not 0 <= declared.scale <= DIGITS:
            yield of_field(stream, declared), f"scale={declared.scale} is not within 0 and {DIGITS}: choose another"


def currency_missing(catalog: Catalog) -> Hits:
    """Money names its currency as its unit, such as GBP."""
    for stream, declared in fields(catalog):
        if isinstance(declared, Money) and not CURRENCY.fullmatch(declared.unit):
            yield of_field(stream, declared), f"{declared.unit!r} is no currency code: write unit='GBP' or the like"


def text_most(catalog: Catalog) -> Hits:
    """A text that names how many values it keeps a day names at least one."""
    for stream, declared in fields(catalog):
        if isinstance(declared, Text) and declared.most is not None and declared.most < 1:
            yield of_field(stream, declared), f"most={declared.most} keeps no value: write at least 1"


def text_longest(catalog: Catalog) -> Hits:
    """A text may be 1 to 10,000 characters long."""
    for stream, declared in fields(catalog):
        if isinstance(declared, Text) and not 1 <= declared.longest <= LONGEST_TEXT:
            message = f"longest={declared.longest} is not within 1 and {LONGEST_TEXT}: choose another"
            yield of_field(stream, declared), message
