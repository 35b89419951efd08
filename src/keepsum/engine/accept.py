"""What may come in: one stream's records decoded, checked field by field, and laid out in columns."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal as Exact
from decimal import InvalidOperation
from operator import attrgetter
from typing import Annotated, Any, Literal, cast

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Meta
from numpy.typing import NDArray

from keepsum.engine import numbers
from keepsum.model.day import A_DAY
from keepsum.model.errors import Invalid, KeepsumError, Rejection
from keepsum.model.stream import LONGEST_KEY, SECRET, Boolean, Choice, Field, Number, Stream, Text

AHEAD = 3_600_000_000  # µs a record's time may lie ahead of the clock
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
EPOCH_DATE = dt.date(1970, 1, 1)
FORBIDDEN = re.compile("[\x00-\x08]")  # reserved values of dimensions start with one of these
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")

# A decoded record: a msgspec struct with one attribute a declared name.
Record = Any

# What decoders raise for what is no JSON, or no text, or nested beyond all reason.
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The good records of a batch in order with their places in it, why the others are not, how many there were."""

    good: list[Record]
    places: list[int]
    rejections: tuple[Rejection, ...]
    received: int


class Intake:
    """Decodes and checks one stream's records; made once, used for every batch."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._type = msgspec.defstruct(
            "Record", list(_members(stream)), kw_only=True, forbid_unknown_fields=True, gc=False, module=__name__
        )
        self._many = msgspec.json.Decoder(list[self._type])
        self._one = msgspec.json.Decoder(self._type)
        self._raw, self._raw_one = msgspec.json.Decoder(list[msgspec.Raw]), msgspec.json.Decoder(msgspec.Raw)
        self._loose = msgspec.json.Decoder(float_hook=_exact)
        self._texts = tuple(n for n in stream.names() if n != stream.time and not _is_number(stream.field(n)))
        self._exact = tuple(f for f in stream.numbers if f.scale)

    def decode(self, body: bytes, *, lines: bool, now: int) -> Checked:
        """Give the records of a JSON array, one object, or lines of JSON.

        Raises `MALFORMED_JSON` when the body (or, of an array, its frame) is not JSON.
        """
        try:
            if lines:
                records = self._many.decode_lines(body)
            elif body.lstrip()[:1] == b"{":
                records = [self._one.decode(body)]
            else:
                records = self._many.decode(body)
        except _UNREADABLE:
            return self._one_by_one(self._pieces(body, lines=lines), self._decode_piece, now=now)
        # JSON cannot hold a control character but escaped, so a look at the bytes spares one at every text.
        plain = b"\\u00" not in body and b"\\b" not in body
        return self._checked(records, {}, list(range(len(records))), now=now, plain=plain)

    def convert(self, rows: Sequence[Mapping[str, object]], *, now: int) -> Checked:
        """Give the records of plain mappings, as a file's reader makes them; texts of numbers are read exactly."""
        try:
            records = msgspec.convert(rows, list[self._type], strict=False)
        except _UNREADABLE:
            return self._one_by_one(rows, lambda row: (msgspec.convert(row, self._type, strict=False), row), now=now)
        return self._checked(records, {}, list(range(len(records))), now=now)

    def _pieces(self, body: bytes, *, lines: bool) -> Sequence[bytes]:
        if lines:
            return [line for line in body.split(b"\n") if line.strip()]
        try:
            if body.lstrip()[:1] == b"{":
                return [bytes(self._raw_one.decode(body))]
            return [bytes(piece) for piece in self._raw.decode(body)]
        except msgspec.ValidationError as error:
            raise Invalid("NOT_RECORDS", "The body is JSON, but not an object or an array of objects.") from error
        except _UNREADABLE as error:
            raise Invalid("MALFORMED_JSON", f"The body is not valid JSON: {_place(error)}.") from error

    def _decode_piece(self, piece: bytes) -> tuple[Record, object]:
        return self._one.decode(piece), None

    def _one_by_one(self, pieces: Sequence[Any], read: Callable[[Any], tuple[Record, object]], *, now: int) -> Checked:
        """Read each record alone, so that the bad ones can be named and the good ones kept."""
        good: list[Record] = []
        places: list[int] = []
        bad: dict[int, Rejection] = {}
        for index, piece in enumerate(pieces):
            try:
                record, _ = read(piece)
            except _UNREADABLE:
                bad[index] = self._reason(index, piece, now=now)
            else:
                good.append(record)
                places.append(index)
        return self._checked(good, bad, places, now=now)

    def _reason(self, index: int, piece: object, *, now: int) -> Rejection:
        try:
            value = self._loose.decode(piece) if isinstance(piece, bytes) else piece
        except _UNREADABLE:
            return _rejection(index, "", "MALFORMED_JSON", "it is not valid JSON")
        if not isinstance(value, Mapping):
            return _rejection(index, "", "NOT_AN_OBJECT", "it is not an object")
        fields = cast("Mapping[str, object]", value)
        found = next(_faults(self.stream, fields, now=now, strict=isinstance(piece, bytes)), None)
        name, code, message = found or ("", "BAD_RECORD", "it does not fit the stream's declaration")
        return _rejection(index, name, code, message)

    def _checked(
        self, records: list[Record], bad: dict[int, Rejection], places: list[int], *, now: int, plain: bool = False
    ) -> Checked:
        """Check what a type cannot say: times, reserved characters unless it is all `plain`, exact decimals."""
        faults = dict(self._times(records, now))
        if not plain:
            faults |= self._characters(records)
        if self._exact:
            faults |= self._decimals(records)
        if not faults and not bad:
            return Checked(good=records, places=places, rejections=(), received=len(records))
        for i, (name, code, message) in faults.items():
            bad[places[i]] = _rejection(places[i], name, code, message)
        kept = [i for i in range(len(records)) if i not in faults]
        return Checked(
            good=[records[i] for i in kept],
            places=[places[i] for i in kept],
            rejections=tuple(bad[i] for i in sorted(bad)),
            received=len(records) - len(faults) + len(bad),
        )

    def _times(self, records: list[Record], now: int) -> Iterable[tuple[int, "Fault"]]:
        latest, earliest = _limits(self.stream, now)
        name = self.stream.time
        for i, record in enumerate(records):
            time = getattr(record, name)
            if not earliest <= time < latest:
                yield i, _time_fault(name, ahead=time >= latest)

    def _characters(self, records: list[Record]) -> Iterable[tuple[int, "Fault"]]:
        for name in self._texts:
            values = [getattr(r, name) for r in records]
            texts = [v for v in values if isinstance(v, str)]
            if texts and FORBIDDEN.search("".join(texts)):
                yield from (
                    (i, (name, "CONTROL_CHARACTER", "it holds a control character between U+0000 and U+0008"))
                    for i, v in enumerate(values)
                    if isinstance(v, str) and FORBIDDEN.search(v)
                )

    def _decimals(self, records: list[Record]) -> Iterable[tuple[int, "Fault"]]:
        for field in self._exact:
            for i, record in enumerate(records):
                value = getattr(record, field.name)
                if value is not None:
                    fault = _number_fault(field, value)
                    if fault:
                        yield i, fault


