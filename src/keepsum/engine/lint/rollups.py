"""Rules about rollups: what is grouped, filtered and measured exists, may outlive people, and stays small."""

from collections.abc import Iterator
from itertools import combinations
from math import prod

from keepsum.engine.lint.finding import (
    Hits,
    groupable,
    leaves,
    measures,
    of_measure,
    of_metric,
    of_rollup,
    rollups,
    streams,
)
from keepsum.model.catalog import Catalog, most_of
from keepsum.model.filter import Filter, Value
from keepsum.model.rollup import (
    AtGrains,
    Distinct,
    Given,
    Level,
    Max,
    Measure,
    Min,
    Quantiles,
    Rollup,
    Sum,
    Uniques,
)
from keepsum.model.stream import PUBLIC, SECRET, Boolean, Choice, Field, Integer, Number, Stream

MOST_GROUPS = 2_000  # with uniques, a day: a register set of 4 KB each


def stream_of_other_catalog(catalog: Catalog) -> Hits:
    """A rollup is of a stream that is declared, exactly so, in this catalog."""
    for rollup in rollups(catalog):
        if rollup.of not in streams(catalog):
            yield of_rollup(rollup), f"its stream {rollup.of.name!r} is not the one declared: use the declared one"


def field_unknown(catalog: Catalog) -> Hits:
    """Dimensions, filters and measures name declared fields; a distinct may also count keys."""
    for rollup in rollups(catalog):
        for name in rollup.by:
            if rollup.of.field(name) is None and name != rollup.of.subject:
                yield of_rollup(rollup), _unknown("dimension", name, rollup.of)
        for measure in rollup.measures:
            yield from ((of_measure(rollup, measure), _unknown(*asked, rollup.of)) for asked in _asked(rollup, measure))


def _asked(rollup: Rollup, measure: Measure) -> Iterator[tuple[str, str]]:
    """Give what a measure names and its stream does not have; whom uniques count is a rule of its own."""
    stream, source = rollup.of, measure.source
    yield from (("filter", n) for n, _ in measure.where if stream.field(n) is None and n != stream.subject)
    keys = (stream.key, stream.subject) if isinstance(measure, Distinct) else ()
    if source is not None and not isinstance(measure, Uniques) and stream.field(source) is None and source not in keys:
        yield "source", source


def _unknown(noun: str, name: str, stream: Stream) -> str:
    known = ", ".join(f.name for f in stream.fields) or "none"
    return f"its {noun} {name!r} is no field of stream {stream.name!r} (fields: {known}): name one"


def filter_impossible(catalog: Catalog) -> Hits:
    """A filter asks for values that its field can have."""
    for rollup, measure in measures(catalog):
        yield from ((of_measure(rollup, measure), m) for m in _impossible(rollup.of, measure.where))
    for metric, leaf in leaves(catalog):
        yield from ((of_metric(metric), m) for m in _impossible(leaf.rollup.of, leaf.filter))


def _impossible(stream: Stream, where: Filter) -> Iterator[str]:
    for name, values in where:
        declared = stream.field(name)
        if declared is None or declared.exposure is not PUBLIC:
            continue
        if not groupable(declared):
            yield f"records are not filtered by {name!r}: filter by a text, a choice, a boolean or an integer"
        elif not values or not all(_possible(declared, v) for v in values):
            yield f"its filter asks {name!r} for what it can never be: list values of the field, or None"


def _possible(declared: Field, value: Value) -> bool:
    match declared:
        case _ if value is None:
            return not declared.required
        case Choice():
            return value in declared.options
        case Boolean():
            return isinstance(value, bool)
        case Integer():
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, str)


def dimension_personal(catalog: Catalog) -> Hits:
    """No dimension and no filter is personal or secret, because its values outlive the records.

    A distinct may be of a personal field: only counts and, until a day's lateness ends, keyed fingerprints are kept.
    """
    for rollup in rollups(catalog):
        personal = (name for name in rollup.by if _is_personal(rollup.of, name))
        yield from ((of_rollup(rollup), _personal("dimension", name)) for name in personal)
        for measure in rollup.measures:
            filtered = (name for name, _ in measure.where if _is_personal(rollup.of, name))
            yield from ((of_measure(rollup, measure), _personal("filter", name)) for name in filtered)


def _is_personal(stream: Stream, name: str) -> bool:
    declared = stream.field(name)
    return name == stream.subject or (declared is not None and declared.exposure is not PUBLIC)


def _personal(noun: str, name: str) -> str:
    remedy = "say sensitivity=PUBLIC or most= if its values never name a person, else remove it"
    return f"its {noun} {name!r} is personal or secret: {remedy}"


def source_secret(catalog: Catalog) -> Hits:
    """No measure reads a secret field, because its values are dropped at the door."""
    for rollup, measure in measures(catalog):
        declared = _source(rollup, measure)
        if declared is not None and declared.exposure is SECRET:
            yield of_measure(rollup, measure), f"field {declared.name!r} is secret and never stored: measure another"


