"""What was compared when a day was sealed, check by check, as its seal says; checking it again gives the same list."""

from collections.abc import Iterable, Iterator, Mapping
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

# Why a check was not, or cannot be, made.
UNDONE: Mapping[str, str] = {
    "NOT_SEALED": "The day is not sealed yet.",
    "TOUCHED": "Records came after the seal: the next roll-up proves the day again.",
    "RECORDS_PURGED": "The records were deleted; the seal keeps what they came to.",
    "RECORDS_PURGING": "The records are being deleted; the seal keeps what they came to.",
    "RECORDS_DAMAGED": "Not all of the records can be read.",
    "RECORDS_ELSEWHERE": "The records live in the application's own database.",
    "SEAL_INCOMPLETE": "A person let the seal stand without all of its records.",
    "KEYS_GONE": "The keys of the seal's hashes are gone.",
    "DEFINITIONS_CHANGED": "The keys or the definitions changed since the seal: the next roll-up proves the day again.",
}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One comparison: `passed` is None where it was not, or cannot be, made, and `why` says by its code for what.

    `detail` says what was compared, or why it was not, in words.
    """

    code: str
    passed: bool | None
    detail: str | None = None
    why: str | None = None

    @property
    def about(self) -> str:
        """What holds when the check passes."""
        return ABOUT[self.code]


def claimed(stream: Stream, state: DayState, seal: Entry | None, *, is_attached: bool) -> tuple[Check, ...]:
    """Give what was compared when a day was sealed; nothing of a day that is not, or no longer, under its seal."""
    if seal is None:
        return tuple(undone("NOT_SEALED", ABOUT))
    if not state.is_sealed and not state.purge:
        return tuple(undone("TOUCHED", ABOUT))
    body: dict[str, Any] = dict(seal.body)
    control, rollups = Control.from_json(body["control"]), body["rollups"]
    files = counted(len(body["segments"]), "files")
    said = {
        "ENTRIES_CHAINED": f"Entry {seal.seq}.",
        "DAY_CUT": f"{body['zone']}, tzdata {body['tzdata']}.",
        "RECORDS_COUNTED": f"{counted(control.records, 'records')}.",
        "NUMBERS_SUMMED": summed(stream, control),
        "RECORDS_HASHED": f"{control.hash_a:016x} {control.hash_b:016x}.",
        "FILES_WHOLE": f"{files}.",
        "ROWS_STORED": _rows(rollups),
        "PARTS_STORED": f"{counted(len(rollups), 'rollups')}.",
        "ROLLED_TWICE": f"{counted(len(rollups), 'rollups')}.",
    }
    made = {code: Check(code=code, passed=True, detail=said[code]) for code in ABOUT}
    elsewhere = undone("RECORDS_ELSEWHERE", ("FILES_WHOLE",)) if is_attached else ()
    return tuple((made | {check.code: check for check in elsewhere}).values())


def summed(stream: Stream, control: Control) -> str:
    """Give exact sums in words, in the units of their fields."""
    declared = {f"f_{field.name}": field for field in stream.numbers}
    told: list[str] = []
    for name, total in control.sums.items():
        field = declared.get(name)
        amount = Decimal(total).scaleb(-(field.scale if field else 0))
        told.append(" ".join(part for part in (name.removeprefix("f_"), f"{amount:,f}", field and field.unit) if part))
    return f"{', '.join(told)}." if told else "No number adds up to anything but zero."


def undone(why: str, codes: Iterable[str], detail: str | None = None) -> Iterator[Check]:
    """Give checks that were not made; `detail` says more of why than its code does."""
    return (Check(code=code, passed=None, detail=detail or UNDONE[why], why=why) for code in codes)


def _rows(rollups: Iterable[Mapping[str, Any]]) -> str:
    listed = ", ".join(f"{one['rollup']} {counted(one['rows'], 'rows')}" for one in rollups)
    return f"{listed}." if listed else "No rollup is declared."