Fault = tuple[str, str, str]


def times_of(stream: Stream, records: Sequence[Record]) -> NDArray[np.int64]:
    """Give the records' times: µs since 1970 for an instant, midnight UTC of the date for a date."""
    if stream.time_kind == "date":
        numbers_ = [(getattr(r, stream.time) - EPOCH_DATE).days for r in records]
        return np.array(numbers_, dtype=np.int64) * A_DAY
    past = [time - EPOCH for time in map(attrgetter(stream.time), records)]
    spans = pa.array(past, pa.duration("us"))  # several times as quick as numpy
    return np.frombuffer(spans.buffers()[1], np.int64, len(spans))


def keys_of(stream: Stream, records: Sequence[Record]) -> list[str]:
    """Give the records' keys as texts."""
    return [k if type(k) is str else str(k) for k in map(attrgetter(stream.key), records)]


def subjects_of(stream: Stream, records: Sequence[Record]) -> list[str | None]:
    """Give the records' subjects as texts."""
    name = stream.subject or ""
    return [s if s is None or type(s) is str else str(s) for s in map(attrgetter(name), records)]


def values_of(field: Field, records: Sequence[Record]) -> list[Any]:
    """Give one field of the records as it is stored: numbers as integers of their smallest unit."""
    values = list(map(attrgetter(field.name), records))
    if isinstance(field, Number) and field.scale:
        return [None if v is None else numbers.parse(v, field.scale) for v in values]
    return values


