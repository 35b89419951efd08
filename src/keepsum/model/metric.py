"""What people ask for by name: a formula over measures, with its unit, direction and owner."""

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from keepsum.model.rollup import Arithmetic, Cumulative, Formula, MeasureOf, Ratio, Scaled
from keepsum.model.stream import Stream

Direction = Literal["up", "down", "none"]
RATIO_DECIMALS = 6
OWN = "own_"  # what the names of metrics begin with that people made, and no pack's: so neither ever takes the other's


@dataclass(frozen=True)
class Metric(Formula):
    """A named formula; `direction` says which way is better, `decimals` how many an exact quotient shows."""

    name: str
    formula: Formula
    _: KW_ONLY
    unit: str = ""
    about: str = ""
    direction: Direction = "up"
    owner: str = ""
    decimals: int = RATIO_DECIMALS

    @property
    def kind(self) -> Literal["simple", "ratio", "derived", "cumulative"]:
        """How the metric is computed."""
        match self.formula:
            case MeasureOf():
                return "simple"
            case Ratio():
                return "ratio"
            case Cumulative():
                return "cumulative"
            case _:
                return "derived"


def leaves(formula: Formula) -> Iterator[MeasureOf]:
    """Give every measure a formula reads, left to right."""
    match formula:
        case MeasureOf():
            yield formula
        case Metric():
            yield from leaves(formula.formula)
        case Arithmetic():
            yield from leaves(formula.left)
            yield from leaves(formula.right)
        case Scaled() | Cumulative():
            yield from leaves(formula.of)
        case Ratio():
            yield from leaves(formula.numerator)
            yield from leaves(formula.denominator)
        case _:
            raise TypeError(formula)


def streams_of(formulas: Iterable[Formula]) -> tuple[Stream, ...]:
    """Give the streams that metrics, or other formulas, are about, each once."""
    return tuple({leaf.rollup.of.name: leaf.rollup.of for formula in formulas for leaf in leaves(formula)}.values())
