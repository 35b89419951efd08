from typing import Any

import pytest

from keepsum import Count, Metric, Pack, Rollup, Setting, Stream, Text, days, months, years
from keepsum.engine.tell import tell
from keepsum.model.errors import Invalid

VISITS = Stream(
    "visits",
    time="at",
    key="id",
    keep=days(30, setting="DAYS"),
    late=days(7),
    fields=(Text("place", most=3),),
)
DAILY = Rollup("daily", of=VISITS, measures=(Count("visits"),), keep=years(10, setting="YEARS"))
PLACES = Rollup("places", of=VISITS, by=("place",), measures=(Count("visits"),), keep=months(30, setting="MONTHS"))
COUNTED = Metric("counted", DAILY.visits)
PACK = Pack(
    "visitors",
    streams=(VISITS,),
    rollups=(DAILY, PLACES),
    metrics=(COUNTED, Metric("twice", COUNTED + PLACES.visits.where(place="hall"))),
    settings=tuple(Setting(name, kind="integer") for name in ("DAYS", "YEARS", "MONTHS")),
)


def told(**values) -> Any:
    return tell(PACK, lambda: values)


def test_lengths_are_those_that_the_install_says():
    pack = told(DAYS=45, YEARS=7, MONTHS=24)
    daily, places = pack.rollups
    assert (pack.streams[0].keep.days, daily.keep.months, places.keep.months) == (45, 84, 24)


def test_what_nobody_sets_stays_as_it_is_declared():
    assert told(DAYS=None, YEARS=None, MONTHS=None) is PACK
    assert told() is PACK


def test_rollups_and_metrics_are_of_the_same_stream_as_before():
    pack = told(DAYS=45)
    stream = pack.streams[0]
    counted, twice = pack.metrics
    assert all(rollup.of is stream for rollup in pack.rollups)
    assert counted.formula.rollup is pack.rollups[0]
    assert twice.formula.left is counted
    assert twice.formula.right.rollup is pack.rollups[1]


def test_nothing_is_asked_for_when_no_length_names_a_setting():
    pack = Pack("plain", streams=(Stream("walks", time="at", key="id", keep=days(3), fields=()),))
    assert tell(pack, lambda: pytest.fail("it asked")) is pack


@pytest.mark.parametrize("values", [{"DAYS": -1}, {"DAYS": 108_001}, {"YEARS": 9_001}])
def test_what_is_no_length_is_refused_by_name_and_never_shown(values):
    with pytest.raises(Invalid, match=r"BAD_SETTING.*of pack 'visitors'") as refused:
        told(**values)
    assert str(next(iter(values.values()))) not in str(refused.value)
