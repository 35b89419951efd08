"""The vocabulary a pack imports, and nothing else."""

from keepsum.model.catalog import Pack, Reader
from keepsum.model.metric import Metric
from keepsum.model.rollup import (
    Count,
    Cumulative,
    Declared,
    Distinct,
    Given,
    Level,
    Max,
    Min,
    Quantiles,
    Ratio,
    Rollup,
    Sum,
    Uniques,
)
from keepsum.model.stream import (
    FOREVER,
    PERSONAL,
    PUBLIC,
    SECRET,
    Boolean,
    Choice,
    Decimal,
    Duration,
    Integer,
    Money,
    Stream,
    Text,
    days,
    months,
    years,
)

__all__ = [
    "FOREVER", "PERSONAL", "PUBLIC", "SECRET", "Boolean", "Choice", "Count", "Cumulative", "Decimal", "Declared",
    "Distinct", "Duration", "Given", "Integer", "Level", "Max", "Metric", "Min", "Money", "Pack", "Quantiles",
    "Ratio", "Reader", "Rollup", "Stream", "Sum", "Text", "Uniques", "days", "months", "years",
]
