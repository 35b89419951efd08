"""What can be asked: metrics by dimensions, over a range, at a grain."""

from dataclasses import dataclass
from typing import Literal

from keepsum.model.day import Grain
from keepsum.model.filter import Filter

Basis = Literal["origin", "booked"]


@dataclass(frozen=True, kw_only=True)
class Order:
    """Which metric or dimension sorts the answer, and whether the largest comes first."""

    by: str
    descending: bool


@dataclass(frozen=True, kw_only=True)
class Query:
    """A question; `first` and `last` are day numbers, both included."""

    metrics: tuple[str, ...]
    first: int
    last: int
    by: tuple[str, ...] = ()
    grain: Grain = Grain.ALL
    where: Filter = ()
    compare: Literal["previous"] | None = None
    order: Order | None = None
    top: int | None = None
    totals: bool = False
    basis: Basis = "origin"
    guarded: bool = False
    explain: bool = False