def secrets_in(stream: Stream, records: Sequence[Record]) -> dict[str, int]:
    """Count in how many records each secret field was present; its value goes no further."""
    secret = (f.name for f in stream.fields if f.exposure is SECRET)
    return {name: sum(getattr(r, name) is not None for r in records) for name in secret}


def _members(stream: Stream) -> Iterable[tuple[Any, ...]]:
    instant = Annotated[dt.datetime, Meta(tz=True)]
    yield stream.time, dt.date if stream.time_kind == "date" else instant
    short: Any = Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY)]
    whole: Any = Annotated[int, Meta(ge=-numbers.LIMIT, le=numbers.LIMIT)]
    yield stream.key, short | whole
    if stream.subject:
        yield stream.subject, short | whole | None, None
    for field in stream.fields:
        kind = _type(field)
        yield (field.name, kind) if field.required else (field.name, kind | None, None)


def _type(field: Field) -> Any:
    if field.exposure is SECRET:
        return Any  # whatever it is, it is dropped
    match field:
        case Number() if field.scale:
            return Exact
        case Number():
            return Annotated[int, Meta(ge=-numbers.LIMIT, le=numbers.LIMIT)]
        case Boolean():
            return bool
        case Choice():
            return Literal[field.options]
        case Text():
            return Annotated[str, Meta(max_length=field.longest)]
        case _:
            raise TypeError(field)


def _is_number(field: Field | None) -> bool:
    return isinstance(field, (Number, Boolean)) or (field is not None and field.exposure is SECRET)


def _limits(stream: Stream, now: int) -> tuple[Any, Any]:
    ahead = EPOCH + dt.timedelta(microseconds=now + AHEAD)
    if stream.time_kind == "date":
        return (ahead + dt.timedelta(hours=14)).date() + dt.timedelta(days=1), EPOCH_DATE
    return ahead, EPOCH


def _time_fault(name: str, *, ahead: bool) -> Fault:
    if ahead:
        return name, "TIME_AHEAD", "its time lies an hour or more ahead of the clock"
    return name, "TIME_BEFORE_1970", "its time lies before 1970"


def _number_fault(field: Number, value: object) -> Fault | None:
    try:
        numbers.parse(cast("Any", value), field.scale)
    except KeepsumError as error:
        return field.name, error.code, f"it does not fit {field.scale} decimals and 18 digits"
    return None


def _faults(stream: Stream, value: Mapping[str, object], *, now: int, strict: bool) -> Iterator[Fault]:
    """Give what is wrong with a record, in the order people should hear it; never with its values.

    Unless `strict`, texts may stand for whole numbers and booleans, as in files that know nothing else.
    """
    known = set(stream.names())
    for name in value:
        if name not in known:
            shown = name if NAME.fullmatch(name) else "?"
            yield shown, "UNKNOWN_FIELD", "the stream declares no field of that name"
    yield from _time_faults(stream, value.get(stream.time), now=now)
    yield from _key_faults(stream.key, value.get(stream.key), missing="KEY_MISSING")
    if stream.subject and value.get(stream.subject) is not None:
        yield from _key_faults(stream.subject, value[stream.subject], missing="")
    for field in stream.fields:
        given = value.get(field.name)
        if given is not None:
            yield from _field_faults(field, given, strict=strict)
        elif field.required:
            yield field.name, "FIELD_MISSING", "the field is required"


