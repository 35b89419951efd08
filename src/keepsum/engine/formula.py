"""Formulas as people write them: metrics and measures, added, divided and filtered, read into what packs declare.

    formula   = term, { ("+" | "-"), term } ;
    term      = factor, { ("*" | "/"), factor } ;
    factor    = number | "-", factor | "(", formula, ")" | "running(", formula, [ ",", since ], ")"
              | "quantile(", number, ",", reference, ")" | reference ;
    reference = metric | rollup, ".", measure, with [ "where", condition, { "and", condition } ] ;
    condition = dimension, "=", value | dimension, "in", "(", value, { ",", value }, ")" ;
    value     = text in quotes | whole number | "true" | "false" | "none" ;

A quotient is one of sums, a number only multiplies or divides, and `where` belongs to the name it follows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from keepsum.engine.dimensions import asked
from keepsum.model.errors import Invalid
from keepsum.model.filter import Filter, Value, conditions
from keepsum.model.metric import Metric, streams_of
from keepsum.model.rollup import Arithmetic, Cumulative, Formula, MeasureOf, Ratio, Scaled

LONGEST = 1_000  # characters
MOST_PARTS = 100  # numbers, names and signs, the values of filters apart: who reads a formula goes down part by part
DEEPEST = 20  # brackets within brackets
SINCE = ("range", "year", "month")

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")"""
    r"""|(?P<sign>[-+*/().,=]))"""
)
_CONSTANTS: Mapping[str, Value] = {"true": True, "false": False, "none": None}
_FOLLOWED: Mapping[str, str] = {
    "number": "a number",
    "name": "a name",
    "text": "a text in quotes",
    "end": "the end",
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a formula, and from which character on."""

    at: int
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Names:
    """What formulas may be made of: metrics by name, measures by their rollup's name, a dot, and their own.

    `faceless` are the streams by whose actor nothing is filtered.
    """

    metrics: Mapping[str, Metric]
    measures: Mapping[str, MeasureOf]
    faceless: frozenset[str] = frozenset()


class Malformed(Exception):
    """The text is no formula."""

    def __init__(self, at: int, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(at=at, code=code, message=message)


@dataclass(frozen=True, kw_only=True)
class _Token:
    kind: Literal["number", "name", "text", "sign", "end"]
    text: str
    at: int

    @property
    def shown(self) -> str:
        """What it is, in words."""
        return repr(self.text) if self.kind in ("sign", "name", "number") else _FOLLOWED[self.kind]


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A formula, and each part of it with the character that it stands at, what is inside a part before it."""

    formula: Formula
    parts: tuple[tuple[int, Formula], ...]


def read(text: str, names: Names) -> Parsed:
    """Give the formula that a text says; raises `Malformed`, which says where it is none."""
    if len(text) > LONGEST:
        raise Malformed(LONGEST, "FORMULA_TOO_LONG", f"A formula has at most {LONGEST:,} characters.")
    reader = _Reader(text, names)
    formula = reader.formula_alone()
    return Parsed(formula=formula, parts=tuple(reader.parts))


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            what = "A text in quotes does not end." if text[start] in "'\"" else f"{text[start]!r} means nothing here."
            raise _unread(start, what)
        kind = found.lastgroup
        assert kind is not None  # noqa: S101 -- one of the groups has matched
        yield _Token(kind=kind, text=found[kind], at=found.start(kind))  # pyright: ignore[reportArgumentType] -- named so
        at = found.end()
    yield _Token(kind="end", text="", at=end)


def _unread(at: int, message: str) -> Malformed:
    return Malformed(at, "FORMULA_SYNTAX", message)


class _Reader:
    """A text on its way to a formula: one token is looked at at a time."""

    def __init__(self, text: str, names: Names) -> None:
        self._tokens, self._names, self._depth = list(_tokens(text)), names, 0
        self._place = self._parts = 0
        self.parts: list[tuple[int, Formula]] = []

    def _noted(self, at: int, part: Formula | Fraction) -> Any:
        """Note where a part stands, and give it."""
        if isinstance(part, Formula):
            self.parts.append((at, part))
        return part

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._next
        self._place += token.kind != "end"
        return token

    def _part(self) -> _Token:
        """Take a number, a name or a sign; raises `FORMULA_TOO_LONG` when there are too many of them."""
        self._parts += 1
        if self._parts > MOST_PARTS:
            message = f"A formula has at most {MOST_PARTS} numbers, names and signs."
            raise Malformed(self._next.at, "FORMULA_TOO_LONG", message)
        return self._take()

    def _is_at(self, *texts: str) -> bool:
        return self._next.kind in ("sign", "name") and self._next.text in texts

    def _expect(self, text: str) -> _Token:
        if not self._is_at(text):
            raise _unread(self._next.at, f"Expected {text!r}, not {self._next.shown}.")
        return self._take()

    def formula_alone(self) -> Formula:
        """Give the formula that the whole text is."""
        found = self._formula()
        if self._next.kind != "end":
            raise _unread(self._next.at, f"Expected +, -, *, / or the end, not {self._next.shown}.")
        return found

    def _formula(self) -> Formula:
        begin, found = self._next.at, self._sum()
        if isinstance(found, Fraction):
            raise _unread(begin, "A formula reads a metric or a measure; this is a number alone.")
        return found

    def _sum(self) -> Formula | Fraction:
        begin = self._next.at
        found = self._term()
        while self._is_at("+", "-"):
            sign = self._part()
            other = self._term()
            if isinstance(found, Fraction) or isinstance(other, Fraction):
                at = begin if isinstance(found, Fraction) else sign.at
                raise _unread(at, "A number multiplies or divides a figure; it is not added to one.")
            found = self._noted(sign.at, Arithmetic(op=sign.text, left=found, right=other))
        return found

    def _term(self) -> Formula | Fraction:
        found = self._factor()
        while self._is_at("*", "/"):
            sign = self._part()
            at, other = self._next.at, self._factor()
            product = _times(found, other, at) if sign.text == "*" else _over(found, other, at)
            found = self._noted(sign.at, product)
        return found

    def _factor(self) -> Formula | Fraction:
        token = self._next
        if token.kind == "number":
            return Fraction(self._part().text)
        if self._is_at("-"):
            self._part()
            return _times(Fraction(-1), self._factor(), token.at)
        if self._is_at("("):
            return self._bracketed()
        if token.kind != "name":
            raise _unread(token.at, f"Expected a metric, a measure, a number or '(', not {token.shown}.")
        if self._tokens[self._place + 1].text == "(" and token.text in ("running", "quantile"):
            return self._noted(token.at, self._running() if token.text == "running" else self._quantile())
        return self._noted(token.at, self._reference())

    def _bracketed(self) -> Formula | Fraction:
        """Give what stands in brackets, which may be a number to multiply by."""
        self._open()
        found = self._sum()
        self._close()
        return found

    def _open(self) -> None:
        token = self._expect("(")
        self._depth += 1
        if self._depth > DEEPEST:
            raise _unread(token.at, f"Brackets stand within brackets at most {DEEPEST} deep.")

    def _close(self) -> None:
        self._expect(")")
        self._depth -= 1

    def _running(self) -> Formula:
        self._take()
        self._open()
        found, since = self._formula(), "range"
        if self._is_at(","):
            self._take()
            token = self._take()
            since = token.text
            if since not in SINCE:
                raise _unread(
                    token.at, f"A running sum begins with the range, the year or the month, not {token.shown}."
                )
        self._close()
        return Cumulative(of=found, since=since)

    def _quantile(self) -> Formula:
        self._take()
        self._open()
        token = self._take()
        if token.kind != "number":
            raise _unread(token.at, f"Expected which quantile, such as 0.5, not {token.shown}.")
        self._expect(",")
        at = self._next.at
        found = self._reference()
        if not isinstance(found, MeasureOf):
            raise _unread(at, "A quantile is one of a measure, such as orders_daily.amounts.")
        self._close()
        return replace(found, q=Fraction(token.text))

    def _reference(self) -> Formula:
        found, word = self._named(), "where"
        while self._is_at(word):
            at = self._take().at
            where = self._condition()
            self._refuse_faces(found, where, at)
            found, word = _filtered(found, where, at), "and"
        return found

    def _refuse_faces(self, formula: Formula, where: Filter, at: int) -> None:
        """Raise `ACTOR_HIDDEN` for a filter by which somebody would see whose figures these are."""
        filtered = {name for name, _ in where}
        for stream in streams_of((formula,)):
            if stream.name in self._names.faceless and stream.actor in filtered:
                message = f"You are not shown whose rows of stream {stream.name!r} these are: leave it out."
                raise Malformed(at, "ACTOR_HIDDEN", message)

    def _named(self) -> Formula:
        token = self._part()
        if token.kind != "name":
            raise _unread(token.at, f"Expected a metric or a measure, not {token.shown}.")
        if not self._is_at("."):
            return self._known(self._names.metrics, token.text, token.at, "metric")
        self._take()
        measure = self._take()
        if measure.kind != "name":
            raise _unread(measure.at, f"Expected the measure's name, not {measure.shown}.")
        return self._known(self._names.measures, f"{token.text}.{measure.text}", token.at, "measure")

    @staticmethod
    def _known(known: Mapping[str, Formula], name: str, at: int, noun: str) -> Formula:
        if name not in known:
            other = f": {noun}s are such as {min(known)!r}" if known else ""
            raise Malformed(at, "UNKNOWN_NAME", f"There is no {noun} {name!r}{other}.")
        return known[name]

    def _condition(self) -> Filter:
        token = self._take()
        if token.kind != "name":
            raise _unread(token.at, f"Expected a dimension, not {token.shown}.")
        if self._is_at("="):
            self._take()
            return conditions({token.text: (self._value(),)})
        self._expect("in")
        self._expect("(")
        values = [self._value()]
        while self._is_at(","):
            self._take()
            values.append(self._value())
        self._expect(")")
        return conditions({token.text: tuple(values)})

    def _value(self) -> Value:
        token = self._take()
        sign = ""
        if token.text == "-" and self._next.kind == "number":
            sign, token = "-", self._take()
        if token.kind == "text":
            quote = token.text[0]
            return token.text[1:-1].replace(quote * 2, quote)
        if token.kind == "number" and "." not in token.text:
            return int(sign + token.text)
        if token.kind == "name" and token.text in _CONSTANTS:
            return _CONSTANTS[token.text]
        raise _unread(token.at, f"Expected a value, such as 'France', 3, true or none, not {token.shown}.")


def _times(one: Formula | Fraction, other: Formula | Fraction, at: int) -> Formula | Fraction:
    if isinstance(one, Fraction):
        return one * other if isinstance(other, Fraction) else Scaled(of=other, factor=one)
    if isinstance(other, Fraction):
        return Scaled(of=one, factor=other)
    raise _unread(at, "Two figures are not multiplied: multiply by a number, or divide one by the other.")


def _over(one: Formula | Fraction, other: Formula | Fraction, at: int) -> Formula | Fraction:
    if isinstance(other, Fraction):
        if not other:
            raise _unread(at, "Nothing is divided by zero.")
        return one / other if isinstance(one, Fraction) else Scaled(of=one, factor=1 / other)
    if isinstance(one, Fraction):
        raise _unread(at, "A number is not divided by a figure: divide figures by each other.")
    return Ratio(numerator=one, denominator=other)


def _filtered(formula: Formula, where: Filter, at: int) -> Formula:
    """Give a formula with every measure in it of some groups only; raises what no record can have, as `BAD_FILTER`."""
    match formula:
        case Metric():
            return _filtered(formula.formula, where, at)
        case MeasureOf():
            try:
                asked(formula.rollup.of, where)
            except Invalid as error:
                raise Malformed(at, error.code, error.message) from error
            return replace(formula, filter=conditions((*formula.filter, *where)))
        case Arithmetic():
            left, right = _filtered(formula.left, where, at), _filtered(formula.right, where, at)
            return replace(formula, left=left, right=right)
        case Ratio():
            above, below = _filtered(formula.numerator, where, at), _filtered(formula.denominator, where, at)
            return replace(formula, numerator=above, denominator=below)
        case Scaled() | Cumulative():
            return replace(formula, of=_filtered(formula.of, where, at))
        case _:
            raise TypeError(formula)
