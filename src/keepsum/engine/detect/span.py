"""Pieces of a text: cutting them out, and trying candidates that may have swallowed the number behind them."""

import math
import re
from collections.abc import Callable, Iterable, Iterator

Span = tuple[int, int]

# Neither part of any find nor a separator inside one.
_BORDER = ","
_DIGITS = "0123456789"
_SEPARATORS = " ().-/ー"

UUID = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])")


def splice(text: str, cuts: Iterable[tuple[int, int, str]]) -> str:
    """The text with `text[start:end]` replaced for each (start, end, new), given in order."""
    pieces: list[str] = []
    edge = 0
    for start, end, new in cuts:
        pieces += (text[edge:start], new)
        edge = end
    return "".join((*pieces, text[edge:]))


def blank(text: str, spans: Iterable[Span]) -> str:
    """The text, as long as before, with borders in place of the spans."""
    return splice(text, ((start, end, _BORDER * (end - start)) for start, end in spans))


def hide(text: str, pattern: re.Pattern[str]) -> str:
    """The text, as long as before, with borders in place of the pattern's matches."""
    return blank(text, (match.span() for match in pattern.finditer(text)))


def digits_of(text: str) -> str:
    """Its ASCII digits."""
    return "".join(character for character in text if character in _DIGITS)


def shorter_and_shorter(candidate: str) -> Iterator[str]:
    """The candidate, then without its last group of digits, and so on."""
    while candidate and candidate[-1] in _DIGITS:
        yield candidate
        candidate = candidate.rstrip(_DIGITS).rstrip(_SEPARATORS)


def scan(text: str, run: re.Pattern[str], pick: Callable[[str], str], patience: float = math.inf) -> list[Span]:
    """Spans of what `pick` takes from the front of each match of `run`; where it takes nothing, later starts count.

    After `patience` refusals whole matches are taken unasked: piling up candidates neither costs time nor hides one.
    """
    spans: list[Span] = []
    match = run.search(text)
    while match:
        start, length = match.start(), len(pick(match[0]) if patience > 0 else match[0])
        if length:
            spans.append((start, start + length))
        else:
            patience -= 1
        match = run.search(text, start + (length or 1))
    return spans
