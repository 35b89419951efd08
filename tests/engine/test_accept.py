import datetime as dt
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from keepsum import Integer, Stream, days
from keepsum.engine.accept import EPOCH, times_of

VISITS = Stream("visits", time="at", key="id", keep=days(3), fields=(Integer("seconds"),))
OFFSETS = st.integers(-24 * 60 + 1, 24 * 60 - 1).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
MOMENTS = st.datetimes(*map(dt.datetime.fromisoformat, ("1970-01-03", "9999-12-29")), timezones=OFFSETS)
MICROSECOND = dt.timedelta(microseconds=1)


@given(st.lists(MOMENTS, max_size=20))
def test_a_time_is_exact_to_the_microsecond_at_any_offset(moments):
    times = times_of(VISITS, [SimpleNamespace(at=moment) for moment in moments])
    assert times.tolist() == [(moment - EPOCH) // MICROSECOND for moment in moments]
