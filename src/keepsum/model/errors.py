"""The few kinds of error, and the named refusals that are not errors."""

import traceback
from dataclasses import dataclass
from enum import StrEnum

_DEEPEST = 10  # causes of causes that are told


class KeepsumError(Exception):
    """Something was not done; `code` is stable, the message names what and says what to do."""

    kind = "error"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)  # both, so that it comes whole out of another process
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
    """Not now: a resource is missing, damaged or out of reach; perhaps in so many seconds, where that is known."""

    kind = "unavailable"
    seconds: int | None = None


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


def about(error: BaseException) -> dict[str, str]:
    """Give what a log may say of an error: our own message; of others the lines of code, as theirs may hold values."""
    if isinstance(error, KeepsumError):
        return {"error": str(error)}
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < _DEEPEST:
        parts.append("".join(traceback.format_tb(cause.__traceback__)) + type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return {"error": type(error).__name__, "traceback": "\nfrom\n".join(parts)}
