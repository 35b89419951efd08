"""What lint says, how a rule is kept in the table, and the walks over a catalog that the rules share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from keepsum.model.access import Role
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.metric import Metric
from keepsum.model.rollup import Arithmetic, Cumulative, Formula, Measure, MeasureOf, Ratio, Rollup, Scaled
from keepsum.model.route import Route
from keepsum.model.stream import Boolean, Choice, Field, Integer, Stream, Text

Severity = Literal["error", "warning"]
Hits = Iterator[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One promise the catalog cannot keep: which rule, about what, what is wrong and what to do."""

    rule: str
    subject: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.rule}: {self.subject}: {self.message}"


@dataclass(frozen=True)
class Rule:
    """A named rule; `find` yields (subject, message) of every breach, its docstring says what is asked."""

    name: str
    find: Callable[[Catalog], Hits]
    severity: Severity = "error"

    @property
    def about(self) -> str:
        """What the rule asks, as one sentence."""
        return (self.find.__doc__ or "").strip()

    def findings(self, catalog: Catalog) -> Iterator[Finding]:
        """Give the breaches of this rule, in the order of the declarations."""
        for subject, message in self.find(catalog):
            yield Finding(rule=self.name, subject=subject, message=message, severity=self.severity)


# The walks go over the packs, not over the catalog's names, so that of two things of one name both are seen.


def streams(catalog: Catalog) -> Iterator[Stream]:
    """Give every declared stream."""
    return (s for pack in catalog.packs for s in pack.streams)


def fields(catalog: Catalog) -> Iterator[tuple[Stream, Field]]:
    """Give every declared field with its stream."""
    return ((s, f) for s in streams(catalog) for f in s.fields)


def rollups(catalog: Catalog) -> Iterator[Rollup]:
    """Give every declared rollup."""
    return (r for pack in catalog.packs for r in pack.rollups)


def measures(catalog: Catalog) -> Iterator[tuple[Rollup, Measure]]:
    """Give every declared measure with its rollup."""
    return ((r, m) for r in rollups(catalog) for m in r.measures)


def metrics(catalog: Catalog) -> Iterator[Metric]:
    """Give every declared metric."""
    return (m for pack in catalog.packs for m in pack.metrics)


def roles(catalog: Catalog) -> Iterator[Role]:
    """Give every role that a pack declares."""
    return (r for pack in catalog.packs for r in pack.roles)


def leaves(catalog: Catalog) -> Iterator[tuple[Metric, MeasureOf]]:
    """Give every measure that a metric's own formula reads; metrics inside it speak for themselves."""
    return ((m, node) for m in metrics(catalog) for node in own_nodes(m.formula) if isinstance(node, MeasureOf))


def children(formula: Formula) -> tuple[Formula, ...]:
    """Give the formulas directly inside one, left to right."""
    match formula:
        case Metric():
            return (formula.formula,)
        case Arithmetic():
            return (formula.left, formula.right)
        case Scaled() | Cumulative():
            return (formula.of,)
        case Ratio():
            return (formula.numerator, formula.denominator)
        case _:
            return ()


def nodes(formula: Formula) -> Iterator[Formula]:
    """Give a formula and everything inside it, metrics opened up."""
    yield formula
    for child in children(formula):
        yield from nodes(child)


def own_nodes(formula: Formula) -> Iterator[Formula]:
    """Give a formula and everything inside it, metrics left closed."""
    yield formula
    if not isinstance(formula, Metric):
        for child in children(formula):
            yield from own_nodes(child)


def groupable(declared: Field) -> bool:
    """Whether records may be grouped and filtered by the field: text, a choice, a boolean or a whole number."""
    return isinstance(declared, (Text, Choice, Boolean, Integer))


def of_pack(pack: Pack) -> str:
    """Name a pack."""
    return f"pack {pack.name!r}"


def of_role(role: Role) -> str:
    """Name a role."""
    return f"role {role.name!r}"


def of_route(route: Route) -> str:
    """Name a route."""
    return f"route '{route.method} {route.path}'"


def of_stream(stream: Stream) -> str:
    """Name a stream."""
    return f"stream {stream.name!r}"


def of_field(stream: Stream, declared: Field) -> str:
    """Name a field with its stream."""
    return f"field {declared.name!r} of stream {stream.name!r}"


def of_rollup(rollup: Rollup) -> str:
    """Name a rollup."""
    return f"rollup {rollup.name!r}"


def of_measure(rollup: Rollup, measure: Measure) -> str:
    """Name a measure with its rollup."""
    return f"measure {measure.name!r} of rollup {rollup.name!r}"


def of_metric(metric: Metric) -> str:
    """Name a metric."""
    return f"metric {metric.name!r}"
