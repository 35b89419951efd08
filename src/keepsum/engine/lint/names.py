"""Rules about names: they become columns, tables and addresses, so they are plain, and each means one thing."""

import dataclasses
import re
from collections.abc import Iterable, Iterator

from keepsum.engine.lint.finding import (
    Hits,
    fields,
    measures,
    metrics,
    of_field,
    of_measure,
    of_metric,
    of_pack,
    of_role,
    of_rollup,
    of_stream,
    roles,
    rollups,
    streams,
)
from keepsum.engine.schedule import check
from keepsum.model.access import ROLES
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.day import Grain
from keepsum.model.errors import Invalid
from keepsum.model.metric import OWN
from keepsum.model.rollup import Measure, Rollup, Sum
from keepsum.model.setting import Setting

LONGEST_NAME = 40
NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}")
# Capitals that do not look like one of our own.
SETTING = re.compile(r"(?!KEEPSUM_)[A-Z][A-Z0-9_]{0,59}")
SETTING_KINDS = {"text": str, "integer": int, "boolean": bool, "secret": type(None)}
# What columns and questions call something else already.
COLUMNS = ("time", "key", "subject", "slot", "rank", "bucket", "epoch", "booked", "people", "largest")
RESERVED = frozenset((*COLUMNS, *(str(grain) for grain in Grain)))
# TRICKY: `token_daily.by` is the rollup's own attribute, so a measure called "by" could never be asked for.
ROLLUP_WORDS = frozenset(
    (*(f.name for f in dataclasses.fields(Rollup)), Rollup.measure.__name__, Rollup.grains.__name__)
)


def name_malformed(catalog: Catalog) -> Hits:
    """A name is a small letter and then up to 39 small letters, digits and underscores, and not a reserved word."""
    for subject, name, taken in _named(catalog):
        if not NAME.fullmatch(name):
            yield subject, f"the name {name!r} must be a small letter, then up to 39 of a-z, 0-9 and _: rename it"
        elif name in taken:
            yield subject, f"the name {name!r} is reserved ({', '.join(sorted(taken))}): choose another"
    for metric in metrics(catalog):
        if metric.name.startswith(OWN):
            yield of_metric(metric), f"names with {OWN!r} in front are of metrics that people make: rename it"


def _named(catalog: Catalog) -> Iterator[tuple[str, str, frozenset[str]]]:
    none = frozenset[str]()
    yield from ((of_pack(p), p.name, none) for p in catalog.packs)
    yield from ((f"reader {r.name!r}", r.name, none) for p in catalog.packs for r in p.readers)
    for stream in streams(catalog):
        yield of_stream(stream), stream.name, RESERVED
        # A record may well call its time "time": these three are what the reserved words stand for.
        yield from ((of_stream(stream), name, none) for name in (stream.time, stream.key, stream.subject) if name)
    yield from ((of_field(s, f), f.name, RESERVED) for s, f in fields(catalog))
    yield from ((of_rollup(r), r.name, RESERVED) for r in rollups(catalog))
    yield from ((of_measure(r, m), m.name, RESERVED | ROLLUP_WORDS) for r, m in measures(catalog))
    yield from ((of_metric(m), m.name, RESERVED) for m in metrics(catalog))
    yield from ((of_role(r), r.name, none) for r in roles(catalog))
    yield from ((f"dataset {d.name!r}", d.name, none) for p in catalog.packs for d in p.datasets)
    yield from ((f"dashboard {d.name!r}", d.name, none) for p in catalog.packs for d in p.dashboards)


