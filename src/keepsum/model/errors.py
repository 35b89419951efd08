"""The few kinds of error, and the named refusals that are not errors."""

from dataclasses import dataclass
from enum import StrEnum


class KeepsumError(Exception):
    """Something was not done; `code` is stable, the message names what and says what to do."""

    kind = "error"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Invalid(KeepsumError):
    """The input breaks a rule; sending it again will not help."""

    kind = "invalid"


class NotFound(KeepsumError):
    """No such thing in this workspace."""

    kind = "not_found"


class Conflict(KeepsumError):
    """The input contradicts what is already there."""

    kind = "conflict"


class Forbidden(KeepsumError):
    """The caller may not do this."""

    kind = "forbidden"


class Unavailable(KeepsumError):
    """Not now: a resource is missing, damaged or out of reach."""

    kind = "unavailable"


class ProofFailed(KeepsumError):
    """Two figures that must be equal are not; nothing was published and nothing will be deleted."""

    kind = "proof_failed"


class Refusal(StrEnum):
    """Why a source cannot answer a question; `explain` shows it."""

    NOT_ROLLED = "NOT_ROLLED"
    NOT_SEALED = "NOT_SEALED"
    NOT_COLLECTED = "NOT_COLLECTED"
    DIMENSION_MISSING = "DIMENSION_MISSING"
    MEASURE_MISSING = "MEASURE_MISSING"
    GRAIN_TOO_COARSE = "GRAIN_TOO_COARSE"
    GUARDED_MEASURE = "GUARDED_MEASURE"
    DAY_DAMAGED = "DAY_DAMAGED"
    ROLLUP_EXPIRED = "ROLLUP_EXPIRED"


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Why one record of a batch was not accepted: never with its values."""

    index: int
    field: str
    code: str
    message: str
