"""How a row becomes two 64-bit numbers under a key, column by column, whatever form Arrow gives its values.

Every value is mixed under constants of its field and the mixed values of a row are added up, so the order of columns
and null values leave no trace; mixing the sum once more makes it non-linear, so no two values can trade places.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, chain
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.model.errors import Invalid

Words = NDArray[np.uint64]

_INTEGERS = {
    t.id: np.dtype(t.to_pandas_dtype())
    for t in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())
}
_OFFSETS = {pa.string().id: np.dtype(np.int32), pa.large_string().id: np.dtype(np.int64)}
_BOOLEAN, _NULL, _VIEW, _DICTIONARY = pa.bool_().id, pa.null().id, pa.string_view().id, pa.dictionary("i4", "i4").id

_SHORTEST_KEY, _LONGEST_KEY = 16, 64
_BLOCK = 16_384  # rows read and mixed at once, so that what is computed of them stays in the processor's cache
_NEAR = 8  # words of a text that are read position by position
_FEW = 4_096  # texts up to which numpy's calls cost more than its work
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
_HALF, _LESS_THAN_HALF = np.uint64(32), np.uint64(29)


class Read(NamedTuple):
    """A column's values as words, one for both lanes (n,) or one a lane (2, n), and where they are null."""

    words: Words
    nulls: NDArray[np.bool_] | None


class _Texts(NamedTuple):
    """Texts in UTF-8, one after another, and where each begins and how many bytes it has."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]


def hash_rows(columns: Mapping[str, Any], key: bytes) -> tuple[Words, Words]:
    """Two lanes of one keyed 64-bit number a row, the same for equal values in any order or Arrow form of columns.

    Columns are Arrow arrays (plain, chunked, dictionary, sliced) of texts, booleans or integers up to 64 bits, of one
    length. A null is as good as no column; an empty text, zero and null differ. `BAD_KEY` unless the key has 16 to 64
    bytes. Modelled on multiply-xorshift mixing (Steele, Lea and Flood, SplitMix, 2014) with secret multipliers.
    """
    lanes = [mix_rows(block, key) for block in read_blocks(columns, key)]
    if len(lanes) == 1:
        return lanes[0]
    empty = np.empty(0, np.uint64)
    return np.concatenate([empty, *(first for first, _ in lanes)]), np.concatenate([empty, *(b for _, b in lanes)])


def hash_few(
    texts: Mapping[str, Sequence[str | None]], integers: Mapping[str, Sequence[int | None]], key: bytes
) -> tuple[Words, Words]:
    """The same as `hash_rows` for at least one row in lists, a boolean being 0 or 1; `BAD_KEY` likewise.

    All texts become one array and all integers another, so up to some hundred rows it takes half as long.
    """
    _check_key(key)
    rows = len(next(iter((*texts.values(), *integers.values()))))
    mixed = np.empty((2, len(texts) + len(integers), rows), np.uint64)
    of_texts, of_integers = mixed[:, : len(texts)], mixed[:, len(texts) :]
    written = pa.array(list(chain.from_iterable(texts.values())), pa.large_string())
    of_texts[:] = _text_lanes(_texts(written), key, near=0).reshape(of_texts.shape)
    counted = pa.array(list(chain.from_iterable(integers.values())), pa.int64())
    of_integers[:] = _words(counted).reshape(of_integers.shape[1:])
    _mix(mixed, _field_constants(key, (*texts, *integers)))
    for array, fields in ((written, of_texts), (counted, of_integers)):
        nulls = _nulls(array)
        if nulls is not None:
            np.copyto(fields, 0, where=nulls.reshape(fields.shape[1:]))
    return _rows(mixed, key)


def read_blocks(columns: Mapping[str, Any], key: bytes) -> Iterator[dict[str, Read]]:
    """The words of all columns, by name in sorted order, in blocks of rows; the words of texts depend on the key."""
    _check_key(key)
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns of one batch have one length, not {sorted(lengths)}")
    rows = max(lengths, default=0)
    if 0 < rows <= _BLOCK:
        yield _read_block(columns, key)
        return
    for begin in range(0, rows, _BLOCK):
        yield _read_block({name: column.slice(begin, _BLOCK) for name, column in columns.items()}, key)


def _check_key(key: bytes) -> None:
    if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
        raise Invalid("BAD_KEY", f"a key of {len(key)} bytes cannot hash rows: use {_SHORTEST_KEY} to {_LONGEST_KEY}")


def _read_block(columns: Mapping[str, Any], key: bytes) -> dict[str, Read]:
    chunks = {name: _chunks(columns[name]) for name in sorted(columns)}
    plain = (_values(chunk) for parts in chunks.values() for chunk in parts)
    hashed = iter(_hash_texts([values for values in plain if values.type.id in _OFFSETS], key))
    return {name: _joined([_read(chunk, hashed) for chunk in parts]) for name, parts in chunks.items()}


def mix_rows(reads: Mapping[str, Read], key: bytes) -> tuple[Words, Words]:
    """The two lanes of every row of a block that was read under the same key."""
    rows = next(read.words.shape[-1] for read in reads.values())
    mixed = np.empty((2, len(reads), rows), np.uint64)
    for field, read in enumerate(reads.values()):
        mixed[:, field] = read.words
    _mix(mixed, _field_constants(key, tuple(reads)))
    for field, read in enumerate(reads.values()):
        if read.nulls is not None:
            np.copyto(mixed[:, field], 0, where=read.nulls)
    return _rows(mixed, key)


def _rows(mixed: Words, key: bytes) -> tuple[Words, Words]:
    """The two lanes of rows from lane x field x row."""
    lanes = mixed.sum(axis=1)
    _mix(lanes, _constants(key, "row", 3))
    return lanes[0], lanes[1]


def _mix(words: Words, constants: Words) -> None:
    """Turns words into others that nobody can tell without the constants, in place and without loss."""
    offset, first, second = constants
    words ^= offset
    words ^= words >> _HALF
    words *= first
    _scramble(words, second)


def _scramble(words: Words, multiplier: Words) -> None:
    """Spreads every bit of each product over the whole word, in place and without loss."""
    words ^= words >> _HALF
    words *= multiplier
    words ^= words >> _LESS_THAN_HALF


@lru_cache(256)
def _field_constants(key: bytes, names: tuple[str, ...]) -> Words:
    """(offset, odd multiplier, odd multiplier) x lane x field x 1, each field's own."""
    own = [_constants(key, f"field {name}", 3) for name in names]
    return np.stack(own, axis=2) if own else np.empty((3, 2, 0, 1), np.uint64)