def name_taken(catalog: Catalog) -> Hits:
    """A name is declared once: of its kind in all packs, within its stream or rollup, as a metric or a dimension."""
    everywhere = (
        ("pack", (p.name for p in catalog.packs)),
        ("stream", (s.name for s in streams(catalog))),
        ("rollup", (r.name for r in rollups(catalog))),
        ("metric", (m.name for m in metrics(catalog))),
        ("reader", (r.name for p in catalog.packs for r in p.readers)),
        ("dataset", (d.name for p in catalog.packs for d in p.datasets)),
        ("role", (*ROLES, *(r.name for r in roles(catalog)))),
        ("file", (d.name for p in catalog.packs for d in p.data)),
    )
    for noun, names in everywhere:
        yield from ((f"{noun} {name!r}", f"two {noun}s have this name: rename one") for name in _twice(names))
    for pack in catalog.packs:
        yield from ((of_pack(pack), _within("dashboard", name)) for name in _twice(d.name for d in pack.dashboards))
    for stream in streams(catalog):
        yield from ((of_stream(stream), _within("field", name)) for name in _twice(stream.names()))
    for rollup in rollups(catalog):
        yield from ((of_rollup(rollup), _within("dimension", name)) for name in _twice(rollup.by))
        yield from ((of_rollup(rollup), _within("measure", name)) for name in _twice(_columns(rollup.measures)))
    dimensions = {name for r in rollups(catalog) for name in r.by}
    for metric in metrics(catalog):
        if metric.name in dimensions:
            yield of_metric(metric), "a dimension has this name, and an answer shows both: rename the metric"


def nightly_unfit(catalog: Catalog) -> Hits:
    """A pack that says when its nightly work is done says so as a cron expression of five fields."""
    for pack in catalog.packs:
        if pack.nightly is not None:
            try:
                check(pack.nightly.cron, "UTC")
            except Invalid as error:
                yield of_pack(pack), error.message


def setting_unfit(catalog: Catalog) -> Hits:
    """A pack's setting has a name of capitals, once, and a default of its own kind; lengths name whole numbers."""
    for pack in catalog.packs:
        yield from ((of_pack(pack), _within("setting", name)) for name in _twice(s.name for s in pack.settings))
        for one in pack.settings:
            if not SETTING.fullmatch(one.name):
                message = f"the setting {one.name!r} must be a capital, then up to 59 of A-Z, 0-9 and _: rename it"
                yield of_pack(pack), message
            if one.kind not in SETTING_KINDS:
                yield of_pack(pack), f"the setting {one.name!r} is of no kind: choose one of {', '.join(SETTING_KINDS)}"
            elif one.default is not None and type(one.default) is not SETTING_KINDS[one.kind]:
                yield of_pack(pack), f"the default of setting {one.name!r} is not of kind {one.kind!r}: choose another"
        whole = {one.name for one in pack.settings if one.kind == "integer"}
        for name in sorted(_lengths(pack) - whole):
            yield of_pack(pack), f"a length names {name!r}, which is no setting of kind 'integer': declare it"


def _lengths(pack: Pack) -> set[str]:
    """Give the settings that lengths of time name."""
    lengths = [length for s in pack.streams for length in (s.keep, s.late, s.settles, s.reread)]
    lengths += [r.keep for r in pack.rollups if r.keep is not None]
    return {length.setting for length in lengths if length.setting is not None}


def setting_ambiguous(catalog: Catalog) -> Hits:
    """No two packs read a setting from the same variable of the environment."""
    first = dict[str, tuple[Pack, Setting]]()
    for pack in catalog.packs:
        for one in pack.settings:
            variable = one.variable(pack.name)
            other, taken = first.setdefault(variable, (pack, one))
            if other.name != pack.name:
                read = f"setting {taken.name!r} of pack {other.name!r}"
                yield of_pack(pack), f"the setting {one.name!r} is read from {variable}, as {read} is: rename one"


def _columns(declared: Iterable[Measure]) -> Iterator[str]:
    # An exact sum takes two columns, and no other measure may sit on them.
    for measure in declared:
        yield measure.name
        if isinstance(measure, Sum):
            yield from (f"{measure.name}_hi", f"{measure.name}_lo")


def _within(noun: str, name: str) -> str:
    return f"the {noun} {name!r} is there twice: rename or remove one"


def _twice(names: Iterable[str]) -> Iterator[str]:
    seen = dict[str, int]()
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    return (name for name, count in seen.items() if count > 1)


def measure_ambiguous(catalog: Catalog) -> Hits:
    """A measure's name means the same in every rollup of a stream, so that people know what they see."""
    first = dict[tuple[str, str], tuple[Rollup, Measure]]()
    for rollup, measure in measures(catalog):
        other, meant = first.setdefault((rollup.of.name, measure.name), (rollup, measure))
        if other.name != rollup.name and _meaning(meant) != _meaning(measure):
            yield of_measure(rollup, measure), f"it means something else in rollup {other.name!r}: rename one"


def _meaning(measure: Measure) -> tuple[object, ...]:
    return type(measure), measure.source, measure.where
