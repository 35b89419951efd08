"""Days and instants as the command line writes and reads them."""

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def instant(microseconds: int | None) -> str | None:
    """Give an instant as an ISO text in UTC, to the second."""
    if microseconds is None:
        return None
    time = EPOCH + dt.timedelta(microseconds=microseconds)
    return time.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def shown(text: str | None) -> str | None:
    """Give an instant as tables have it, to the minute in UTC."""
    return text and text[:16].replace("T", " ")


def day_of(text: str) -> int:
    """Give the number of a date; raises `BAD_DATE`."""
    from keepsum.model.day import date_in, day_number
    from keepsum.model.errors import Invalid

    found = date_in(text)
    if found is None:
        raise Invalid("BAD_DATE", f"{text!r} is no date: give one such as 2026-01-31.")
    return day_number(found)