@lru_cache(256)
def _constants(key: bytes, label: str, count: int) -> Words:
    """`count` x lane x 1 secret words, all but the first of them odd."""
    digest = blake2b(label.encode(), digest_size=16 * count, key=key, person=b"keepsum rowhash").digest()
    constants = np.frombuffer(digest, "<u8").astype(np.uint64).reshape(count, 2, 1)
    constants[1:] |= np.uint64(1)
    return constants


def _chunks(column: Any) -> list[Any]:
    """The parts of a column, in the forms that can be read."""
    if column.type.id == _VIEW:
        column = column.cast(pa.large_string())
    chunks = [chunk for chunk in column.chunks if len(chunk)] if isinstance(column, pa.ChunkedArray) else [column]
    if column.type.id == _DICTIONARY:
        # A few rows out of a large dictionary are quicker to read than the dictionary; an empty one has no words.
        small = [0 < len(chunk.dictionary) <= len(chunk) for chunk in chunks]
        return [chunk if keep else chunk.dictionary_decode() for chunk, keep in zip(chunks, small, strict=True)]
    return chunks


def _values(chunk: Any) -> Any:
    """The chunk, or the different values it chooses from."""
    return chunk.dictionary if chunk.type.id == _DICTIONARY else chunk


def _joined(parts: Sequence[Read]) -> Read:
    if len(parts) == 1:
        return parts[0]
    words = np.concatenate([part.words for part in parts], axis=-1)
    if all(part.nulls is None for part in parts):
        return Read(words, None)
    nulls = [np.zeros(p.words.shape[-1], np.bool_) if p.nulls is None else p.nulls for p in parts]
    return Read(words, np.concatenate(nulls))


def _read(chunk: Any, hashed: Iterator[Words]) -> Read:
    """The words of one array; those of texts are taken from what was hashed before, in the same order."""
    kind = chunk.type.id
    if kind == _DICTIONARY:
        return _chosen(chunk, hashed)
    if kind in _OFFSETS:
        return Read(next(hashed), _nulls(chunk))
    if kind in _INTEGERS:
        return Read(_words(chunk), _nulls(chunk))
    if kind == _BOOLEAN:
        return Read(_bits(chunk.buffers()[1], chunk).astype(np.uint64), _nulls(chunk))
    if kind == _NULL:
        return Read(np.zeros(len(chunk), np.uint64), np.ones(len(chunk), np.bool_))
    raise TypeError(f"rows with a column of type {chunk.type} cannot be hashed")


def _chosen(chunk: Any, hashed: Iterator[Words]) -> Read:
    """The words of an array that chooses from a dictionary."""
    chosen = _read(chunk.indices, hashed)
    places = chosen.words.view(np.int64)
    if chosen.nulls is not None:
        places = np.where(chosen.nulls, 0, places)  # what stands under a null can be anything
    values = _read(chunk.dictionary, hashed)
    words = values.words.take(places, axis=-1)
    if values.nulls is None:
        return Read(words, chosen.nulls)
    nulls = values.nulls[places]
    return Read(words, nulls if chosen.nulls is None else nulls | chosen.nulls)


