"""Values as files of texts have them: instants, decimals, and texts that no spreadsheet runs as a formula."""

import pyarrow as pa
import pyarrow.compute as pc

# What makes a spreadsheet take a text for a formula, also behind what it leaves out; the wide forms of it, too.
FORMULA = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|^[\t\r\n]"
PLAIN_DECIMALS = 6  # up to so many, Arrow writes a decimal without an exponent
SECONDS = 19  # characters of an instant to the second


def is_written(kind: pa.DataType) -> bool:
    """Say whether `written` makes texts of values of a type."""
    return pa.types.is_timestamp(kind) or (pa.types.is_decimal(kind) and kind.scale > PLAIN_DECIMALS)


def written(column: pa.Array) -> pa.Array:
    """Give instants, and decimals that Arrow writes with exponents, as texts; all else as it is."""
    if pa.types.is_timestamp(column.type):
        return _instants(column)
    if is_written(column.type):
        return pa.array([None if one is None else f"{one:f}" for one in column.to_pylist()], pa.string())
    return column


def _instants(column: pa.Array) -> pa.Array:
    """Give instants in the form of ISO 8601, in UTC, with decimals of a second where these are not zero."""
    texts = pc.replace_substring(column.cast(pa.timestamp("us")).cast(pa.string()), " ", "T")
    is_whole = pc.ends_with(texts, ".000000")
    return joined(pc.if_else(is_whole, pc.utf8_slice_codeunits(texts, 0, SECONDS), texts), "Z")


def without_formulas(column: pa.Array) -> pa.Array:
    """Put an apostrophe in front of texts that a spreadsheet would run (OWASP, "CSV injection")."""
    if not pa.types.is_string(column.type):
        return column
    return pc.if_else(pc.match_substring_regex(column, FORMULA), joined("'", column), column)


def joined(*parts: pa.Array | str) -> pa.Array:
    """Give texts one behind the other, row by row; none where a part has none."""
    return pc.binary_join_element_wise(*parts, "")
