from dataclasses import replace
from datetime import UTC, datetime

import pytest

from keepsum import Count, Integer, Pack, Reader, Rollup, Stream, days, years
from keepsum.model.errors import Invalid
from keepsum.testing import check_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BASKETS = Stream("baskets", time="at", key="id", keep=days(30), fields=(Integer("size", required=True),))
DAILY = Rollup("daily", of=BASKETS, measures=(Count("baskets"),), keep=years(1))


def read(row):
    return {"at": row["at"], "size": int(row["size"])}


PACK = Pack("shop", streams=(BASKETS,), rollups=(DAILY,), readers=(Reader("csv", stream="baskets", read=read),))
ROW = {"at": "2025-12-31T10:00:00Z", "size": "3"}


def refused(pack=PACK, rows=(ROW,), now=NOW):
    with pytest.raises(Invalid) as error:
        check_pack(pack, {"csv": rows}, now=now)
    return error.value


def test_a_good_pack_gives_the_records_of_its_samples_with_row_numbers_for_keys():
    assert check_pack(PACK, {"csv": [ROW, ROW]}, now=NOW) == {
        "csv": [
            {"id": "1", "at": "2025-12-31T10:00:00Z", "size": 3},
            {"id": "2", "at": "2025-12-31T10:00:00Z", "size": 3},
        ]
    }


def test_a_key_that_the_reader_gives_is_kept():
    keyed = replace(PACK, readers=(Reader("csv", stream="baskets", read=lambda row: read(row) | {"id": "b7"}),))
    assert check_pack(keyed, {"csv": [ROW]}, now=NOW)["csv"][0]["id"] == "b7"


def test_a_pack_that_lint_refuses_is_refused():
    assert refused(replace(PACK, rollups=(replace(DAILY, keep=None),))).code == "CATALOG_REFUSED"


def test_a_reader_without_a_sample_is_untested():
    assert refused(rows=()).code == "READER_UNTESTED"


def test_a_row_that_the_reader_cannot_read_is_named_by_number_and_never_quoted():
    error = refused(rows=(ROW, ROW | {"size": "jane@example.org"}))
    assert error.code == "ROW_UNREADABLE"
    assert error.message == "Reader 'csv' raises ValueError on row 2."


def test_a_record_that_does_not_fit_is_named_with_its_field():
    pack = replace(PACK, readers=(Reader("csv", stream="baskets", read=lambda row: {"at": row["at"]}),))
    error = refused(pack, rows=(ROW,))
    assert error.code == "RECORD_REFUSED"
    assert error.message.endswith("record 1 of reader 'csv', field 'size': FIELD_MISSING.")


def test_a_record_ahead_of_the_time_that_was_given_does_not_fit():
    assert "TIME_AHEAD" in refused(now=datetime(2025, 12, 31, 8, tzinfo=UTC)).message
