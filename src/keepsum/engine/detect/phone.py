"""Phone numbers: international ones anywhere, national ones of a given region, confirmed by phonenumbers."""

import re
from functools import partial

from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    is_valid_number,
    ndd_prefix_for_region,
    number_type,
    parse,
)
from stdnum import ean

from keepsum.engine.detect.span import UUID, Span, blank, digits_of, hide, scan, shorter_and_shorter

_SEVEN_DIGITS = re.compile(r"[0-9](?:[ ().\-/ー]{0,3}[0-9]){6}")
# 2011-03-18, 18.03.2011, 3/18/2011, each maybe with 12:00:00.5 behind it.
_DATE = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}(?P<a>[-/.])[01]?[0-9](?P=a)[0-3]?[0-9]"
    r"|[0-3]?[0-9](?P<b>[-/.])[0-3]?[0-9](?P=b)(?:19|20)[0-9]{2})"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)?(?![0-9])"
)
# 12.345.678 without a plus; a comma is no separator of phones anyway.
_THOUSANDS = re.compile(r"(?<![0-9.+])[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?!\.?[0-9])")
_DECIMALS = re.compile(r"[^.]*\.[0-9]{1,2}(?![0-9])[^.]*")  # one dot, as in "1.69 13047"
_QUANTITIES = re.compile(r"[1-9].*[^0-9(][0-9](?![0-9)])")  # groups of one digit, and no trunk zero
# The others belong to businesses, or are so short of rules that any number passes.
_OF_PEOPLE = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.VOIP,
}
_PATIENCE = 100  # refusals, each of up to seven ends; a refused end costs some 30 microseconds
_GAP = r"[ ().\-/ー]{1,3}"
_INTERNATIONAL = re.compile(
    r"(?<![0-9+])(?:\((?=\+[0-9]{1,5}\)))?\+[ (]?"
    rf"[0-9]{{1,15}}(?![0-9])(?:{_GAP}[0-9]{{1,15}}(?![0-9])){{0,9}}"
)
_NATIONAL = re.compile(
    r"(?=\(?[0-9](?:[ ().\-/ー]{0,3}[0-9]){6})"
    r"(?:(?<![0-9+])\((?=[0-9]{1,5}\))|(?<![0-9A-Za-z+])(?<![0-9][.\-]))"
    rf"[0-9]{{1,15}}(?![0-9A-Za-z])(?:{_GAP}[0-9]{{1,15}}(?![0-9A-Za-z])){{0,6}}"
)


def phones(text: str, region: str | None = None) -> list[Span]:
    """Where phone numbers stand: with a plus, or as people of the region write them."""
    if not (region or "+" in text) or not _SEVEN_DIGITS.search(text):
        return []
    text = hide(hide(text, UUID), _DATE)
    if not _SEVEN_DIGITS.search(text):
        return []
    spans = scan(text, _INTERNATIONAL, _international)
    if region:
        spans += scan(hide(blank(text, spans), _THOUSANDS), _NATIONAL, partial(_national, region=region), _PATIENCE)
    return sorted(spans)


def _international(candidate: str) -> str:
    """The longest piece that is a number in use, else the longest of a possible length: a plus says enough."""
    possible = ""
    for piece in shorter_and_shorter(candidate):
        number = _number(piece, None)
        if number is None:
            continue
        if is_valid_number(number):
            return piece
        if not possible and is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
            possible = piece
    return possible


def _national(candidate: str, region: str) -> str:
    return next((piece for piece in shorter_and_shorter(candidate) if _is_national(piece, region)), "")


def _is_national(piece: str, region: str) -> bool:
    """Whether the region's people would write exactly these digits for a number in use."""
    digits = digits_of(piece)
    if _QUANTITIES.match(piece) or _DECIMALS.fullmatch(piece):
        return False
    if digits == piece and (digits[0] != "0" or digits[:2] == "00" or ean.is_valid(digits)):
        return False  # an order number or an article code, more likely
    number = _number(piece, region)
    if number is None or number_type(number) not in _OF_PEOPLE:
        return False
    if number.country_code_source == CountryCodeSource.FROM_NUMBER_WITH_IDD:
        return True
    written = digits_of(format_number(number, PhoneNumberFormat.NATIONAL))
    return digits in {written, (ndd_prefix_for_region(region, strip_non_digits=True) or "") + written}


def _number(piece: str, region: str | None) -> PhoneNumber | None:
    if not 7 <= len(digits_of(piece)) <= 17 or piece.count("(") != piece.count(")"):
        return None
    try:
        return parse(piece, region, keep_raw_input=True)
    except NumberParseException:
        return None
