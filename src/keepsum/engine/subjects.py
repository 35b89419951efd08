"""Subjects as numbers, slots and ranks: each is hashed once for as long as this lives, which is in memory only."""

from itertools import islice

import numpy as np
import pyarrow as pa

from keepsum.engine import registers


class Subjects:
    """The subjects so far under an epoch's key; `numbers` count them as they came."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._numbers: dict[str, int] = {}
        self._slots, self._ranks, _ = registers.slots_and_ranks([], key)

    def columns(self, texts: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Give the number (int32), slot (int16) and rank (uint8) of each subject, null where there is none."""
        coded = texts.dictionary_encode()
        known = self._numbers
        before = len(known)
        numbers = np.array([known.setdefault(text, len(known)) for text in coded.dictionary.to_pylist()], np.int32)
        slots, ranks, _ = registers.slots_and_ranks([*islice(known, before, None)], self._key)
        self._slots, self._ranks = np.append(self._slots, slots), np.append(self._ranks, ranks)
        found = (numbers, self._slots[numbers], self._ranks[numbers])
        return tuple(pa.array(column).take(coded.indices) for column in found)
