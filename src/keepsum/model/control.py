"""Control: what is added up as records are accepted, and must come out again when they are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LANE = 1 << 64


@dataclass(frozen=True, kw_only=True)
class Control:
    """Count, exact sum of every number column, and two lanes of row hashes added up modulo 2**64."""

    records: int = 0
    hash_a: int = 0
    hash_b: int = 0
    sums: Mapping[str, int] = field(default_factory=dict[str, int])

    def __add__(self, other: "Control") -> "Control":
        """Give the control of both sets of records together."""
        return self._with(other, 1)

    def __sub__(self, other: "Control") -> "Control":
        """Give the control of these records without the others."""
        return self._with(other, -1)

    def _with(self, other: "Control", sign: int) -> "Control":
        names = self.sums.keys() | other.sums.keys()
        return Control(
            records=self.records + sign * other.records,
            hash_a=(self.hash_a + sign * other.hash_a) % LANE,
            hash_b=(self.hash_b + sign * other.hash_b) % LANE,
            sums={name: self.sums.get(name, 0) + sign * other.sums.get(name, 0) for name in sorted(names)},
        )

    def matches(self, other: "Control") -> bool:
        """Say whether two controls are of the same records; a sum that is not there counts as zero."""
        nothing = self - other
        return (nothing.records, nothing.hash_a, nothing.hash_b) == (0, 0, 0) and not any(nothing.sums.values())

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Control":
        """Give the control that `to_json` was made of."""
        return Control(
            records=value["records"],
            hash_a=int(value["hash_a"], 16),
            hash_b=int(value["hash_b"], 16),
            sums={name: int(total) for name, total in value["sums"].items()},
        )

    def to_json(self) -> dict[str, object]:
        """Give plain JSON values; numbers that may pass 2**53 are texts."""
        return {
            "records": self.records,
            "hash_a": f"{self.hash_a:016x}",
            "hash_b": f"{self.hash_b:016x}",
            "sums": {name: str(total) for name, total in sorted(self.sums.items())},
        }
