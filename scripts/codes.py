"""The reference page of codes: every name that Keepsum gives to what went wrong, waits, or should be known, in words.

A code that the source gains needs a line here; a test compares the two.
"""

from collections.abc import Mapping

from keepsum.cli.door import EXIT
from keepsum.http.problems import STATUS
from keepsum.model.errors import Conflict, Forbidden, Invalid, KeepsumError, NotFound, ProofFailed, Unavailable

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
        "BAD_DAYS": "A token lasts at least a day, and at most ten years unless it has no end.",
        "BAD_EMAIL": "That is no e-mail address.",
        "BAD_EXPORT": "A file is no whole export of a workspace: it is cut, changed, or something else.",
        "BAD_FILTER": "A filter is malformed, allows nothing, or asks for what the field can never be.",
        "BAD_KEY": "A key to hash with has too few or too many bytes.",
        "BAD_NAME": "A name is empty, too long, or cannot be printed.",
        "BAD_PACK": "A pack cannot be imported, or has no `PACK = Pack(...)`.",
        "BAD_PARAMETER": "A parameter has a value that it cannot have.",
        "BAD_PASSWORD": "A password is too short, too plain, or the person's own address or name.",
        "BAD_QUANTILE": "A quantile is no exact number from 0 to 1.",
        "BAD_REQUEST": "The request could not be understood.",
        "BAD_SECRET_KEY": "A key given with `KEEPSUM_SECRET_KEY` is not 32 bytes in base64.",
        "BAD_SETTING": "A setting is wrong; the message names it.",
        "BAD_WORKSPACE_NAME": "A workspace is called by lower-case letters, digits and single hyphens, at most 40.",
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
        "MAIL_NOT_ENCRYPTED": "Mail would go over a network in the clear: set `--smtp-security`.",
        "MAIL_UNSET": "A mail server is set, but not whom mail comes from, or where its links lead.",
        "MALFORMED_JSON": "The body is not valid JSON.",
        "METHOD_NOT_ALLOWED": "The path does not take this method.",
        "MISSING_PARAMETER": "A parameter is missing.",
        "NAMED_TWICE": "A question names a metric or dimension twice.",
        "NOT_AN_OBJECT": "The body is JSON, but no object.",
        "NOT_A_NUMBER": "A value is not an exact decimal number.",
        "NOT_RECORDS": "The body is JSON, but no object and no array of objects.",
        "NO_METRICS": "A question names no metric.",
        "NO_ROLES": "No role is named.",
        "NO_SUCH_BUCKET": "A stored bucket holds no number: the stored roll-up is damaged.",
        "NUMBER_TOO_LARGE": "A number has more than 18 digits of its unit.",
        "ORDER_UNKNOWN": "The answer has no such column to be ordered by.",
        "PACKS_UNCLEAR": "Say which packs the workspace has, or that it follows the setting.",
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
        "UNKNOWN_KIND": "The ledger has no entries, or the audit log no events, of this kind.",
        "UNKNOWN_PARAMETER": "There is no parameter of this name.",
        "UNKNOWN_STATE": "A job never has this state.",
        "UNKNOWN_ZONE": "There is no such IANA zone in the `tzdata` package.",
    },
    NotFound: {
        "LINK_INVALID": "A one-time link was used, has ended, or never was.",
        "NOT_HELD": "The day is not held.",
        "NO_RECORDS": "The day has no records to delete.",
        "NO_SUCH_FILE": "There is no file of this name.",
        "UNKNOWN_DAY": "Nothing is known of this day of the stream.",
        "UNKNOWN_EVENT": "No event of the audit log that may be listed has this hash.",
        "UNKNOWN_JOB": "There is no job of this number.",
        "UNKNOWN_JOB_KIND": "There is no job of this name.",
        "UNKNOWN_METRIC": "There is no metric of this name.",
        "UNKNOWN_PACK": "There is no pack of this name.",
        "UNKNOWN_PATH": "There is nothing at this path.",
        "UNKNOWN_PERSON": "There is no such person in this workspace.",
        "UNKNOWN_READER": "The stream has no reader of this name.",
        "UNKNOWN_ROLE": "The workspace has no role of this name.",
        "UNKNOWN_ROLLUP": "There is no rollup of this name.",
        "UNKNOWN_SECRET": "No secret is stored under this name.",
        "UNKNOWN_STREAM": "There is no stream of this name.",
        "UNKNOWN_TOKEN": "The workspace has no token of this id.",
        "UNKNOWN_WORKSPACE": "There is no workspace of this id or name.",
    },
    Forbidden: {
        "ACTOR_HIDDEN": "Whose rows these are is not shown: leave the actor out.",
        "ACTOR_UNKNOWN": "Only own rows are shown, and nobody said which are the caller's.",
        "NOT_PERMITTED": "None of the caller's roles permits it, or shows it.",
        "NO_ACTOR_HERE": "Only own rows are shown, and nothing that is kept says whose they are.",
        "NO_WORKSPACE": "The person is a member of no workspace.",
        "OUTSIDE_GRANT": "The question reads days before the first that is shown; the message names it.",
        "PERSON_DISABLED": "The person is shut out: enable them first.",
        "PERSON_SHARED": "The account is not of this workspace only, so nobody decides about it from here.",
        "ROLE_TOO_WIDE": "A role may or shows more than the caller's own, so the caller does not give or take it.",
        "SIGN_IN_FAILED": "The address or the password is not right.",
    },
    Conflict: {
        "DAY_PURGED": "The day's purge has begun: it cannot be accepted any more.",
        "FIELD_TYPE_CHANGED": "A field is declared with another type than its stored records have.",
        "FIELD_UNIT_CHANGED": "A number is declared in other decimals or another currency than its records have.",
        "FILE_EXISTS": "There is a file of this name already, and it is not written over.",
        "LAST_OWNER": "The workspace would have no owner who can sign in.",
        "FILES_UNKNOWN": "Files that were never proven lie in a purged day: only you can say whose they are.",
        "MADE_OTHERWISE": "The workspace was made with another zone, week or k, which stays.",
        "MEMBER_ALREADY": "The person is in the workspace already.",
        "NOT_A_DEMO": "The demo's folder was not made by a demo, so it is not replaced.",
        "NOT_CONFIRMED": "A deletion was not confirmed by the workspace's name.",
        "NOT_DUE": "The day is not past its retention.",
        "NO_NEW_KEY": "Everything is encrypted with the first key of `KEEPSUM_SECRET_KEY` already.",
        "OTHER_KEYS": "The keys are not the ones the workspace's figures were made with.",
        "PERSON_KNOWN": "The address got an account just now: use the link again, with its password.",
        "WORKSPACE_ARCHIVED": "The workspace is archived: nothing is added to it, and only its nightly job runs.",
        "WORKSPACE_EXISTS": "The install has a workspace of this id or name already.",
    },
    ProofFailed: {
        "BAD_BUCKETS": "Stored buckets cannot be read.",
        "BAD_CONTROL": "A stored control cannot be read.",
        "BAD_REGISTERS": "Stored registers cannot be read.",
        "CONTROL_DIFFERS": "Records read back do not add up to the control of what was accepted.",
        "LEDGER_BROKEN": "The ledger check found something.",
        "PROOF_FAILED": "A job of the demo left something for a person.",
        "RESTORE_UNPROVEN": "What was restored is not what its ledger says, so nothing of it is kept.",
        "ROLLUP_DIFFERS": "The statement and the fold gave different figures; the message names the measure.",
        "STORED_DIFFERS": "The rows that were stored are not the rows that were proven.",
    },
    Unavailable: {
        "BUSY": "The requests under way take as much memory as they may: send it again in a moment.",
        "CLOCK_BEHIND": "The clock is behind the ledger's last entry: nothing is purged.",
        "DATABASE_FAILED": "A database file could not be used; nothing of the step was kept.",
        "DATA_DIR_UNUSABLE": "The data directory cannot be opened.",
        "DEMO_RUNS": "Another process shows the demo in this folder.",
        "DISK_FULL": "There is no room; nothing of the step was kept.",
        "ENCRYPTED_DAMAGED": "An encrypted value was changed, or moved from another row.",
        "EXPORT_DAMAGED": "A segment is missing or damaged, so an export would not be whole.",
        "FILES_MOVING": "Files of records were replaced again and again while they were read: ask again.",
        "FILE_DAMAGED": "A file to collect cannot be read to its end.",
        "JOB_FAILED": "A job of the demo did not end well.",
        "KEY_FILE_DAMAGED": "A key file has the wrong length.",
        "KEY_FILE_MISSING": "A key file is missing: put it back.",
        "MAIL_FAILED": "A mail could not be handed to the mail server; the message says how far it got.",
        "NOT_READY": "The control file cannot be read; the server's log says why.",
        "NO_DATA_DIRECTORY": "There is no data directory at this place.",
        "OUT_OF_MEMORY": "A statement needs more than `--memory`.",
        "PORT_TAKEN": "The port cannot be used.",
        "PURGE_UNFINISHED": "Records are deleted, but a reader kept the log from being emptied: purge again.",
        "ROLLED_BACK": "A workspace file is older than what was last seen of it.",
        "SERVER_ENDED": "The demo's server ended by itself.",
        "SHUTTING_DOWN": "The server is stopping: send the batch again.",
        "TOO_MANY_ATTEMPTS": "Too many attempts: wait as long as the message says.",
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
        "Why a caller sees something, or does not",
        "In `access` of `explain`, and in the message of `NOT_PERMITTED`.",
        {
            "ACTOR_UNKNOWN": "Only own rows are granted, and nobody said which are the caller's.",
            "GRANTED_DAYS": "All rows of the last so many days are granted.",
            "GRANTED_NOTHING": "The grant that decides shows nothing.",
            "GRANTED_OWN_ROWS": "The caller's own rows are granted.",
            "GRANTED_TEAM_ROWS": "The rows of the caller's team are granted.",
            "GRANTED_WHOLE": "All rows of all days are granted.",
            "NOT_PERMITTED": "The role does not let its holder read.",
            "NO_ACTOR_HERE": "Only own rows are granted, and nothing that is kept says whose they are.",
            "NO_GRANT": "No grant is on it, nor on anything it is part of.",
            "OUTSIDE_TOKEN": "The token is for other streams.",
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
            "SEVERAL_EPOCHS": "People were counted under different keys: at least the figure, at most with its error.",
            "WITHHELD": "Days of too few people are left out.",
        },
    ),
    (
        "What a check of the ledger or the audit log finds",
        "In `keepsum ledger verify` and `keepsum audit verify`, which then end with exit code 3.",
        {
            "CHAIN_BROKEN": "An entry or event was changed, is missing, or does not follow the one before.",
            "CONTROL_DIFFERS": "A day's control is not the one that was sealed.",
            "COVERAGE_DIFFERS": "What a rollup is said to cover is not what its seals say.",
            "DAY_DIFFERS": "A day's interval is not the one that was sealed.",
            "DEFINITION_DIFFERS": "A rollup's stored definition was changed.",
            "DEFINITION_MISSING": "The definition of a rollup that entries list is gone.",
            "FILE_UNKNOWN": "A file lies among the segments that the manifest does not list.",
            "HEAD_UNKNOWN": "The head that was kept is in no entry or event.",
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
            "JOBS_WAIT": "A warning: a job has waited for a worker for a quarter of an hour.",
            "PAST_DEADLINE": "A reason: a day's deadline was more than a day ago, and its records are there.",
            "UNSEALED": "A warning: a day ended two days ago and is neither sealed nor held.",
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
