"""Which pieces of a text are somebody's e-mail address, IBAN, IP address, payment card or phone number.

The patterns here only propose; a library, or a check digit under a network's own prefix, confirms every find.  Where
two finds could overlap, the kind that comes first in `DETECTORS` wins; within a kind the earliest, then the longest.

Deliberately not found:
- names, postal addresses, and numbers of people other than these five kinds (passports, taxes, insurance);
- digits alone, such as order numbers, timestamps and article codes: a card needs the prefix and length of a network
  and, in one piece, must be no EAN; a national phone number needs a region, and separators or a single leading zero;
- dates, times, UUIDs, hexadecimal digests, hardware addresses, prices and other numbers with marks (12.345.678);
- cards, IBANs and IP addresses glued to other Latin letters or digits (x4111..., v1.2.3.4);
- phone numbers with letters (1-800-FLOWERS), national ones of businesses (0800), and extensions, which stay behind
  the mask; 00 instead of the plus, without a region;
- addresses spelled out (bob at example dot com) and hosts without a dot, other than the reserved names (bob@localhost);
- IPv6 addresses without a digit or without a group of three characters (::1), IPv4 addresses with leading zeros.

Found although it may be none: a version of four parts (1.2.3.4 is an IP address), a file name such as icon@2x.png,
one number in ten that merely has the prefix and length of a card, a number behind a plus that is as long as a phone's.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from keepsum.engine.detect.account import cards, ibans
from keepsum.engine.detect.email import emails
from keepsum.engine.detect.host import ips
from keepsum.engine.detect.phone import phones
from keepsum.engine.detect.span import Span, blank


class Kind(StrEnum):
    """What a find is."""

    EMAIL = "email"
    IBAN = "iban"
    IP = "ip"
    CARD = "card"
    PHONE = "phone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Find:
    """One confirmed find: `text[start:end]`."""

    kind: Kind
    start: int
    end: int


# The strongest check first: what it took is a border to those that follow.
DETECTORS: tuple[tuple[Kind, Callable[[str, str | None], list[Span]]], ...] = (
    (Kind.EMAIL, emails),
    (Kind.IBAN, ibans),
    (Kind.IP, ips),
    (Kind.CARD, cards),
    (Kind.PHONE, phones),
)


# One pass over ASCII: an at-sign, or with some digit seven of them, the dots or colons of a host, a quoted at-sign.
# Every piece takes what it can and gives nothing back, so a text is read at most once for each.
_PLAIN = re.compile(
    r"[^@]*+@"
    r"|(?=[^0-9]*+[0-9])"
    r"(?:(?:[^0-9]*+[0-9]){7}|(?:[^.]*+\.){3}|(?:[^:]*+:){2}|[^%]*+(?:%(?!40)[^%]*+)*+%40)"
)
# At-signs and digits of other scripts: wide and small ones, digits with a place, superscripts, subscripts, circled.
_WIDE_SIGN = re.compile(
    "[@\uff20\ufe6b\\d\u00b2\u00b3\u00b9\u2070-\u2089\u2460-\u24ff\u2776-\u2793\U0001f100-\U0001f10a]"
)
_SEVEN_DIGITS = re.compile(r"(?:\D*+\d){7}")


def may_hold(text: str) -> bool:
    """A quick no for most texts: whether it has the signs of any find."""
    if text.isascii():
        return _PLAIN.match(text) is not None
    if not _WIDE_SIGN.search(text):
        return False
    text = unicodedata.normalize("NFKC", text)
    return (
        "@" in text
        or _SEVEN_DIGITS.match(text) is not None
        or text.count(".") >= 3
        or text.count(":") >= 2
        or "%40" in text
    )


def finds(text: str, region: str | None = None) -> list[Find]:
    """All finds in a text of folded characters, in its order and without overlaps.

    `region` (ISO 3166, two capitals) makes national phone numbers readable.  The time is linear in the text: every
    pattern starts at a border, takes a bounded number of characters and has one way to match them; a candidate is
    confirmed once for each of at most ten ends.
    """
    found: list[Find] = []
    for kind, look in DETECTORS:
        spans = look(text, region)
        if spans:
            found += (Find(kind=kind, start=start, end=end) for start, end in spans)
            text = blank(text, spans)
    found.sort(key=lambda find: find.start)
    return found
