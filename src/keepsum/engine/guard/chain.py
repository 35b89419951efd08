"""Which rollup of a stream is split further by which, and where a row stands in what a coarser rollup shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from keepsum.model.rollup import HIDDEN, Rollup

Numbers = NDArray[np.int64]
Levels = tuple[tuple[str, ...], ...]

NOWHERE = -1
# TRICKY: turning a plain text into a scalar takes Arrow longer than comparing a day's rows with it.
HIDDEN_SCALAR = pa.scalar(HIDDEN, pa.string())


def parents(rollups: Iterable[Rollup]) -> dict[str, Rollup | None]:
    """Give each rollup's parent, coarsest rollups first; none where only the day's total comes before.

    1. A parent has no dimension that the child lacks, and as many as possible.
    2. Of rollups with the same dimensions, the one whose name comes later is the child of the one before.
    3. Between different sets of as many dimensions the name decides.
    """
    ordered = sorted(rollups, key=lambda r: (len(r.by), r.name))
    return {r.name: _parent(r, ordered[:place]) for place, r in enumerate(ordered)}


def _parent(rollup: Rollup, coarser: Sequence[Rollup]) -> Rollup | None:
    candidates = [c for c in coarser if set(c.by) <= set(rollup.by)]
    most = [c for c in candidates if len(c.by) == len(candidates[-1].by)]
    same = [c for c in most if set(c.by) == set(most[0].by)]
    return same[-1] if same else None


def levels(rollup: Rollup, family: Mapping[str, Rollup | None]) -> Levels:
    """Give the dimensions at each step from the day's total down to the rollup's own, along its parents."""
    parent = family[rollup.name]
    if parent is not None:
        return (*levels(parent, family), rollup.by)
    return ((), rollup.by) if rollup.by else ((),)


@dataclass(frozen=True, kw_only=True)
class Nest:
    """Rows, and the atoms of a rollup above them, as groups at each level of a chain.

    `groups[j]` numbers each row's group by day and the dimensions of level j, `atoms[j]` each atom's. An atom stands
    at its `level`: deeper dimensions are hidden in it. `depth` is the level of the atom that holds a row, -1 for none.
    """

    groups: tuple[Numbers, ...]
    depth: Numbers
    atoms: tuple[Numbers, ...]
    level: Numbers


def nest(rows: pa.Table, atoms: pa.Table, chain: Levels) -> Nest:
    """Number the groups of rows and atoms at every level, and find the atom that each row belongs to."""
    count = len(atoms)
    found = _numbered(np.zeros(count + len(rows), np.int64), atoms, rows, "day")
    level = np.full(count, len(chain) - 1)
    numbered: list[Numbers] = []
    for place, names in enumerate(chain):
        for name in sorted(set(names) - set(chain[place - 1] if place else ())):
            found = _numbered(found, atoms, rows, f"d_{name}")
            is_hidden = pc.equal(atoms[f"d_{name}"], HIDDEN_SCALAR).to_numpy()
            level[is_hidden] = np.minimum(level[is_hidden], place - 1)
        numbered.append(found)
    depth = np.full(len(rows), NOWHERE, np.int64)
    for place, found in enumerate(numbered):
        is_held = np.isin(found[count:], found[:count][level == place])
        depth[is_held] = place
    above, below = tuple(f[:count] for f in numbered), tuple(f[count:] for f in numbered)
    return Nest(groups=below, depth=depth, atoms=above, level=level)


def numbered(groups: Numbers, codes: NDArray[Any]) -> Numbers:
    """Number the different pairs of group and code from 0 without gaps, in their order."""
    room = int(codes.max(initial=0)) + 1
    return np.unique(groups * room + codes, return_inverse=True)[1].astype(np.int64)


def _numbered(groups: Numbers, one: pa.Table, other: pa.Table, name: str) -> Numbers:
    column = pa.chunked_array([*one[name].chunks, *other[name].chunks], other[name].type)
    return numbered(groups, column.dictionary_encode().combine_chunks().indices.to_numpy())
