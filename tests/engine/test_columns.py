import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepsum.engine.accept import FORBIDDEN
from keepsum.engine.columns import array_of, each, texts_of, values_of

NOON = dt.datetime.fromisoformat("2025-01-02 12:00:00")
ODD = st.sampled_from(["", "a", "\x00", "\x08", "\t", "é", "\U0001f600", "\udcff", b"a", b"\xff", 1, None])


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["a", None], pa.string()),
        ([b"a"], pa.binary()),
        ([1, None, -(2**63)], pa.int64()),
        ([True], pa.bool_()),
        ([NOON, None], pa.timestamp("us")),
        ([NOON.replace(tzinfo=dt.UTC), NOON.replace(tzinfo=ZoneInfo("Asia/Kolkata"))], pa.timestamp("us", tz="UTC")),
    ],
)
def test_values_of_one_plain_type_are_an_array_of_it(column, kind):
    array = array_of(column)
    assert array is not None
    assert array.type == kind
    assert array.to_pylist() == column


@pytest.mark.parametrize(
    "column",
    [
        [], [None], [1, True], [1, "1"], [1, 1.0], [2**63], ["\udcff"], [Decimal(1)], [1.5], [dt.date(2025, 1, 2)],
        [NOON, NOON.replace(tzinfo=dt.UTC)],
    ],
)  # fmt: skip
def test_other_values_stay_as_they_are(column):
    assert array_of(column) is None
    assert values_of(column) is column


@given(st.lists(ODD, min_size=1, max_size=6))
def test_texts_can_be_kept_when_each_of_them_can(column):
    texts = texts_of(column)
    every = [one.decode("utf-8", "surrogateescape") if isinstance(one, bytes) else one for one in column]
    kinds = {type(one) for one in column if one is not None}
    good = all(one is None or (isinstance(one, str) and one.isprintable() | (one == "\t")) for one in every)
    good = good and not any(one is not None and isinstance(one, str) and FORBIDDEN.search(one) for one in every)
    assert (texts is not None) == (good and len(kinds) == 1 and kinds <= {str, bytes})
    if texts is not None:
        assert texts.to_pylist() == every


def test_a_part_of_texts_is_judged_by_itself():
    texts = pa.array(["\x01", "a", "\x02"])
    assert texts_of(texts) is None
    assert texts_of(texts.slice(1, 1)) == texts.slice(1, 1)


def test_each_text_is_changed_and_none_stays_none():
    asked = []

    def change(texts):
        asked.extend(texts)
        return [None if text == "b" else text.upper() for text in texts]

    assert each(pa.array(["a", "b", None, "a"]), change).to_pylist() == ["A", None, None, "A"]
    assert asked == ["a", "b"]
