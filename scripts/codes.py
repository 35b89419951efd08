"""The reference page of codes: every name that Keepsum gives to what went wrong, waits, or should be known, in words.

A code that the source gains needs a line here; a test compares the two.
"""

from collections.abc import Mapping

from keepsum.cli.door import EXIT
from keepsum.http.problems import STATUS
from keepsum.model.errors import Conflict, Invalid, KeepsumError, NotFound, ProofFailed, Unavailable

Codes = Mapping[str, str]

OPENING = """# Codes

Codes are stable: programs may rely on them, messages may change. No message holds a value of a record.
Rules of declarations have [a page of their own](rules.md).

"""

ERRORS: Mapping[type[KeepsumError], Codes] = {
    Invalid: {
        "ANSWER_TOO_LONG": "The answer would have too many rows: take a coarser grain, fewer days, or `top`.",
        "BAD_CRON": "A schedule is not a cron expression of five fields.",
        "BAD_DATE": "A date is not of the form `2026-01-31`.",
        "BAD_FILTER": "A filter is malformed, allows nothing, or asks for what the field can never be.",
        "BAD_KEY": "A key to hash with has too few or too many bytes.",
        "BAD_PACK": "A pack cannot be imported, or has no `PACK = Pack(...)`.",
        "BAD_PARAMETER": "A parameter has a value that it cannot have.",
        "BAD_QUANTILE": "A quantile is no exact number from 0 to 1.",
        "BAD_REQUEST": "The request could not be understood.",
        "BAD_SETTING": "A setting is wrong; the message names it.",
        "BATCH_REFUSED": "An atomic batch had a bad record, so nothing of it was kept.",
        "BODY_TOO_LARGE": "The body is longer than `--body-limit`, compressed or inflated: send it in parts.",
        "CATALOG_REFUSED": "The declarations break rules; the message lists them.",
        "COLUMN_TWICE": "A file's header names a column twice.",
        "COUNT_TOO_LARGE": "A bucket of one group counts more than is stored.",
        "DAMAGED_BODY": "The body is not what its encoding makes.",
        "DAYS_OVERLAP": "Stored days do not follow each other.",
        "DAY_OUT_OF_RANGE": "A day is not within the years 1 to 9999.",
        "DIMENSION_PERSONAL": "A personal field cannot be asked by or filtered.",
        "HOST_NOT_LOOPBACK": "The server listens on this machine only.",
        "HOST_NOT_SERVED": "A request names a host that is not this machine.",
        "KEYS_IN_DATA": "The key folder lies inside the data directory.",
        "MALFORMED_JSON": "The body is not valid JSON.",
        "METHOD_NOT_ALLOWED": "The path does not take this method.",
        "MISSING_PARAMETER": "A parameter is missing.",
        "NAMED_TWICE": "A question names a metric or dimension twice.",
        "NOT_A_NUMBER": "A value is not an exact decimal number.",
        "NOT_AN_OBJECT": "The body is JSON, but no object.",
        "NOT_RECORDS": "The body is JSON, but no object and no array of objects.",
        "NO_METRICS": "A question names no metric.",
        "NO_SUCH_BUCKET": "A stored bucket holds no number: the stored roll-up is damaged.",
        "NUMBER_TOO_LARGE": "A number has more than 18 digits of its unit.",
        "ORDER_UNKNOWN": "The answer has no such column to be ordered by.",
        "RANGE_NOT_TAKEN": "This job takes no range of days.",
        "RANGE_REVERSED": "A range ends before it starts.",
        "RANGE_TOO_LONG": "A range has more days than can be asked at once.",
        "READER_UNNAMED": "A stream has several readers: name one.",
        "READER_UNTESTED": "A pack's check has no sample row for a reader.",
        "REASON_MISSING": "Deleting an unproven day needs a day and a reason.",
        "RECORD_REFUSED": "A sample row of a pack's check does not fit its stream.",
        "REGION_UNKNOWN": "There are no phone numbers of such a region.",
        "ROW_UNREADABLE": "A reader raises on a sample row of a pack's check.",
        "STREAM_UNNAMED": "There are several streams: name one.",
        "TIME_OUT_OF_RANGE": "A time is not within the years 1 to 9999.",
        "TOO_MANY_DECIMALS": "A number has more decimals than its unit.",
        "TOP_OUT_OF_RANGE": "`top` is not within 1 and 10,000.",
        "TOP_WITHOUT_BY": "`top` needs a dimension to rank.",
        "TRUNCATED_BODY": "A compressed body ends too early.",
        "UNKNOWN_CONTENT_TYPE": "A body of this type is not read here.",
        "UNKNOWN_DIMENSION": "The stream has no such dimension.",
        "UNKNOWN_ENCODING": "The body's compression is not gzip or zstd.",
        "UNKNOWN_FORMAT": "A file's name ends in none of the known ways.",
        "UNKNOWN_KIND": "The ledger has no entries of this kind.",
        "UNKNOWN_PARAMETER": "There is no parameter of this name.",
        "UNKNOWN_STATE": "A job never has this state.",
        "UNKNOWN_ZONE": "There is no such IANA zone in the `tzdata` package.",
    },
    NotFound: {
        "NOT_HELD": "The day is not held.",
        "NO_RECORDS": "The day has no records to delete.",
        "NO_SUCH_FILE": "There is no file of this name.",
        "UNKNOWN_DAY": "Nothing is known of this day of the stream.",
        "UNKNOWN_JOB": "There is no job of this number.",
        "UNKNOWN_JOB_KIND": "There is no job of this name.",
        "UNKNOWN_METRIC": "There is no metric of this name.",
        "UNKNOWN_PACK": "There is no pack of this name.",
        "UNKNOWN_PATH": "There is nothing at this path.",
        "UNKNOWN_READER": "The stream has no reader of this name.",
        "UNKNOWN_ROLLUP": "There is no rollup of this name.",
        "UNKNOWN_STREAM": "There is no stream of this name.",
    },
    Conflict: {
        "DAY_PURGED": "The day's purge has begun: it cannot be accepted any more.",
        "FIELD_TYPE_CHANGED": "A field is declared with another type than its stored records have.",
        "FIELD_UNIT_CHANGED": "A number is declared in other decimals or another currency than its records have.",
        "FILES_UNKNOWN": "Files that were never proven lie in a purged day: only you can say whose they are.",
        "MADE_OTHERWISE": "The workspace was made with another zone, week or k, which stays.",
        "NOT_A_DEMO": "The demo's folder was not made by a demo, so it is not replaced.",
        "NOT_DUE": "The day is not past its retention.",
        "OTHER_KEYS": "The keys are not the ones the workspace's figures were made with.",
    },
    ProofFailed: {
        "BAD_BUCKETS": "Stored buckets cannot be read.",
        "BAD_CONTROL": "A stored control cannot be read.",
        "BAD_REGISTERS": "Stored registers cannot be read.",
        "CONTROL_DIFFERS": "Records read back do not add up to the control of what was accepted.",
        "LEDGER_BROKEN": "The ledger check found something.",
        "PROOF_FAILED": "A job of the demo left something for a person.",
        "ROLLUP_DIFFERS": "The statement and the fold gave different figures; the message names the measure.",
        "STORED_DIFFERS": "The rows that were stored are not the rows that were proven.",
    },
    Unavailable: {
        "BUSY": "The requests under way hold as much memory as they may: send the batch again.",
        "CLOCK_BEHIND": "The clock is behind the ledger's last entry: nothing is purged.",
        "DATABASE_FAILED": "A database file could not be used; nothing of the step was kept.",
        "DATA_DIR_UNUSABLE": "The data directory cannot be opened.",
        "DEMO_RUNS": "Another process shows the demo in this folder.",
        "DISK_FULL": "There is no room; nothing of the step was kept.",
        "FILES_MOVING": "Files of records were replaced again and again while they were read: ask again.",
        "FILE_DAMAGED": "A file to collect cannot be read to its end.",
        "JOB_FAILED": "A job of the demo did not end well.",
        "KEY_FILE_DAMAGED": "A key file has the wrong length.",
        "KEY_FILE_MISSING": "A key file is missing: put it back.",
        "NO_DATA_DIRECTORY": "There is no data directory at this place.",
        "OUT_OF_MEMORY": "A statement needs more than `--memory`.",
        "PORT_TAKEN": "The port cannot be used.",
        "PURGE_UNFINISHED": "Records are deleted, but a reader kept the log from being emptied: purge again.",
        "ROLLED_BACK": "A workspace file is older than what was last seen of it.",
        "SERVER_ENDED": "The demo's server ended by itself.",
        "SHUTTING_DOWN": "The server is stopping: send the batch again.",
    },
    KeepsumError: {
        "INTERNAL": "Something broke; the server's log says where.",
    },
}

