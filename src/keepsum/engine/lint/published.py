"""Rules about published tables: where they go, which period a row is of, and that nobody is in them."""

from collections.abc import Iterator

from keepsum.engine.lint.finding import Hits, groupable
from keepsum.engine.lint.names import NAME
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.published import Published
from keepsum.model.stream import PUBLIC


def published_unfit(catalog: Catalog) -> Hits:
    """A published table has a name of its own, an address told as a secret, a day or a month, and declared metrics."""
    seen: set[str] = set()
    for pack in catalog.packs:
        for table in pack.published:
            subject = f"published table {table.name!r}"
            yield from ((subject, message) for message in _messages(catalog, pack, table))
            if table.name in seen:
                yield subject, "two published tables have this name: rename one"
            seen.add(table.name)


def _messages(catalog: Catalog, pack: Pack, table: Published) -> Iterator[str]:
    names = [name for name, _ in table.named]
    malformed = [name for name in (table.name, *names) if not NAME.fullmatch(name)]
    if malformed or len(set(names)) < len(names):
        yield "it and its columns need different names, each a small letter, then up to 39 of a-z, 0-9 and _: rename"
    if not any(one.name == table.into and one.kind == "secret" for one in pack.settings):
        yield f"its address {table.into!r} is no setting of kind 'secret': declare it"
    if sorted(part for _, part in table.periods) not in (["day"], ["month", "year"]):
        yield "it is of no one period: give it a column of 'day', or two of 'year' and 'month'"
    if table.when == "open" and table.grain != "day":
        yield "what is not sealed is published by day: give it a column of 'day'"
    yield from _about_metrics(catalog, table)
    yield from _about_dimensions(table)


def _about_metrics(catalog: Catalog, table: Published) -> Iterator[str]:
    if not table.metrics:
        yield "it has no column of a metric: give it one"
    for metric in table.every_metric:
        if catalog.metrics.get(metric.name) != metric:
            yield f"its metric {metric.name!r} is not the one declared: use the declared one"


def _about_dimensions(table: Published) -> Iterator[str]:
    if table.dimensions and table.nested:
        yield "it has dimensions and nested objects: split it into two tables"
    nested = [(one.by, one.streams) for _, one in table.nested if one.by is not None]
    for dimension, streams in (*((shown, table.streams) for _, shown in table.dimensions), *nested):
        for stream in streams:
            declared = stream.field(dimension)
            if declared is None or declared.exposure is not PUBLIC or not groupable(declared):
                yield f"its column of {dimension!r} is no dimension of stream {stream.name!r}: leave it out"
