"""The proof that a roll-up is right: the statement's rows and parts equal the fold's, row by row, byte for byte."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from keepsum.engine.rolled import Rolled
from keepsum.model.day import date_of
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import RollupLayout, measure_columns
from keepsum.model.rollup import Rollup

_MOST_NAMED = 20

Key = tuple[Any, ...]
Fault = tuple[str, int, str]  # of what, on which day, what is wrong with a row


def compare(rollup: Rollup, computed: Rolled, folded: Rolled) -> None:
    """Nothing if a rollup was computed as its records fold; else `ROLLUP_DIFFERS`.

    The message names measures, days, and how many rows differ, are missing or are too many; never a dimension's value.
    """
    if computed.rows.equals(folded.rows) and computed.parts.equals(folded.parts):
        return
    named = _named([*_in_rows(rollup, computed.rows, folded.rows), *_in_parts(computed.parts, folded.parts)])
    if len(named) > _MOST_NAMED:
        named = [*named[:_MOST_NAMED], f"and {len(named) - _MOST_NAMED} more such differences"]
    raise ProofFailed(
        "ROLLUP_DIFFERS",
        f"Rollup {rollup.name!r} is not what its records fold to: {'; '.join(named) or 'its order or types differ'}. "
        "Nothing of these days was published or may be deleted: roll them up again, and report it if that fails, too.",
    )


def _named(faults: Iterable[Fault]) -> list[str]:
    """What is wrong, in words: each measure once for each way to be wrong, with its first day and how many rows."""
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for what, day, fault in faults:
        found[what, fault].append(day)
    named: list[str] = []
    for (what, fault), days in sorted(found.items()):
        more = len(set(days)) - 1
        others = f" and {more} more day{'s' * (more > 1)}" if more else ""
        named.append(f"{what} on {date_of(min(days))}{others}: {len(days)} {fault}")
    return named


def _in_rows(rollup: Rollup, computed: pa.Table, folded: pa.Table) -> Iterator[Fault]:
    """What is wrong with which day's rows, once for each row and measure."""
    layout = RollupLayout(rollup=rollup)
    measures = {c.name: f"measure {m.name!r}" for m in layout.additive for c in measure_columns(m)}
    measures |= {f"largest_{m.name}": f"the largest share of measure {m.name!r}" for m in layout.summed}
    every = {measures[c.name] for m in layout.additive for c in measure_columns(m)} or {"groups"}
    for key, columns, fault in _differences(("day", *layout.dimensions), computed, folded):
        for what in {measures.get(column, column) for column in columns} or every:
            yield what, key[0], fault


def _in_parts(computed: pa.Table, folded: pa.Table) -> Iterator[Fault]:
    """What is wrong with which day's parts, once for each of them."""
    keys = [name for name in folded.column_names if name not in {"value", "data"}]
    for key, _, fault in _differences(keys, computed, folded):
        grain = f"at {key[1]!r}" if key[1] else "in total"
        yield f"measure {key[0]!r} {grain}", key[-1], fault


def _differences(
    keys: Sequence[str], computed: pa.Table, folded: pa.Table
) -> Iterator[tuple[Key, tuple[str, ...], str]]:
    """Each key whose rows are not the same: the columns that differ, none where rows are missing or too many."""
    columns = [name for name in folded.column_names if name not in keys]
    ours, theirs = _by_key(keys, columns, computed), _by_key(keys, columns, folded)
    for key in ours | theirs:
        mine, other = ours[key], theirs[key]
        if len(mine) != len(other):
            yield key, (), "missing" if len(mine) < len(other) else "too many"
        elif mine != other:
            differing = (name for i, name in enumerate(columns) if [m[i] for m in mine] != [o[i] for o in other])
            yield key, tuple(differing), "different"


def _by_key(keys: Sequence[str], columns: Sequence[str], table: pa.Table) -> defaultdict[Key, list[Key]]:
    found: defaultdict[Key, list[Key]] = defaultdict(list)
    for row in table.to_pylist():
        found[tuple(row[name] for name in keys)].append(tuple(row[name] for name in columns))
    return found
