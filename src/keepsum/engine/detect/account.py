"""Bank accounts and payment cards: IBANs of the SWIFT registry, and cards by network, length and check digit."""

import re
from functools import cache

from stdnum import ean, iban, luhn, numdb

from keepsum.engine.detect.span import UUID, Span, digits_of, hide, scan, shorter_and_shorter

# Matches the check digits and looks back for the country: digits are rarer in a text than letters.
_CHECK_DIGITS = re.compile(r"[0-9](?<=(?<![0-9A-Za-z])[A-Za-z]{2}[0-9])[0-9](?=[ .\-]?[0-9A-Za-z])")

# The first four in one piece; looking back from the first is quicker than looking for a border everywhere.
_THIRTEEN_DIGITS = re.compile(r"[0-9](?<![0-9]{2})[0-9]{3}(?:[ .\-]?[0-9]){9}")
_CARD_RUN = re.compile(
    r"(?<![0-9A-Za-z])[0-9]{4,19}(?![0-9A-Za-z])"
    r"(?:(?P<gap>[ .\-])[0-9]{3,15}(?![0-9A-Za-z])(?:(?P=gap)[0-9]{3,15}(?![0-9A-Za-z])){0,4})?"
)
# Prefixes and lengths of ISO/IEC 7812 as listed in Wikipedia, "Payment card number".
_NETWORK = re.compile(
    r"""
    4[0-9]{12}(?:[0-9]{3}){0,2}                                              # Visa
    |5[1-5][0-9]{14}                                                         # Mastercard
    |2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}          # Mastercard
    |3[47][0-9]{13}                                                          # American Express
    |3(?:0[0-59]|[689][0-9])(?:[0-9]{11}|[0-9]{13,16})                       # Diners Club
    |35(?:2[89]|[3-8][0-9])[0-9]{12,15}                                      # JCB
    |(?:5018|5020|5038|5893|6304|6759|676[1-3])[0-9]{9,15}                   # Maestro
    |(?:508[0-9]|6[025][0-9]{2}|64[4-9][0-9]|8[12][0-9]{2})[0-9]{12,15}      # Discover, RuPay, UnionPay
    |220[0-4][0-9]{12,15}                                                    # Mir
    |(?:5019|506[01]|8600|9792|9860)[0-9]{12}                                # Dankort, Verve, Uzcard, Troy, Humo
    """,
    re.VERBOSE,
)


def ibans(text: str, _region: str | None = None) -> list[Span]:
    """Where IBANs stand, in one piece or in groups."""
    spans: list[Span] = []
    edge = 0
    for check in _CHECK_DIGITS.finditer(text):
        start = check.start() - 2
        account = _account(text[start : start + 2].upper())
        rest = account.match(text, check.end()) if account and start >= edge else None
        if rest and iban.is_valid(text[start : rest.end()], check_country=False):
            edge = rest.end()
            spans.append((start, edge))
    return spans


@cache
def _account(country: str) -> re.Pattern[str] | None:
    """What follows the check digits in a country of the registry, whose `4!a6!n8!n` is 18 characters."""
    structure = numdb.get("iban").info(country)[0][1].get("bban", "")
    length = sum(int(part) for part in re.findall(r"([0-9]+)!", structure))
    return re.compile(rf"(?:[ .\-]?[0-9A-Za-z]){{{length}}}(?![0-9A-Za-z])") if length else None


def cards(text: str, _region: str | None = None) -> list[Span]:
    """Where payment cards stand: in one piece, or in groups of three and more digits with one kind of separator."""
    if not _THIRTEEN_DIGITS.search(text):
        return []
    return scan(hide(text, UUID), _CARD_RUN, _card)


def _card(candidate: str) -> str:
    return next((piece for piece in shorter_and_shorter(candidate) if _is_card(piece)), "")


def _is_card(piece: str) -> bool:
    digits = digits_of(piece)
    if not _NETWORK.fullmatch(digits) or not luhn.is_valid(digits):
        return False
    # An article code of 13 or 14 digits passes both one time in ten; it is not written in the groups of a card.
    return digits != piece or not ean.is_valid(digits)
