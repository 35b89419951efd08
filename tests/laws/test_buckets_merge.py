import math
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keepsum.engine.buckets import boundaries, bucket_of, decode, encode, encode_groups, merge, middle, quantile
from keepsum.engine.numbers import LIMIT

# Amounts of every size, not only the large ones that a plain range is made of.
AMOUNTS = st.integers(0, 18).flatmap(lambda digits: st.integers(-(10**digits) + 1, 10**digits - 1))
MANY = st.lists(AMOUNTS, min_size=1, max_size=60)


def stored(values):
    return encode(bucket_of(np.array(values, np.int64)), np.ones(len(values), np.int64))


@given(AMOUNTS)
def test_an_integer_lies_within_its_bucket(value):
    (bucket,) = bucket_of(np.array([value])).tolist()
    assert bucket == -bucket_of(np.array([-value]))[0]
    if value:
        power = Fraction(102, 100) ** (abs(bucket) - 1)
        assert power <= abs(value) < power * Fraction(102, 100)
    assert abs(Fraction(middle(bucket)) - value) <= Fraction(abs(value), 100)


@given(MANY, st.fractions(0, 1))
def test_a_quantile_is_within_one_percent_of_the_nearest_rank(values, q):
    truth = sorted(values)[max(1, math.ceil(q * len(values))) - 1]
    bucket = quantile(*decode(stored(values)), q)
    assert bucket is not None
    assert abs(Fraction(middle(bucket)) - truth) <= Fraction(abs(truth), 100)


@given(st.lists(MANY, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_merging_equals_counting_everything_at_once(parts, random):
    whole = [value for part in parts for value in part]
    random.shuffle(whole)
    assert encode(*merge(map(stored, parts))) == stored(whole)
    assert encode(*merge(map(stored, reversed(parts)))) == stored(whole)
    nested = encode(*merge([encode(*merge(map(stored, parts[:2]))), *map(stored, parts[2:])]))
    assert nested == stored(whole)


@given(st.lists(MANY, max_size=5))
def test_many_groups_are_stored_as_each_alone(parts):
    counted = [Counter(bucket_of(np.array(part)).tolist()) for part in parts]
    rows = [(group, bucket, count) for group, c in enumerate(counted) for bucket, count in sorted(c.items())]
    ids, buckets, counts = np.array(rows, np.int64).reshape(-1, 3).T
    assert encode_groups(ids, buckets, counts) == [stored(part) for part in parts]


def test_every_bucket_that_holds_an_integer_answers_within_one_percent_of_both_ends():
    edges = [*boundaries().tolist(), LIMIT + 1]
    for i, (low, following) in enumerate(pairwise(edges)):
        if low < following:
            answer = middle(i + 1)
            assert all(abs(answer - end) <= Decimal(end) / 100 for end in (low, following - 1))
            assert middle(-i - 1) == -answer
