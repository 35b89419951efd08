"""A row has one hash, however many rows are hashed with it and whether they lie in lists or in Arrow."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from keepsum.engine.rowhash import hash_few, hash_rows

KEY = bytes(range(32))

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
integers = st.none() | st.integers(-(2**63), 2**63 - 1)
rows = st.lists(st.tuples(texts, texts, integers, integers), min_size=1, max_size=30)


@given(rows)
def test_lists_hash_as_arrow_does(rows):
    key, note, amount, bucket = zip(*rows, strict=True)
    written, counted = {"key": key, "note": note}, {"amount": amount, "bucket": bucket}
    arrow = {name: pa.array(values, pa.string()) for name, values in written.items()}
    arrow |= {name: pa.array(values, pa.int64()) for name, values in counted.items()}
    together = hash_rows(arrow, KEY)
    assert np.array_equal(hash_few(written, counted, KEY), together)
    last = ({name: values[-1:] for name, values in written.items()}, {n: values[-1:] for n, values in counted.items()})
    assert np.array_equal(hash_few(*last, KEY), [lane[-1:] for lane in together])
