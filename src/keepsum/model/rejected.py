"""Why a record is not accepted: each code, and what it says."""

from collections.abc import Mapping

REJECTED: Mapping[str, str] = {
    "BAD_RECORD": "It does not fit the stream's declaration.",
    "COLUMNS_DIFFER": "A row of a file has another number of columns than its header.",
    "CONTROL_CHARACTER": "A text holds a character between U+0000 and U+0008.",
    "FIELD_MISSING": "A required field is missing.",
    "KEY_CONFLICT": "The day has another record with this key.",
    "KEY_MISSING": "It has no key.",
    "MALFORMED_JSON": "It is not valid JSON.",
    "NOT_AN_OBJECT": "It is JSON, but no object.",
    "NOT_AN_OPTION": "The value is none of the choice's options.",
    "NOT_A_NUMBER": "The value is not an exact decimal number.",
    "NOT_UTF_8": "A row of a file is not UTF-8.",
    "NUMBER_TOO_LARGE": "The number has more than 18 digits of its unit.",
    "RECORD_PURGED": "It changes a record that is purged, which cannot be done.",
    "ROW_UNREADABLE": "A row of a file cannot be read, by CSV or by the pack's reader.",
    "SECRET_DROPPED": "Not a refusal: a secret field was there, was dropped, and is counted.",
    "TEXT_EMPTY": "The subject is an empty text: leave it out, or send null.",
    "TEXT_TOO_LONG": "The text is longer than declared; keys and subjects have at most 200 characters.",
    "TIME_AHEAD": "The time lies an hour or more ahead of the clock.",
    "TIME_BEFORE_1970": "The time lies before 1970.",
    "TIME_MALFORMED": "The time is not of its form.",
    "TIME_MISSING": "It has no time.",
    "TIME_WITHOUT_ZONE": "The time names no zone.",
    "TOO_LATE": "Its day is purged, and `late` is over.",
    "TOO_MANY_DECIMALS": "The number has more decimals than its unit.",
    "UNKNOWN_FIELD": "The stream declares no field of this name.",
    "WRONG_TYPE": "The value is of another type.",
}