def _words(chunk: Any) -> Words:
    """The words of an array of integers."""
    values = np.frombuffer(chunk.buffers()[1], _INTEGERS[chunk.type.id])[chunk.offset : chunk.offset + len(chunk)]
    return values.astype(np.int64, copy=False).view(np.uint64)


def _nulls(chunk: Any) -> NDArray[np.bool_] | None:
    return _bits(chunk.buffers()[0], chunk) == 0 if chunk.null_count else None


def _bits(buffer: Any, chunk: Any) -> NDArray[np.uint8]:
    """One 0 or 1 for each row from a bitmap of Arrow."""
    end = chunk.offset + len(chunk)
    return np.unpackbits(np.frombuffer(buffer, np.uint8), count=end, bitorder="little")[chunk.offset :]


def _texts(array: Any) -> _Texts:
    _, offsets, data = array.buffers()
    dtype = _OFFSETS[array.type.id]
    bounds = np.frombuffer(offsets, dtype, len(array) + 1, array.offset * dtype.itemsize).astype(np.int64)
    begin, end = bounds[0], bounds[-1]
    used = np.frombuffer(data, np.uint8)[begin:end] if end > begin else np.empty(0, np.uint8)
    bounds -= begin
    return _Texts(used, bounds[:-1], np.diff(bounds))


def _hash_texts(columns: list[Any], key: bytes) -> list[Words]:
    """The words, lane x text, of each column of texts: few texts all at once, many column by column."""
    counts = [len(column) for column in columns]
    if sum(counts) > _FEW:
        return [_text_lanes(_texts(column), key, near=_NEAR) for column in columns]
    if not columns:
        return []
    if any(column.type.id != columns[0].type.id for column in columns):
        columns = [column.cast(pa.large_string()) for column in columns]
    lanes = _text_lanes(_texts(pa.concat_arrays(columns)), key, near=0)
    return [lanes[:, end - count : end] for count, end in zip(counts, accumulate(counts), strict=True)]


def _text_lanes(texts: _Texts, key: bytes, *, near: int) -> Words:
    """The words, lane x text: the mixed sum of each text's 8-byte words by position, and of its length.

    The first `near` words of all texts are added position by position, the rest all at once: the same sum, but the
    one is quick for many short texts, the other for few or long ones.
    """
    data = np.zeros(len(texts.data) + 8 * (near + 1), np.uint8)  # a word may be read beyond the last text
    data[: len(texts.data)] = texts.data
    words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))  # the 8 bytes from each byte on
    length, *constants = _constants(key, "text", 4)
    lanes = (texts.lengths.view(np.uint64) + np.uint64(1)) * (length | np.uint64(1))
    if near:
        _add_near_words(lanes, words, texts, constants)
    far = np.flatnonzero(texts.lengths > 8 * near)
    if len(far):
        starts, lengths = texts.starts[far] + 8 * near, texts.lengths[far] - 8 * near
        lanes[:, far] += _all_words(words, starts, lengths, near, constants)
    return lanes


def _add_near_words(lanes: Words, words: Words, texts: _Texts, constants: Sequence[Words]) -> None:
    """Adds the first words of each text to its lanes, position by position."""
    starts, lengths = texts.starts, texts.lengths
    shortest, longest = int(lengths.min()), int(lengths.max())
    for position in range(min(_NEAR, (longest + 7) // 8)):
        first = 8 * position
        # Texts of one length, as most keys are, begin at even distances.
        found = words[first::longest][: len(lengths)].copy() if shortest == longest else words[starts + first]
        if shortest < first + 8:
            found &= _MASKS.take(lengths - first, mode="clip")
        lanes += _mixed_words(found, np.uint64(position), constants)


def _all_words(
    words: Words, starts: NDArray[np.int64], lengths: NDArray[np.int64], first: int, constants: Sequence[Words]
) -> Words:
    """The mixed sums, lane x text, of all words of texts that are not empty, counting positions from `first`."""
    counts = (lengths + 7) >> 3
    ends = np.cumsum(counts)
    last = ends - 1
    positions = np.arange(int(ends[-1])) - np.repeat(ends - counts, counts)
    found = words[np.repeat(starts, counts) + (positions << 3)]
    found[last] &= _MASKS[lengths - ((counts - 1) << 3)]
    mixed = _mixed_words(found, (positions + first).view(np.uint64), constants)
    sums = np.cumsum(mixed, axis=1, out=mixed)[:, last]
    sums[:, 1:] -= sums[:, :-1].copy()
    return sums


def _mixed_words(words: Words, positions: Any, constants: Sequence[Words]) -> Words:
    """The words, lane x word, mixed by position; the word 0 stays 0, so one beyond a text's end counts for nothing."""
    multiplier, step, second = constants
    # TRICKY: a product carries upwards only, so the last bytes of two words could make up for each other
    # if they were not folded into the first ones before.
    folded = words ^ (words >> _HALF)
    mixed = folded * (multiplier + (step << np.uint64(1)) * positions)
    _scramble(mixed, second)
    return mixed