def _time_faults(stream: Stream, given: object, *, now: int) -> Iterable[Fault]:
    name = stream.time
    if given is None:
        yield name, "TIME_MISSING", "a record needs its time"
        return
    wanted = dt.date if stream.time_kind == "date" else dt.datetime
    try:
        time = msgspec.convert(given, wanted)
    except msgspec.MsgspecError:
        form = "YYYY-MM-DD" if wanted is dt.date else "RFC 3339 with a zone, such as 2026-01-31T09:30:00Z"
        yield name, "TIME_MALFORMED", f"the time is not a text of the form {form}"
        return
    if isinstance(time, dt.datetime) and time.tzinfo is None:
        yield name, "TIME_WITHOUT_ZONE", "the time names no zone; end it with Z or an offset"
        return
    latest, earliest = _limits(stream, now)
    if not earliest <= time < latest:
        yield _time_fault(name, ahead=time >= latest)


def _key_faults(name: str, given: object, *, missing: str) -> Iterable[Fault]:
    if given is None:
        yield name, missing, "a record needs a key, the same whenever it is sent again"
    elif isinstance(given, bool) or not isinstance(given, (str, int)):
        yield name, "WRONG_TYPE", "it is neither a text nor a whole number"
    elif not given and isinstance(given, str):
        yield name, missing or "TEXT_EMPTY", "it is empty"
    elif isinstance(given, int) and abs(given) > numbers.LIMIT:
        yield name, "NUMBER_TOO_LARGE", "it has more than 18 digits; send it as a text"
    elif isinstance(given, str) and len(given) > LONGEST_KEY:
        yield name, "TEXT_TOO_LONG", f"it is longer than {LONGEST_KEY} characters"


def _field_faults(field: Field, given: object, *, strict: bool) -> Iterable[Fault]:
    match field:
        case Number():
            yield from _amount_faults(field, given, strict=strict)
        case Boolean():
            if not (isinstance(given, bool) or (not strict and _is_truth(given))):
                yield field.name, "WRONG_TYPE", "it is neither true nor false"
        case _ if field.exposure is SECRET:
            return
        case _ if not isinstance(given, str):
            yield field.name, "WRONG_TYPE", "it is not a text"
        case Choice() if given not in field.options:
            yield field.name, "NOT_AN_OPTION", f"it is none of {', '.join(field.options)}"
        case Text() if len(given) > field.longest:
            yield field.name, "TEXT_TOO_LONG", f"it is longer than {field.longest} characters"
        case _:
            return


def _is_truth(given: object) -> bool:
    try:
        msgspec.convert(given, bool, strict=False)
    except msgspec.MsgspecError:
        return False
    return True


def _amount_faults(field: Number, given: object, *, strict: bool) -> Iterable[Fault]:
    if isinstance(given, bool) or not isinstance(given, (int, Exact, str)):
        yield field.name, "WRONG_TYPE", "it is not a number"
    elif isinstance(given, (Exact, str)) and not field.scale and (strict or not _whole(given)):
        yield field.name, "WRONG_TYPE", "it is not a whole number"
    elif isinstance(given, int) and abs(given) > numbers.LIMIT:
        yield field.name, "NUMBER_TOO_LARGE", "it has more than 18 digits"
    else:
        fault = _number_fault(field, given)
        if fault:
            yield fault


def _whole(given: Exact | str) -> bool:
    return isinstance(given, str) and given.lstrip("-").isdigit()


def _rejection(index: int, field: str, code: str, message: str) -> Rejection:
    return Rejection(index=index, field=field, code=code, message=f"Record {index}: {message}.")


def _exact(text: str) -> Exact:
    """Give a number digit by digit; one with an exponent beyond all reason is as good as infinite."""
    try:
        return Exact(text)
    except InvalidOperation:
        return Exact("Infinity")


def _place(error: Exception) -> str:
    """Give the position of a decoder's complaint, without the text around it."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    found = re.search(r"\(byte \d+\)", str(error))
    return f"it breaks {found.group()[1:-1].replace('byte', 'at byte')}" if found else "it is cut off or not UTF-8"
