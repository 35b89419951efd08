"""Rules about metrics: a formula reads what is declared, merges over days, and adds like to like."""

from collections.abc import Iterator

from keepsum.engine.lint.finding import Hits, Rule, leaves, metrics, nodes, of_metric, own_nodes
from keepsum.model.catalog import Catalog
from keepsum.model.metric import Metric
from keepsum.model.rollup import (
    Arithmetic,
    AtGrains,
    Count,
    Cumulative,
    Formula,
    Max,
    MeasureOf,
    Min,
    Quantiles,
    Ratio,
    Scaled,
    Sum,
)
from keepsum.model.stream import DIGITS, Money, Number

KNOWN = (MeasureOf, Arithmetic, Scaled, Ratio, Cumulative, Metric)
SINCE = ("range", "year", "month")


def formula_malformed(catalog: Catalog) -> Hits:
    """A formula is built from measures and metrics by +, -, *, / and Cumulative; direction and decimals are known."""
    for metric in metrics(catalog):
        if metric.direction not in ("up", "down", "none"):
            yield of_metric(metric), f"direction={metric.direction!r} is unknown: say 'up', 'down' or 'none'"
        if not 0 <= metric.decimals <= DIGITS:
            yield of_metric(metric), f"decimals={metric.decimals} is not within 0 and {DIGITS}: choose another"
        yield from ((of_metric(metric), message) for node in own_nodes(metric.formula) for message in _malformed(node))


def _malformed(node: Formula) -> Iterator[str]:
    if not isinstance(node, KNOWN):
        yield f"{type(node).__name__} is no formula: build one from measures and metrics"
    elif isinstance(node, Arithmetic) and node.op not in ("+", "-"):
        yield f"{node.op!r} is no operation: add or subtract"
    elif isinstance(node, Cumulative) and node.since not in SINCE:
        yield f"since={node.since!r} is unknown: say {', '.join(map(repr, SINCE))}"


def metric_of_other_catalog(catalog: Catalog) -> Hits:
    """A metric reads measures and metrics that are declared, exactly so, in this catalog."""
    for metric in metrics(catalog):
        for node in own_nodes(metric.formula):
            match node:
                case MeasureOf() if not _is_declared(catalog, node):
                    read = f"measure {node.measure.name!r} of rollup {node.rollup.name!r}"
                    yield of_metric(metric), f"it reads {read}, which is not declared so: read the declared one"
                case Metric() if catalog.metrics.get(node.name) != node:
                    yield of_metric(metric), f"it reads metric {node.name!r}, which is not declared so: declare it"
                case _:
                    pass


def _is_declared(catalog: Catalog, leaf: MeasureOf) -> bool:
    return catalog.rollups.get(leaf.rollup.name) == leaf.rollup and leaf.measure in leaf.rollup.measures


def filter_not_a_dimension(catalog: Catalog) -> Hits:
    """A metric filters a measure by dimensions of its rollup only."""
    for metric, leaf in leaves(catalog):
        for name in dict.fromkeys(name for name, _ in leaf.filter if name not in leaf.rollup.by):
            remedy = f"use a rollup by {name!r}, or declare a measure with where="
            yield of_metric(metric), f"rollup {leaf.rollup.name!r} is not by {name!r}: {remedy}"


def grain_missing(catalog: Catalog) -> Hits:
    """A measure that does not add over dimensions is filtered only where a grain with those dimensions is kept."""
    for metric, leaf in leaves(catalog):
        asked = {name for name, _ in leaf.filter}
        if not isinstance(leaf.measure, AtGrains) or not asked <= set(leaf.rollup.by):
            continue
        if not any(asked <= set(grain) for grain in leaf.rollup.grains(leaf.measure)):
            wanted = tuple(name for name in leaf.rollup.by if name in asked)
            yield of_metric(metric), f"measure {leaf.measure.name!r} is not kept at {wanted}: add that grain to its at="


def quantile_unnamed(catalog: Catalog) -> Hits:
    """A metric over quantiles says which one, between 0 and 1; other measures have none."""
    for metric, leaf in leaves(catalog):
        name = leaf.measure.name
        if not isinstance(leaf.measure, Quantiles):
            if leaf.q is not None:
                yield of_metric(metric), f"measure {name!r} has no quantiles: drop .quantile(), or measure Quantiles"
        elif leaf.q is None:
            yield of_metric(metric), f'measure {name!r} is a whole distribution: say which, as in .quantile("0.5")'
        elif not 0 < leaf.q < 1:
            yield of_metric(metric), f"the quantile {leaf.q} of {name!r} is not between 0 and 1: choose another"


