"""Decides whether a formula that somebody wrote is a metric: the rules of packs, and that people are not added up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keepsum.engine import access
from keepsum.engine.formula import Malformed, Names, Parsed, Problem, read
from keepsum.engine.lint.metrics import RULES, unit_of
from keepsum.model.access import Caller
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.describe import text_of
from keepsum.model.metric import OWN, Direction, Metric, streams_of
from keepsum.model.rollup import Arithmetic, Distinct, Formula, MeasureOf, Scaled, Uniques


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A formula as it was understood: in words, with the unit it comes to; none where it is no formula."""

    formula: Formula | None
    text: str | None
    unit: str | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether it can be a metric."""
        return not self.problems


def every_name(catalog: Catalog) -> Names:
    """Give what formulas may be made of at all: metrics and measures of packs."""
    metrics = {m.name: m for pack in catalog.packs for m in pack.metrics}
    measures = (MeasureOf(rollup=r, measure=m) for r in catalog.rollups.values() for m in r.measures)
    return Names(metrics=metrics, measures=_by_name(measures))


def names_of(caller: Caller, catalog: Catalog) -> Names:
    """Give what a caller's formulas may be made of: what the caller may see anything of."""
    shown = access.visible_metrics(caller, catalog)
    metrics = {name: catalog.metrics[name] for name in shown if not name.startswith(OWN)}
    measures = access.visible_measures(caller, catalog)
    named = {leaf.rollup.of.name for leaf in measures if access.decide(caller, leaf.rollup, 0).names_actors}
    return Names(metrics=metrics, measures=_by_name(measures), faceless=frozenset(catalog.streams) - named)


def _by_name(measures: Iterator[MeasureOf] | tuple[MeasureOf, ...]) -> Mapping[str, MeasureOf]:
    return {f"{leaf.rollup.name}.{leaf.measure.name}": leaf for leaf in measures}


def judge(text: str, names: Names, *, unit: str = "") -> Judged:
    """Say whether a text is a formula that can be a metric, perhaps in a unit that somebody gives it."""
    try:
        parsed = read(text, names)
    except Malformed as error:
        return Judged(formula=None, text=None, unit=None, problems=(error.problem,))
    formula = parsed.formula
    problems = tuple(_placed(parsed, Metric("own_asked", formula, unit=unit)))
    return Judged(formula=formula, text=text_of(formula), unit=unit or unit_of(formula), problems=problems)


def _placed(parsed: Parsed, metric: Metric) -> Iterator[Problem]:
    """Give what a metric breaks, each where the innermost part of its text stands that breaks it by itself."""
    found = dict.fromkeys(_breaches(metric))
    parts = [(at, frozenset(_breaches(Metric(metric.name, part)))) for at, part in parsed.parts] if found else []
    for code, message in found:
        at = next((at for at, breaches in parts if (code, message) in breaches), 0)
        yield Problem(at=at, code=code, message=f"{message[:1].upper()}{message[1:]}.")


def _breaches(metric: Metric) -> Iterator[tuple[str, str]]:
    """Hold a metric against the rules that packs follow, and against adding up people."""
    alone = Catalog((Pack("own", streams=streams_of((metric,)), metrics=(metric,)),))
    for rule in RULES:
        yield from ((finding.rule, finding.message) for finding in rule.findings(alone))
    for name in dict.fromkeys(leaf.measure.name for leaf in _added(metric.formula)):
        yield "UNIQUES_ADDED", f"how many different there are of {name!r} does not add up: some would count twice"


def _added(formula: Formula, *, within: bool = False) -> Iterator[MeasureOf]:
    """Give the measures of how many different there are that are added or taken away, not only divided."""
    match formula:
        case Metric():
            yield from _added(formula.formula, within=within)
        case MeasureOf():
            if within and isinstance(formula.measure, (Uniques, Distinct)):
                yield formula
        case Arithmetic():
            for side in (formula.left, formula.right):
                yield from _added(side, within=True)
        case Scaled():
            yield from _added(formula.of, within=within)
        case _:
            return


@dataclass(frozen=True, kw_only=True)
class Given:
    """A metric as somebody wrote it; `decimals` are those of a quotient."""

    name: str
    formula: str
    unit: str = ""
    about: str = ""
    direction: Direction = "up"
    decimals: int = 2


def metric_of(given: Given, names: Names) -> Metric | None:
    """Give the metric that somebody wrote, or none where it cannot be one, as when a pack lost what it reads."""
    judged = judge(given.formula, names, unit=given.unit)
    if judged.formula is None or judged.problems:
        return None
    return Metric(
        given.name,
        judged.formula,
        unit=given.unit,
        about=given.about,
        direction=given.direction,
        decimals=given.decimals,
    )
