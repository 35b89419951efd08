"""Rules about attached streams: a mapping says all that a database leaves open, and nothing that cannot be read."""

from collections.abc import Iterator

from keepsum.engine.clocks import sorts
from keepsum.engine.days import zone
from keepsum.engine.lint.finding import Hits, of_field, of_stream
from keepsum.engine.mapping import Kind, kind_of, scale_of
from keepsum.engine.numbers import parse
from keepsum.model.attached import (
    Amount,
    Attached,
    Children,
    Choose,
    Clock,
    Coalesce,
    Column,
    Constant,
    Has,
    Local,
    LocalDate,
    Lookup,
    Mapped,
    Minus,
    Utc,
    When,
    mapped,
)
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.errors import Invalid, KeepsumError
from keepsum.model.filter import conditions
from keepsum.model.stream import Choice, Field, Stream

_FINEST_FLOAT = 9  # decimals; a float of a larger amount has none left to be rounded


def mapping_url(catalog: Catalog) -> Hits:
    """An attached stream names a setting of its pack, of kind secret, for its database's address."""
    for pack, stream, attached in _attached(catalog):
        if not any(s.name == attached.url and s.kind == "secret" for s in pack.settings):
            yield of_stream(stream), f"url={attached.url!r} is no secret setting of its pack: declare it there"


def mapping_field(catalog: Catalog) -> Hits:
    """A mapping is of fields that the stream keeps, each once, and of a subject where the stream has one."""
    for _, stream, attached in _attached(catalog):
        kept = [field.name for field in stream.stored]
        names = [name for name, _ in attached.columns]
        for name in dict.fromkeys(names):
            if name not in kept or names.count(name) > 1:
                yield of_stream(stream), f"its mapping has {name!r}, which is no field of its own: map each field once"
        if (attached.subject is None) != (stream.subject is None):
            yield of_stream(stream), "a subject is declared and mapped, or neither: say subject= in both places"


def mapping_clock(catalog: Catalog) -> Hits:
    """A mapping's clock can be read: a known zone, a pattern that sorts, a date for dates, and a plain column."""
    for _, stream, attached in _attached(catalog):
        clocks = [attached.time, *([attached.changed] if attached.changed is not None else [])]
        yield from ((of_stream(stream), fault) for clock in clocks for fault in _of_clock(clock))
        if isinstance(attached.time, LocalDate) != (stream.time_kind == "date"):
            yield of_stream(stream), "a stream of dates has a LocalDate as its time, and no other stream has one"
        if isinstance(attached.changed, LocalDate):
            yield of_stream(stream), "changed= is an instant: a date does not say what changed since"


def mapping_value(catalog: Catalog) -> Hits:
    """What a field is made of fits its kind: texts of columns, numbers of amounts, choices of their options."""
    for _, stream, attached in _attached(catalog):
        for field in stream.stored:
            value = attached.value(field.name)
            faults = dict.fromkeys(_of_value(value, kind_of(field), field, is_looked_up=False))
            yield from ((of_field(stream, field), fault) for fault in faults)
        if attached.subject is not None:
            faults = dict.fromkeys(_of_value(mapped(attached.subject), "text", None, is_looked_up=False))
            yield from ((of_stream(stream), f"its subject: {fault}") for fault in faults)
        if any(not values for _, values in conditions(attached.where)):
            yield of_stream(stream), "where= has a column without a value: name the values whose rows are records"


def mapping_scale(catalog: Catalog) -> Hits:
    """A mapped number says how it is stored, and in how many decimals, within what its storage can hold."""
    for _, stream, attached in _attached(catalog):
        for field in stream.numbers:
            faults = dict.fromkeys(_of_scale(attached.value(field.name), scale_of(field)))
            yield from ((of_field(stream, field), fault) for fault in faults)


def _attached(catalog: Catalog) -> Iterator[tuple[Pack, Stream, Attached]]:
    for pack in catalog.packs:
        yield from ((pack, stream, stream.attached) for stream in pack.streams if stream.attached is not None)


def _of_clock(clock: Clock) -> Iterator[str]:
    if isinstance(clock, Local):
        try:
            zone(clock.zone)
        except Invalid:
            yield f"zone {clock.zone!r} is unknown: use an IANA name such as 'Europe/London'"
    if isinstance(clock, Utc) and clock.pattern is not None and not sorts(clock.pattern):
        yield f"pattern {clock.pattern!r} does not sort as its times: go from %Y down to %M at least, each once"
    column: Mapped | str = clock.column
    while isinstance(column, Lookup):
        column = column.value
    if not isinstance(column, (str, Column)):
        yield f"a time is read of a column, not of {type(column).__name__}: name the column"


