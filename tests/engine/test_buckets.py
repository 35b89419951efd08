import hashlib
import struct
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from keepsum.engine.buckets import boundaries, bucket_of, decode, encode, encode_groups, merge, middle, quantile
from keepsum.engine.numbers import LIMIT
from keepsum.model.errors import Invalid, ProofFailed


def buckets_of(*values):
    return bucket_of(np.array(values, np.int64)).tolist()


def pairs(*entries):
    return b"\x01" + b"".join(struct.pack("<hI", bucket, count) for bucket, count in entries)


def test_the_boundaries_never_change():
    # Golden: a change would give every stored distribution another meaning.
    table = boundaries().astype("<i8").tobytes()
    assert hashlib.sha256(table).hexdigest() == "47a7c01a5af10c0b338f64ad41324c3cee6ce7c3ff1d945f028044bd38d5cf0e"


def test_a_boundary_is_the_first_integer_at_or_above_its_power():
    edges = boundaries().tolist()
    for i in (0, 1, 2, 34, 35, 36, 100, 1000, 2092):
        power = Fraction(102, 100) ** i
        assert edges[i] - 1 < power <= edges[i]
    assert len(edges) == 2093
    assert Fraction(102, 100) ** 2093 > LIMIT


def test_the_boundaries_cannot_be_changed_by_a_caller():
    with pytest.raises(ValueError, match="read-only"):
        boundaries()[0] = 5


def test_integers_fall_into_buckets_mirrored_around_zero():
    assert buckets_of(0, 1, 2, 3) == [0, 1, 36, 56]
    assert buckets_of(-1, -2, -3) == [-1, -36, -56]
    assert bucket_of(np.array([5])).dtype == np.int16
    assert buckets_of() == []


def test_integers_beyond_eighteen_digits_fall_into_the_outermost_buckets():
    assert buckets_of(LIMIT, LIMIT + 1, 2**63 - 1) == [2093] * 3
    assert buckets_of(-LIMIT, -LIMIT - 1, -(2**63)) == [-2093] * 3


@pytest.mark.parametrize(
    ("bucket", "value"),
    [(0, "0"), (1, "1"), (-1, "-1"), (36, "2"), (56, "3"), (199, "51"), (200, "52"), (234, "101.499"),
     (500, "19760.0"), (-500, "-19760.0"), (1000, "394341000"), (2093, "990329000000000000")],
)  # fmt: skip
def test_a_bucket_answers_with_its_middle(bucket, value):
    assert str(middle(bucket)) == value


@pytest.mark.parametrize("bucket", [2, -3, 35, 2094, -2094, 10**6])
def test_a_bucket_that_holds_no_integer_has_no_middle(bucket):
    with pytest.raises(Invalid, match="NO_SUCH_BUCKET"):
        middle(bucket)


def test_counts_are_stored_sorted_by_bucket():
    assert encode(np.array([5, -7, 0, 5]), np.array([1, 2, 3, 4])) == pairs((-7, 2), (0, 3), (5, 5))
    assert encode(np.array([5]), np.array([0])) == b"\x01"
    assert encode(np.array([], np.int16), np.array([], np.int64)) == b"\x01"


def test_groups_are_stored_as_if_each_stood_alone():
    ids = np.array([1, 1, 5, 9, 9])
    buckets, counts = np.array([-3, 4, 0, 1, 36]), np.array([2, 1, 7, 1, 2**32 - 1])
    assert encode_groups(ids, buckets, counts) == [
        pairs((-3, 2), (4, 1)),
        pairs((0, 7)),
        pairs((1, 1), (36, 2**32 - 1)),
    ]
    assert encode_groups(ids[:0], buckets[:0], counts[:0]) == []


def test_a_count_that_does_not_fit_is_refused():
    one = np.array([1])
    with pytest.raises(Invalid, match="COUNT_TOO_LARGE"):
        encode(one, np.array([2**32]))
    with pytest.raises(Invalid, match="COUNT_TOO_LARGE"):
        encode_groups(one, one, np.array([2**32]))


def test_what_is_stored_is_read_back():
    buckets, counts = decode(pairs((-7, 2), (0, 3), (2093, 5)))
    assert (buckets.tolist(), counts.tolist()) == ([-7, 0, 2093], [2, 3, 5])


@pytest.mark.parametrize(
    "blob",
    [b"", b"\x02", b"\x01\x00", pairs((2094, 1)), pairs((-2094, 1)), pairs((2, 1), (1, 1)), pairs((1, 1), (1, 1)),
     pairs((1, 0)), pairs((1, 1))[:-1]],
)  # fmt: skip
def test_damaged_counts_are_refused(blob):
    with pytest.raises(ProofFailed, match="BAD_BUCKETS"):
        decode(blob)


@pytest.mark.parametrize("blob", [b"", b"\x02", b"\x01\x00", pairs((2094, 1)), pairs((-2094, 1))])
def test_damaged_counts_are_not_merged(blob):
    with pytest.raises(ProofFailed, match="BAD_BUCKETS"):
        merge([pairs((1, 1)), blob])


def test_merged_counts_add_up_beyond_what_one_form_holds():
    buckets, counts = merge([pairs((1, 2**32 - 1), (5, 1)), pairs((-2, 4), (1, 2**32 - 1)), b"\x01"])
    assert (buckets.tolist(), counts.tolist()) == ([-2, 1, 5], [4, 2**33 - 2, 1])
    assert [part.tolist() for part in merge([])] == [[], []]


def test_quantiles_are_those_of_the_nearest_rank():
    buckets, counts = np.array([-4, 0, 9]), np.array([1, 2, 1])
    asked = ["0", "0.25", "0.26", "1/2", "0.75", "0.7500001", "1"]
    assert [quantile(buckets, counts, q) for q in asked] == [-4, -4, 0, 0, 0, 9, 9]
    assert quantile(buckets, counts, Fraction(95, 100)) == 9


def test_nothing_counted_has_no_quantile():
    assert quantile(np.array([], np.int16), np.array([], np.int64), "0.5") is None


@pytest.mark.parametrize("q", ["1.01", "-0.1", "half", "1/0", "", "nan"])
def test_a_quantile_out_of_range_is_refused(q):
    with pytest.raises(Invalid, match="BAD_QUANTILE"):
        quantile(np.array([1]), np.array([1]), q)


def test_a_median_of_ten_million_is_found_within_one_percent():
    values = np.random.default_rng(5).lognormal(8, 2, 200_000).astype(np.int64)
    blob = encode(bucket_of(values), np.ones(len(values), np.int64))
    buckets, counts = merge([blob] * 50)
    assert counts.sum() == 10_000_000
    found, truth = quantile(buckets, counts, "0.5"), int(np.sort(values)[99_999])
    assert found is not None
    assert abs(middle(found) - truth) <= Decimal(truth) / 100
