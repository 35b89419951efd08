"""What stands in a text instead of somebody's address or number: a mask such as `[email]`.

`keepsum.engine.detect` says what is found and what is deliberately not.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from phonenumbers import SUPPORTED_REGIONS

from keepsum.engine.detect import finds, may_hold
from keepsum.engine.detect.span import splice
from keepsum.model.errors import Invalid

# One of these is in every find.
_SIGNS = frozenset("@0123456789")
_MINUS = "\u2212"
_UNSEEN = {"Cf", "Mn", "Mc", "Me"}  # formats such as zero-width spaces, and marks such as accents and keycaps
_ROUNDS = 8
_SHORT = 80  # characters


def redact(text: str, region: str | None = None) -> str:
    """The text with `[email]`, `[iban]`, `[ip]`, `[card]` and `[phone]` in place of what was found.

    The rest stays as it is, character for character; without a find it is the same object.  Redacting the outcome
    again changes nothing.  `region` (ISO 3166, two capitals) is where national phone numbers are from; without it
    only international ones are found.  Raises `REGION_UNKNOWN`.
    """
    _check(region)
    return _settled(text, region)


class Redactor:
    """Redacts columns, and remembers short texts: dimensions repeat.

    It holds at most `remember` texts of up to 80 characters, unredacted, in memory only.  Raises `REGION_UNKNOWN`.
    """

    def __init__(self, region: str | None = None, remember: int = 10_000) -> None:
        _check(region)
        self._known = _Known(region, remember)

    def column(self, values: Sequence[str | None]) -> list[str | None]:
        """Each value redacted, None where there is none."""
        return list(map(self._known.__getitem__, values))


class _Known(dict[str | None, str | None]):
    """Redacted texts by text, forgotten all at once when full."""

    def __init__(self, region: str | None, most: int) -> None:
        super().__init__()
        self._region = region
        self._most = most

    def __missing__(self, text: str | None) -> str | None:
        if text is None:
            return None
        redacted = _settled(text, self._region)
        if len(text) <= _SHORT and self._most > 0:
            if len(self) >= self._most:
                self.clear()
            self[text] = redacted
        return redacted


def _check(region: str | None) -> None:
    if region is not None and region not in SUPPORTED_REGIONS:
        raise Invalid("REGION_UNKNOWN", f"there are no phone numbers of region {region!r}: use two capitals as in 'GB'")


def _settled(text: str, region: str | None) -> str:
    """The text redacted until nothing more is found.

    A mask is a border where letters and digits were none, so it can uncover a find that was glued to it.  A text that
    still changes after some rounds is made to hide something: it loses every sign that a find would need.
    """
    for _ in range(_ROUNDS):
        redacted = _round(text, region)
        if redacted is text:
            return text
        text = redacted
    return "".join("*" if _plain(character) in _SIGNS else character for character in text)


def _round(text: str, region: str | None) -> str:
    """The text with what is found in it now; the same object if that is nothing."""
    if not may_hold(text):
        return text
    if text.isascii():
        cuts = [(find.start, find.end, f"[{find.kind}]") for find in finds(text, region)]
    else:
        folded, places = _folded(text)
        cuts = [
            (places[find.start], _after(text, places[find.end - 1]), f"[{find.kind}]") for find in finds(folded, region)
        ]
    return splice(text, cuts) if cuts else text


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The text in the plainest characters, and for each of them its place in the text."""
    plain = list(map(_plain, text))
    folded = "".join(plain)
    if len(folded) == len(text):  # no character becomes two
        return folded, range(len(text))
    return folded, [place for place, character in enumerate(plain) if character]


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """What the detectors see: a digit of any script is its ASCII digit, a dash a hyphen, the unseen nothing."""
    if character.isascii():
        return character
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in _UNSEEN:
        return ""
    if category == "Pd" or character == _MINUS:
        return "-"
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


def _after(text: str, last: int) -> int:
    """The end of the character at `last`, with the marks upon it."""
    end = last + 1
    while end < len(text) and unicodedata.category(text[end]).startswith("M"):
        end += 1
    return end
