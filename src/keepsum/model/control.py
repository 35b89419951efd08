"""Control: what is added up as records are accepted, and must come out again when they are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keepsum.model.errors import ProofFailed

_MODULUS = 2**64
_SAFE = 2**53  # beyond it a reader of JSON may lose digits


@dataclass(frozen=True, kw_only=True)
class Control:
    """Count, row hashes (two lanes, each added modulo 2**64) and the exact sum of every number of some records.

    A sum of 0 is as good as none, so that a field added later changes no control from before.
    """

    records: int = 0
    hash_a: int = 0
    hash_b: int = 0
    sums: Mapping[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        """Brings the value to its one form, so that equal records have equal controls."""
        object.__setattr__(self, "hash_a", self.hash_a % _MODULUS)
        object.__setattr__(self, "hash_b", self.hash_b % _MODULUS)
        object.__setattr__(self, "sums", {name: self.sums[name] for name in sorted(self.sums) if self.sums[name]})

    @staticmethod
    def zero() -> "Control":
        """The control of no records."""
        return Control(records=0, hash_a=0, hash_b=0, sums={})

    def __add__(self, other: "Control") -> "Control":
        return self._combined(other, 1)

    def __sub__(self, other: "Control") -> "Control":
        return self._combined(other, -1)

    def _combined(self, other: "Control", sign: int) -> "Control":
        names = self.sums.keys() | other.sums.keys()
        return Control(
            records=self.records + sign * other.records,
            hash_a=self.hash_a + sign * other.hash_a,
            hash_b=self.hash_b + sign * other.hash_b,
            sums={name: self.sums.get(name, 0) + sign * other.sums.get(name, 0) for name in names},
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values of JSON, integers beyond 2**53 as text; the same control gives the same values."""
        return {
            "records": _token(self.records),
            "hash_a": _token(self.hash_a),
            "hash_b": _token(self.hash_b),
            "sums": {name: _token(amount) for name, amount in self.sums.items()},
        }

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Control":
        """The control that `to_json` wrote; `BAD_CONTROL` for anything else."""
        try:
            return Control(
                records=int(values["records"]),
                hash_a=int(values["hash_a"]),
                hash_b=int(values["hash_b"]),
                sums={name: int(amount) for name, amount in values["sums"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ProofFailed("BAD_CONTROL", "a stored control cannot be read: the store is damaged") from error


def _token(number: int) -> int | str:
    return number if -_SAFE < number < _SAFE else str(number)
