"""Rules about keeping: how long records and sums live, and what this version cannot carry out."""

from keepsum.engine.lint.finding import (
    Hits,
    measures,
    of_measure,
    of_pack,
    of_role,
    of_rollup,
    of_stream,
    rollups,
    streams,
)
from keepsum.model.access import EVERYTHING
from keepsum.model.catalog import Catalog
from keepsum.model.rollup import Count, Given, Level, Sum
from keepsum.model.stream import Duration, Stream


def at_least(one: Duration, other: Duration) -> bool:
    """Say whether a duration is never shorter than another, whichever months it falls on."""
    months, days = one.months - other.months, one.days - other.days
    if months >= 0:
        return 365 * (months // 12) + 28 * (months % 12) + days >= 0
    return days - 366 * (-months // 12) - 31 * (-months % 12) >= 0


def keep_missing(catalog: Catalog) -> Hits:
    """A rollup says how long it is kept."""
    for rollup in rollups(catalog):
        if rollup.keep is None:
            yield of_rollup(rollup), "it has no retention: say keep=years(10), or FOREVER"


def keep_too_short(catalog: Catalog) -> Hits:
    """Records live at least a day, sums at least as long as their records, and no time is negative."""
    for stream in streams(catalog):
        if min(stream.keep.days, stream.keep.months) < 0 or not at_least(stream.keep, Duration(days=1)):
            yield of_stream(stream), f"its records are kept for {stream.keep}: say at least keep=days(1)"
        for word, length in (("late", stream.late), ("settles", stream.settles), ("reread", stream.reread)):
            if min(length.days, length.months) < 0:
                yield of_stream(stream), f"{word}={length} is negative: say days(0) or more"
    for rollup in rollups(catalog):
        if rollup.keep is not None and not at_least(rollup.keep, rollup.of.keep):
            message = f"it is kept for {rollup.keep}, its records for {rollup.of.keep}: keep the sums as long or longer"
            yield of_rollup(rollup), message


def settles_after_keep(catalog: Catalog) -> Hits:
    """Records live until they settle; what happens later is declared as a record of its own."""
    for stream in streams(catalog):
        if stream.settles != Duration() and not at_least(stream.keep, stream.settles):
            remedy = "declare the later fact (a refund, a chargeback) as a stream of its own, or keep records longer"
            yield of_stream(stream), f"records go after {stream.keep} but may change for {stream.settles}: {remedy}"


def covered_with_unfit(catalog: Catalog) -> Hits:
    """A stream is covered with another that is declared, and that one with none."""
    for stream in streams(catalog):
        name = stream.covered_with
        found = None if name is None else catalog.streams.get(name)
        if name is not None and (found is None or found.covered_with is not None or name == stream.name):
            message = f"covered_with={name!r} is no stream that stands for itself: name one, or leave it out"
            yield of_stream(stream), message


def closes_unfit(catalog: Catalog) -> Hits:
    """Months are closed of rollups without dimensions that count or add up something."""
    for rollup in rollups(catalog):
        if rollup.closes not in (None, "month"):
            yield of_rollup(rollup), f"closes={rollup.closes!r} is no period: say closes='month', or leave it out"
        elif rollup.closes and rollup.by:
            yield of_rollup(rollup), "its months are closed as a whole: declare a rollup without dimensions for that"
        elif rollup.closes and not any(isinstance(measure, (Count, Sum)) for measure in rollup.measures):
            yield of_rollup(rollup), "its months have no figure to close: declare a count or a sum, or leave closes out"


def nothing_kept(catalog: Catalog) -> Hits:
    """A stream has a rollup, or nothing of it outlives its records."""
    for stream in streams(catalog):
        if not catalog.rollups_of(stream.name):
            yield of_stream(stream), f"after {stream.keep} nothing of it is left: declare a rollup of what to keep"


def not_in_this_version(catalog: Catalog) -> Hits:
    """Only what this version carries out may be declared."""
    for pack in catalog.packs:
        yield from ((of_pack(pack), f"{d.kind} {d.name!r} is of a later version: remove it") for d in pack.later)
        named = ((r, g) for r in pack.roles for g in r.grants if g.kind == "dashboard" and g.name != EVERYTHING)
        yield from ((of_role(r), f"dashboards by name are of a later version: remove {g.on!r}") for r, g in named)
    for stream in streams(catalog):
        yield from ((of_stream(stream), f"{word} is of a later version: remove it") for word in _later(stream))
    for rollup, measure in measures(catalog):
        if isinstance(measure, (Level, Given)):
            yield of_measure(rollup, measure), f"{measure.kind} is of a later version: remove it"


def _later(stream: Stream) -> tuple[str, ...]:
    asked = (
        (stream.mode != "append", f"mode={stream.mode!r}"),
        (stream.home != "embedded", f"home={stream.home!r}"),
        (stream.time_kind not in ("instant", "date"), f"time_kind={stream.time_kind!r}"),
        (stream.erase is not None, f"erase={stream.erase!r}"),
    )
    return tuple(word for is_asked, word in asked if is_asked)


def data_reader_unknown(catalog: Catalog) -> Hits:
    """A pack's file of records is read by a declared reader."""
    for pack in catalog.packs:
        for file in pack.data:
            if file.reader not in catalog.readers:
                known = ", ".join(sorted(catalog.readers)) or "none"
                yield f"data {file.name!r}", f"there is no reader {file.reader!r} (known: {known}): name one"


def reader_stream_unknown(catalog: Catalog) -> Hits:
    """A reader makes records of a declared stream."""
    for pack in catalog.packs:
        for reader in pack.readers:
            if reader.stream not in catalog.streams:
                known = ", ".join(sorted(catalog.streams)) or "none"
                yield f"reader {reader.name!r}", f"there is no stream {reader.stream!r} (known: {known}): name one"
