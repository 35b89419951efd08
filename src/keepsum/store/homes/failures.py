"""What a driver's error means: one code for all databases, and words that hold no value of a row and no password."""

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from keepsum.model.errors import Conflict, KeepsumError, Unavailable

_SAID: Mapping[str, str] = {
    "DATABASE_UNREACHABLE": "it cannot be reached: check its address, and whether it runs",
    "DATABASE_LOST": "the connection was lost; nothing of the step was kept, and it is done again",
    "DATABASE_LOCKED": "somebody else held a lock for too long; nothing of the step was kept, and it is done again",
    "DATABASE_DEADLOCK": "it ended the step in favour of another one; nothing of it was kept, and it is done again",
    "DATABASE_READ_ONLY": "it takes no changes, as a replica does: give the address of the primary",
    "DATABASE_SCHEMA": "its tables or columns are not what the mapping says: compare both",
    "DATABASE_DENIED": "its role may not do that: grant it what `keepsum attach` prints",
    "DATABASE_TIMEOUT": "a statement took longer than it may; an index on the time column may be missing",
    "DATABASE_REFUSED": "a rule of its own, such as a foreign key or a trigger, refused the change",
    "DATABASE_FAILED": "it reported an error",
}
_CONFLICTS = frozenset(("DATABASE_LOCKED", "DATABASE_DEADLOCK", "DATABASE_REFUSED"))

# PostgreSQL's SQLSTATE, the longest prefix wins.
_STATES = {
    "08": "DATABASE_LOST", "57P": "DATABASE_LOST", "57P03": "DATABASE_UNREACHABLE", "53300": "DATABASE_UNREACHABLE",
    "55P03": "DATABASE_LOCKED", "40": "DATABASE_DEADLOCK", "25006": "DATABASE_READ_ONLY", "25P03": "DATABASE_LOST",
    "42": "DATABASE_SCHEMA", "22": "DATABASE_SCHEMA", "3D": "DATABASE_SCHEMA", "3F": "DATABASE_SCHEMA",
    "0A": "DATABASE_SCHEMA", "42501": "DATABASE_DENIED", "28": "DATABASE_DENIED", "57014": "DATABASE_TIMEOUT",
    "23": "DATABASE_REFUSED", "P0": "DATABASE_REFUSED", "27": "DATABASE_REFUSED",
}  # fmt: skip
_NUMBERS = {
    "DATABASE_UNREACHABLE": (1040, 1129, 1130, 1203, 2002, 2003, 2005),
    "DATABASE_LOST": (0, 1053, 1152, 1158, 1159, 1160, 1161, 1317, 1927, 2006, 2013, 2014, 2055, 4031),
    "DATABASE_LOCKED": (1205, 3572),
    "DATABASE_DEADLOCK": (1020, 1213),
    "DATABASE_READ_ONLY": (1290, 1792, 1836),
    "DATABASE_SCHEMA": (1049, 1054, 1064, 1109, 1146, 1176, 1264, 1267, 1271, 1292, 1366, 1412, 1525, 1690),
    "DATABASE_DENIED": (1044, 1045, 1142, 1143, 1227, 1370, 1698),
    "DATABASE_TIMEOUT": (1969, 3024),
    "DATABASE_REFUSED": (1062, 1442, 1451, 1452, 1644),
}
_CODES = {
    sqlite3.SQLITE_CANTOPEN: "DATABASE_UNREACHABLE", sqlite3.SQLITE_NOTADB: "DATABASE_UNREACHABLE",
    sqlite3.SQLITE_BUSY: "DATABASE_LOCKED", sqlite3.SQLITE_LOCKED: "DATABASE_LOCKED",
    sqlite3.SQLITE_READONLY: "DATABASE_READ_ONLY", sqlite3.SQLITE_ERROR: "DATABASE_SCHEMA",
    sqlite3.SQLITE_SCHEMA: "DATABASE_SCHEMA", sqlite3.SQLITE_PERM: "DATABASE_DENIED",
    sqlite3.SQLITE_AUTH: "DATABASE_DENIED", sqlite3.SQLITE_INTERRUPT: "DATABASE_TIMEOUT",
    sqlite3.SQLITE_CONSTRAINT: "DATABASE_REFUSED",
}  # fmt: skip

# What a message says of a name that is missing; all else in it could be a value.
_MISSING = re.compile(
    r"""no\ such\ (?:table|column):\ [\w.]+ | Unknown\ column\ '[\w.]+' | Table\ '[\w.]+'\ doesn't\ exist
    | (?:relation|column)\ "?[\w.]+"?\ does\ not\ exist""",
    re.VERBOSE,
)

# PostgreSQL gives no SQLSTATE to who is turned away at the door.
_TURNED_AWAY = re.compile(r"authentication failed|role .* does not exist|pg_hba\.conf|permission denied for database")


def said(where: str, error: Exception, *, connecting: bool) -> KeepsumError:
    """Give what to raise for a driver's error in the database that `where` names."""
    code, number = _classified(error, connecting=connecting)
    message = _SAID[code]
    found = _MISSING.search(str(error)) if code == "DATABASE_SCHEMA" else None
    detail = " ".join(part for part in (found and found.group(), number and f"({number})") if part)
    kind = Conflict if code in _CONFLICTS else Unavailable
    return kind(code, f"{where}: {message}{': ' if detail else ''}{detail}.")


def _classified(error: Exception, *, connecting: bool) -> tuple[str, str]:
    """Give our code for an error, and the number that the database gave it."""
    if isinstance(error, sqlite3.Error):
        number = getattr(error, "sqlite_errorcode", None)
        return _CODES.get((number or 0) & 0xFF, "DATABASE_FAILED"), _text(getattr(error, "sqlite_errorname", None))
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    if number is not None:
        return next((code for code, all_ in _NUMBERS.items() if number in all_), "DATABASE_FAILED"), f"error {number}"
    state: Any = getattr(error, "sqlstate", None)
    if state is not None:
        prefixes = (state[:length] for length in (5, 4, 3, 2))
        return next((_STATES[p] for p in prefixes if p in _STATES), "DATABASE_FAILED"), f"SQLSTATE {state}"
    # A driver that has no number to give never got as far as the database, or is no longer connected to it.
    if not connecting:
        return "DATABASE_LOST", ""
    return "DATABASE_DENIED" if _TURNED_AWAY.search(str(error)) else "DATABASE_UNREACHABLE", ""


def _text(name: object) -> str:
    return name if isinstance(name, str) else ""