def extreme_personal(catalog: Catalog) -> Hits:
    """No min or max is of a personal field, because it would keep the value of one person."""
    for rollup, measure in measures(catalog):
        declared = _source(rollup, measure)
        if isinstance(measure, (Min, Max)) and declared is not None and declared.exposure not in (PUBLIC, SECRET):
            message = f"it would keep one person's {declared.name!r}: ask for quantiles or a sum instead"
            yield of_measure(rollup, measure), message


def dimension_not_textual(catalog: Catalog) -> Hits:
    """A dimension is a text, a choice, a boolean or an integer."""
    for rollup in rollups(catalog):
        for name in rollup.by:
            declared = rollup.of.field(name)
            if declared is not None and not groupable(declared):
                message = f"its dimension {name!r} is a {type(declared).__name__}: measure it instead"
                yield of_rollup(rollup), message


def number_expected(catalog: Catalog) -> Hits:
    """Sums, extremes and quantiles are of a number field."""
    for rollup, measure in measures(catalog):
        declared = _source(rollup, measure)
        numeric = isinstance(measure, (Sum, Min, Max, Quantiles, Level, Given))
        if numeric and declared is not None and not isinstance(declared, Number):
            message = (
                f"{measure.kind} needs a number, and {declared.name!r} is a {type(declared).__name__}: name another"
            )
            yield of_measure(rollup, measure), message


def uniques_of_subject(catalog: Catalog) -> Hits:
    """Uniques count the stream's subject, and nothing else."""
    for rollup, measure in measures(catalog):
        subject = rollup.of.subject
        if isinstance(measure, Uniques) and subject is None:
            yield (
                of_measure(rollup, measure),
                f"stream {rollup.of.name!r} has no subject: declare one, or use a distinct",
            )
        elif isinstance(measure, Uniques) and measure.of != subject:
            yield of_measure(rollup, measure), f"it must count the subject: say of={subject!r}"


def distinct_recurs(catalog: Catalog) -> Hits:
    """A distinct names what it counts: values that live on one day, so never subjects, choices or booleans."""
    for rollup, measure in measures(catalog):
        if not isinstance(measure, Distinct):
            continue
        if measure.source is None:
            yield of_measure(rollup, measure), "it does not say what it counts: name the field in of="
        elif measure.source == rollup.of.subject:
            yield of_measure(rollup, measure), "subjects come back on other days: use Uniques"
        elif isinstance(_source(rollup, measure), (Choice, Boolean)):
            yield (
                of_measure(rollup, measure),
                f"values of {measure.source!r} come back on other days: make it a dimension",
            )


def grain_unknown(catalog: Catalog) -> Hits:
    """The grains of a measure are made of its rollup's dimensions."""
    for rollup, measure in measures(catalog):
        grains = (measure.at or ()) if isinstance(measure, AtGrains) else ()
        for name in dict.fromkeys(n for grain in grains for n in grain if n not in rollup.by):
            yield (
                of_measure(rollup, measure),
                f"at= names {name!r}, which the rollup is not by: add it there, or drop it",
            )
        if isinstance(measure, AtGrains) and measure.at == ():
            yield of_measure(rollup, measure), "at= names no grain: write at=((),) for the total alone"


def too_many_groups(catalog: Catalog) -> Hits:
    """Uniques are kept at no grain that may have over 2,000 groups a day."""
    for rollup, measure in measures(catalog):
        if not isinstance(measure, Uniques):
            continue
        for grain in rollup.grains(measure):
            groups = prod(_values_of(rollup.of.field(name)) for name in grain)
            if groups > MOST_GROUPS:
                remedy = "lower most=, or name coarser grains in at="
                yield of_measure(rollup, measure), f"up to {groups:,} groups a day by {', '.join(grain)}: {remedy}"


def _values_of(declared: Field | None) -> int:
    match declared:
        case Choice():
            return len(declared.options)
        case Boolean():
            return 2
        case _:
            return most_of(declared)


def rollups_not_nested(catalog: Catalog) -> Hits:
    """Of two rollups of a stream with a subject, the dimensions of one contain those of the other."""
    for one, other in combinations(rollups(catalog), 2):
        apart = not (set(one.by) <= set(other.by) or set(other.by) <= set(one.by))
        if apart and one.of.name == other.of.name and one.of.subject is not None:
            message = (
                f"neither its dimensions nor those of rollup {other.name!r} contain the other's: what is hidden in "
                "one may be narrowed down by subtracting the other; declare both finer, or accept the difference"
            )
            yield of_rollup(one), message


def _source(rollup: Rollup, measure: Measure) -> Field | None:
    return rollup.of.field(measure.source) if measure.source is not None else None