# Heading, what it is about, and the codes.
OTHERS: tuple[tuple[str, str, Codes], ...] = (
    (
        "Only on the command line",
        "The first word of the line on standard error.",
        {
            "FILE_UNUSABLE": "The system refused a file; exit code 4.",
            "UNEXPECTED_ERROR": "An error nobody foresaw; exit code 4. Please report it.",
            "WRONG_USE": "There is no such command or flag, or one lacks its value; exit code 2.",
        },
    ),
    (
        "Records that were not accepted",
        "In `rejected` of an answer to records, and counted by stream, day, field and code; values are never kept.",
        {
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
        },
    ),
    (
        "Why a day is held",
        "A held day is neither sealed nor purged until a person decides: [how](../howto/handle-a-held-day.md).",
        {
            "CONTROL_DIFFERS": "Records read back do not add up to the control of what was accepted.",
            "DAMAGED": "A segment is missing or cannot be read.",
            "KEY_ON_TWO_DAYS": "A value of a distinct measure was counted on another day already.",
            "REAPPEARED": "Files or records that were never proven lie in a purged day.",
            "ROLLUP_DIFFERS": "The statement and the fold gave different figures; the message names the measure.",
            "SHRUNK": "The day has fewer records than when it was sealed.",
            "STORED_DIFFERS": "The rows that were stored are not the rows that were proven.",
            "TIME_OUTSIDE_DAY": "Records are kept under a day whose interval they lie outside of.",
        },
    ),
    (
        "Why a day past its retention may not go",
        "In `keepsum purge --plan`.",
        {
            "HELD_...": "The day is held, or would be, for the reason that follows.",
            "NOT_ROLLED": "A rollup as it is declared today has no figures of the day yet.",
            "NOT_SEALED": "The day is not sealed, or records came after its seal.",
        },
    ),
    (
        "Why a source was not taken",
        "In `explain`, by measure; where no source is left, the days are missing.",
        {
            "DAY_DAMAGED": "The day's records cannot be read, or not all of them.",
            "DIMENSION_MISSING": "The rollup is not by a dimension that is asked for.",
            "GRAIN_TOO_COARSE": "The measure is not kept at a grain with these dimensions.",
            "GUARDED_MEASURE": "Guarded callers do not get this measure, or not by dimensions.",
            "MEASURE_MISSING": "The rollup does not keep the measure.",
            "NOT_COLLECTED": "No record of the day was ever accepted, and it is not sealed.",
            "NOT_ROLLED": "The day is purged, and was never rolled up so.",
            "NOT_SEALED": "Nothing of the day was collected, and it is not sealed.",
            "ROLLUP_EXPIRED": "The rollup's figures of the day are past their own retention.",
            "WITHHELD": "The day is not shown to guarded callers.",
        },
    ),
    (
        "Notes on an answer",
        "In `labels.notes`, beside refusals that leave a measure without any figure.",
        {
            "AT_MOST": "A corrected day is in the range: different values may be fewer than the figure.",
            "GRAIN_TOO_COARSE": "Different values do not add over several filtered values.",
            "GUARDED_MEASURE": "Guarded callers do not get this measure, or not by dimensions.",
            "IN_STEPS": "Unsealed days are counted up to the last full k people.",
            "NOT_ADDED": "Different values do not add over groups, so there is no total of them.",
            "NOT_GUARDED": "The stream is about nobody, so nothing of it is hidden.",
            "OTHER_LEFT_OUT": "Some of a filtered value may be among what its dimension did not keep that day.",
            "PREVIOUS_INCOMPLETE": "The period before has days without figures.",
            "RECORDS_LOST": "A day's figures lack records that were lost, or deleted, before they were proven.",
            "WITHHELD": "Days of too few people are left out.",
        },
    ),
    (
        "What a ledger check finds",
        "In `keepsum ledger verify`, which then ends with exit code 3.",
        {
            "CHAIN_BROKEN": "An entry was changed, is missing, or does not follow the one before.",
            "CONTROL_DIFFERS": "A day's control is not the one that was sealed.",
            "COVERAGE_DIFFERS": "What a rollup is said to cover is not what its seals say.",
            "DAY_DIFFERS": "A day's interval is not the one that was sealed.",
            "DEFINITION_DIFFERS": "A rollup's stored definition was changed.",
            "DEFINITION_MISSING": "The definition of a rollup that entries list is gone.",
            "FILE_UNKNOWN": "A file lies among the segments that the manifest does not list.",
            "HEAD_UNKNOWN": "The head that was kept is in no entry.",
            "MANIFEST_DIFFERS": "A day's segments are not the ones that were sealed.",
            "PARTS_DIFFER": "Uniques, quantiles or distinct counts are not as they were sealed.",
            "PUBLISHED_DIFFERS": "What guarded callers are shown is not what was published.",
            "RECORDS_DIFFER": "Records do not add up to control (`--deep`).",
            "ROWS_DIFFER": "A rollup's rows are not the ones that were sealed.",
            "ROWS_UNKNOWN": "There are rows that no entry lists.",
            "SEGMENT_DAMAGED": "A segment is missing, has another size or, with `--deep`, other bytes.",
            "STATE_DIFFERS": "A day says of itself what no entry says.",
            "WORKSPACE_DIFFERS": "The workspace is not what its first entry says it is.",
        },
    ),
    (
        "Health",
        "In `/health`: reasons make it fail with status 503, warnings do not. Errors from above may be reasons, too.",
        {
            "HELD": "A warning: a day is held, and its deadline is to come, or passed within a day.",
            "HELD_PAST_DEADLINE": "A reason: a held day's deadline was more than a day ago, and its records are there.",
            "PAST_DEADLINE": "A reason: a day's deadline was more than a day ago, and its records are there.",
        },
    ),
    (
        "What a job leaves for a person",
        "The first word of a job's `error` when its state is held or failed; errors from above may be, too.",
        {
            "ATTEMPTS_EXHAUSTED": "The job lost its worker again and again, so it is not tried any more.",
            "DAYS_HELD": "Days could not be sealed.",
            "LEDGER_BROKEN": "The ledger check found something.",
            "PAST_DEADLINE": "Days past their retention may not go.",
            "PURGE_UNFINISHED": "Records are deleted, but a reader kept the log from being emptied.",
        },
    ),
    (
        "Only in the log",
        "Of a request that got no answer.",
        {"CLIENT_GONE": "The caller went away before the answer."},
    ),
)


def page() -> str:
    """Give the Markdown: the errors with how they leave by each door, then the other codes by where they appear."""
    return OPENING + _errors() + "".join(_section(*other) for other in OTHERS)


def _errors() -> str:
    rows = sorted(
        f"| `{code}` | {STATUS.get(code, STATUS[kind.kind])} | {EXIT[kind.kind]} | {meaning} |"
        for kind, codes in ERRORS.items()
        for code, meaning in codes.items()
    )
    opening = "## Errors\n\nOver HTTP a problem document with this status, on the command line this exit code.\n\n"
    return opening + "| code | status | exit | meaning |\n|---|---:|---:|---|\n" + "\n".join(rows)


def _section(title: str, about: str, codes: Codes) -> str:
    rows = "\n".join(f"| `{code}` | {meaning} |" for code, meaning in sorted(codes.items()))
    return f"\n\n## {title}\n\n{about}\n\n| code | meaning |\n|---|---|\n{rows}"