def _of_value(value: Mapped, kind: Kind, field: Field | None, *, is_looked_up: bool) -> Iterator[str]:
    """Give what is wrong with a value of a kind, of a field or, without one, of the subject."""
    if not isinstance(value, _FITTING[kind]):
        remedy = "say Amount(column, stored=...)" if kind == "number" else f"a {kind} is a column"
        yield f"{type(value).__name__} does not make a {kind}: {remedy}"
        return
    match value:
        case Constant():
            yield from _of_constant(value, kind, field)
        case Lookup():
            yield from _of_value(mapped(value.value), kind, field, is_looked_up=True)
        case Coalesce() | Minus() | Choose() if is_looked_up:
            yield f"{type(value).__name__} cannot stand inside a Lookup: put Lookups inside of it"
        case Children() if is_looked_up or value.count == (value.sum is not None):
            yield "Children count rows of the stream's own table, or sum one number of theirs: count=True or sum=..."
        case Coalesce() | Minus() | Choose():
            inner = _inside(value)
            if not inner or any(not case.tests for case in _cases(value)):
                yield f"{type(value).__name__} has nothing to choose from: name values and tests"
            for one in inner:
                yield from _of_value(one, kind, field, is_looked_up=False)
            yield from _of_tests(value)
        case _:
            return


_EITHER = (Column, Constant, Lookup, Coalesce, Choose)
_FITTING: dict[Kind, tuple[type[Mapped], ...]] = {
    "text": _EITHER,
    "boolean": _EITHER,
    "number": (Amount, Constant, Lookup, Coalesce, Choose, Minus, Children),
}


def _of_constant(value: Constant, kind: Kind, field: Field | None) -> Iterator[str]:
    held = value.value
    if held is None:
        return
    if kind == "number":
        fits = not isinstance(held, bool) and _is_exact(held, 0 if field is None else scale_of(field))
    else:
        fits = isinstance(held, bool) if kind == "boolean" else isinstance(held, str)
    if isinstance(field, Choice):
        fits = held in field.options
    if not fits:
        yield f"Constant({held!r}) is no value that it can have"


def _is_exact(number: int | str, scale: int) -> bool:
    try:
        parse(number, scale)
    except KeepsumError:
        return False
    return True


def _of_tests(value: Mapped) -> Iterator[str]:
    for case in _cases(value):
        for test in case.tests:
            where = test.where if isinstance(test, Has) else test
            if any(not values for _, values in where) or (not isinstance(test, Has) and not where):
                yield "a test of a case allows nothing, or everything: name columns and values"


def _cases(value: Mapped) -> tuple[When, ...]:
    return value.cases if isinstance(value, Choose) else ()


def _inside(value: Mapped) -> tuple[Mapped, ...]:
    match value:
        case Coalesce():
            return value.values
        case Minus():
            return (value.left, value.right)
        case Choose():
            last = () if value.otherwise is None else (value.otherwise,)
            return (*(case.then for case in value.cases), *last) if value.cases else ()
        case Lookup():
            return (mapped(value.value),)
        case _:
            return ()


def _of_scale(value: Mapped, scale: int) -> Iterator[str]:
    match value:
        case Amount():
            yield from _of_amount(value, scale)
        case Children() if value.sum is not None:
            yield from _of_amount(value.sum, scale)
            if value.sum.stored == "text":
                yield "texts of children cannot be added up exactly in every database: store them as numbers"
        case _:
            for one in _inside(value):
                yield from _of_scale(one, scale)


def _of_amount(amount: Amount, scale: int) -> Iterator[str]:
    if amount.stored not in {"float", "decimal", "integer", "text"}:
        yield f"stored={amount.stored!r} is none of float, decimal, integer and text"
    elif amount.scale is not None and amount.stored != "integer":
        yield f"{amount.name!r} is stored as {amount.stored}, which has its decimals: only an integer has a scale="
    elif amount.scale is not None and not 0 <= amount.scale <= scale:
        yield f"{amount.name!r} has scale={amount.scale}, its field {scale} decimals: a row could not be exact"
    elif amount.stored == "float" and scale > _FINEST_FLOAT:
        yield f"a float cannot hold {scale} decimals: declare at most {_FINEST_FLOAT}"
