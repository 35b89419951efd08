"""What comes back: rows and the labels that say what each number is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Cell = str | int | Decimal | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: `kind` is time, dimension, metric, comparison or error."""

    name: str
    kind: str
    unit: str = ""
    scale: int = 0


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many days of the range are covered by the stream, and which are missing, as ISO dates."""

    days: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What the numbers are.

    `exact` is false when any metric is an estimate, then `error` gives each metric's relative error (three
    standard errors, and with `SEVERAL_EPOCHS` up to the sum of all), where it has a bound: a difference of estimates
    has none. `final` is false while a day of the range is not sealed. `suppressed` says that small groups were hidden.
    `notes` are named remarks such as `AT_MOST`.
    """

    exact: bool
    final: bool
    coverage: Coverage
    suppressed: bool
    guarded: bool
    basis: str
    sources: Mapping[str, int]
    error: Mapping[str, float] = field(default_factory=dict[str, float])
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Explain:
    """How the answer came about: what the caller may see and why, route per day, refusals by name, seconds per step.

    `rows_read` is None for a caller who sees the rows of some actors only.
    """

    access: tuple[Mapping[str, object], ...]
    routes: tuple[Mapping[str, object], ...]
    refusals: tuple[Mapping[str, object], ...]
    rows_read: int | None
    seconds: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Leader:
    """Somebody who has much of a metric, by the id of records, with fields as the last of these records has them.

    Of a stream in an application's own database they are as most of its rows have them.
    """

    subject: str
    value: int | Decimal
    fields: Mapping[str, str | int | bool | Decimal | None] = field(
        default_factory=dict[str, str | int | bool | Decimal | None]
    )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Rows of cells in the order of `columns`; a missing value is None, never zero."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    labels: Labels
    totals: tuple[Cell, ...] | None = None
    explain: Explain | None = None

    def by_column(self) -> list[dict[str, Cell]]:
        """Give each row as its cells by the names of their columns."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]