def ratio_does_not_merge(catalog: Catalog) -> Hits:
    """Ratios and arithmetic are over what adds up or merges, and what runs on over time adds up over time."""
    for metric in metrics(catalog):
        yield from ((of_metric(metric), message) for node in own_nodes(metric.formula) for message in _unmerged(node))


def _unmerged(node: Formula) -> Iterator[str]:
    if isinstance(node, Cumulative):
        for inside in nodes(node.of):
            if isinstance(inside, (Ratio, Cumulative)):
                yield f"a {_noun(inside)} does not add up over time: make cumulative what it is made of"
            elif isinstance(inside, MeasureOf) and not isinstance(inside.measure, (Count, Sum)):
                yield f"{_measured(inside)} do not add up over time: ask for the range itself instead"
    elif isinstance(node, (Ratio, Arithmetic)):
        for inside in nodes(node):
            if isinstance(inside, Cumulative):
                yield f"a {_noun(node)} does not take what is cumulative: make it of the plain metrics"
            elif isinstance(inside, MeasureOf) and isinstance(inside.measure, (Min, Max, Quantiles)):
                yield f"{_measured(inside)} do not merge in a {_noun(node)}: show them as metrics of their own"


def _noun(node: Formula) -> str:
    match node:
        case Ratio():
            return "ratio"
        case Cumulative():
            return "cumulative metric"
        case _:
            return "sum or difference"


def _measured(leaf: MeasureOf) -> str:
    return f"values of {leaf.measure.kind} {leaf.measure.name!r}"


def currencies_mixed(catalog: Catalog) -> Hits:
    """Amounts of two currencies are never added, and never shown as another."""
    return _mixed(catalog, money=True)


def units_mixed(catalog: Catalog) -> Hits:
    """Only numbers of one unit are added, and a metric does not call that unit by another name."""
    return _mixed(catalog, money=False)


def _mixed(catalog: Catalog, *, money: bool) -> Hits:
    currencies = {f.unit for s in catalog.streams.values() for f in s.fields if isinstance(f, Money)}
    for metric in metrics(catalog):
        for one, other in _clashes(metric):
            if ({one, other} <= currencies) is money:
                remedy = "make a metric of each" if money else "convert one before, or make a metric of each"
                yield of_metric(metric), f"it takes {one or 'plain'!r} and {other or 'plain'!r} for one: {remedy}"


def _clashes(metric: Metric) -> Iterator[tuple[str, str]]:
    for node in own_nodes(metric.formula):
        if isinstance(node, Arithmetic) and (left := unit_of(node.left)) != (right := unit_of(node.right)):
            yield left, right
    measured = unit_of(metric.formula)
    # A quotient and a multiple are something new, and a plain number may be given a unit.
    given_new = isinstance(metric.formula, (Ratio, Scaled)) or not measured or not metric.unit
    if not given_new and measured != metric.unit:
        yield measured, metric.unit


def unit_of(formula: Formula) -> str:
    """Give the unit that a formula comes to, which is empty for plain numbers."""
    match formula:
        case Metric():
            return formula.unit or unit_of(formula.formula)
        case MeasureOf():
            return _source_unit(formula)
        case Arithmetic():
            return unit_of(formula.left)
        case Scaled() | Cumulative():
            return unit_of(formula.of)
        case Ratio():
            return _quotient(unit_of(formula.numerator), unit_of(formula.denominator))
        case _:
            return ""


def _source_unit(leaf: MeasureOf) -> str:
    if not isinstance(leaf.measure, (Sum, Min, Max, Quantiles)):
        return ""
    source = leaf.rollup.of.field(leaf.measure.source or "")
    return source.unit if isinstance(source, Number) else ""


def _quotient(numerator: str, denominator: str) -> str:
    if numerator == denominator:
        return ""
    return f"{numerator}/{denominator}" if denominator else numerator


# What holds for any formula that is made of declared measures and metrics, whoever made it.
RULES = (
    Rule("FILTER_NOT_A_DIMENSION", filter_not_a_dimension),
    Rule("GRAIN_MISSING", grain_missing),
    Rule("QUANTILE_UNNAMED", quantile_unnamed),
    Rule("RATIO_DOES_NOT_MERGE", ratio_does_not_merge),
    Rule("CURRENCIES_MIXED", currencies_mixed),
    Rule("UNITS_MIXED", units_mixed),
)
