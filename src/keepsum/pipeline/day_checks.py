"""What was compared when a day was sealed, check by check, as its seal says; checking it again gives the same list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from keepsum.model.control import Control
from keepsum.model.counted import counted
from keepsum.model.ledger import Entry
from keepsum.model.stream import Stream
from keepsum.store.days import DayState

# Every check in the order it is shown, and what it says when it holds.
ABOUT: Mapping[str, str] = {
    "ENTRIES_CHAINED": "Every ledger entry about the day hashes to what it says and follows the one before it.",
    "DAY_CUT": "The day is the interval of time that was sealed, and stands under its newest seal.",
    "RECORDS_COUNTED": "There are as many records as were accepted.",
    "NUMBERS_SUMMED": "Every number of the records adds up to the same exact sum.",
    "RECORDS_HASHED": "The keyed hash over every record, as it was stored, is the same.",
    "FILES_WHOLE": "The files that hold the records are byte for byte those that were sealed.",
    "ROWS_STORED": "The figures that are stored are row for row those that were proven.",
    "PARTS_STORED": "Uniques, quantiles and distinct counts are stored byte for byte as they were proven.",
    "ROLLED_TWICE": "Rolling the records up by two independent ways gives exactly the figures that are stored.",
}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One comparison: `passed` is None where it was not, or cannot be, made; `detail` says what of, or why not."""

    code: str
    passed: bool | None
    detail: str | None = None

    @property
    def about(self) -> str:
        """What holds when the check passes."""
        return ABOUT[self.code]


def claimed(stream: Stream, state: DayState, seal: Entry | None, *, is_attached: bool) -> tuple[Check, ...]:
    """Give what was compared when a day was sealed; nothing of a day that is not, or no longer, under its seal."""
    if seal is None:
        return _undone("The day is not sealed yet.")
    if not state.is_sealed and not state.purge:
        return _undone("Records came after the seal: the next roll-up proves the day again.")
    body: dict[str, Any] = dict(seal.body)
    control, rollups = Control.from_json(body["control"]), body["rollups"]
    files = counted(len(body["segments"]), "files")
    said = {
        "ENTRIES_CHAINED": f"Entry {seal.seq}.",
        "DAY_CUT": f"{body['zone']}, tzdata {body['tzdata']}.",
        "RECORDS_COUNTED": f"{counted(control.records, 'records')}.",
        "NUMBERS_SUMMED": summed(stream, control),
        "RECORDS_HASHED": f"{control.hash_a:016x} {control.hash_b:016x}.",
        "FILES_WHOLE": "The records live in the application's own database." if is_attached else f"{files}.",
        "ROWS_STORED": _rows(rollups),
        "PARTS_STORED": f"{counted(len(rollups), 'rollups')}.",
        "ROLLED_TWICE": f"{counted(len(rollups), 'rollups')}.",
    }
    undone = {"FILES_WHOLE"} if is_attached else set[str]()
    return tuple(Check(code=code, passed=None if code in undone else True, detail=said[code]) for code in ABOUT)


def summed(stream: Stream, control: Control) -> str:
    """Give exact sums in words, in the units of their fields."""
    declared = {f"f_{field.name}": field for field in stream.numbers}
    told: list[str] = []
    for name, total in control.sums.items():
        field = declared.get(name)
        amount = Decimal(total).scaleb(-(field.scale if field else 0))
        told.append(" ".join(part for part in (name.removeprefix("f_"), f"{amount:,f}", field and field.unit) if part))
    return f"{', '.join(told)}." if told else "No number adds up to anything but zero."


def purged(state: DayState) -> str:
    """Say that a day's records are gone, so that nothing can be compared with them."""
    begun = "were deleted" if state.purge == "purged" else "are being deleted"
    return f"The records {begun}; the seal keeps what they came to."


def _rows(rollups: Iterable[Mapping[str, Any]]) -> str:
    listed = ", ".join(f"{one['rollup']} {counted(one['rows'], 'rows')}" for one in rollups)
    return f"{listed}." if listed else "No rollup is declared."


def _undone(why: str) -> tuple[Check, ...]:
    return tuple(Check(code=code, passed=None, detail=why) for code in ABOUT)
