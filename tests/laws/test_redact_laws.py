import ipaddress
import re
from datetime import datetime

import phonenumbers
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import ean, iban, luhn

from keepsum.engine.detect import email
from keepsum.engine.redact import Redactor, redact

REGIONS = st.sampled_from([None, "GB", "US", "DE", "FR", "CN"])
MASK = re.compile(r"\[(?:email|iban|ip|card|phone)\]")

# Finds, near misses, and what could stand between them.
PIECES = """bob@example.com|a@b.co|@|%40|"a b"@c.de|@[1.2.3.4]|bob|.co|+442079460958|+44 20 7946 0958|020 7946 0958
(020)|+1|4111 1111 1111 1111|4111111111111111|GB82 WEST 1234 5698 7654 32|DE89370400440532013000|GB82|192.168.0.1|1.2.3
2001:db8::1|::|:|.|-|--|/|(|)|+|=|,|;|[|]|"|'|_|x|g|0|1|4|12|123|1234|12345678|2010-12-01|1,234.56|12345678-1234-1234-1234-123456789012
\u200b|\u0301|\ufe0f\u20e3|\u202e|＠|．|１|٤|①|½|张|です|é|👩\u200d👧|[email]|[phone]|*| |  |\xa0"""
PIECES = PIECES.replace("\n", "|").split("|")
GLUED = st.lists(st.sampled_from(PIECES), max_size=15).map("".join)
SIGNS = st.text(st.sampled_from("@%40123456789.:+-() aGBx"), max_size=60)
TEXTS = st.one_of(st.text(), st.text(st.characters(codec="ascii")), GLUED, SIGNS)

LETTERS = "abcdefghijklmnopqrstuvwxyz"
NAMES = st.text(LETTERS, min_size=2, max_size=12)
EMAILS = st.builds("{}.{}@{}.{}".format, NAMES, NAMES, NAMES, st.sampled_from(["com", "co.uk", "test", "café", "рф"]))
PREFIXED = [
    ("4", 16),
    ("4", 19),
    ("51", 16),
    ("2221", 16),
    ("37", 15),
    ("36", 14),
    ("3530", 16),
    ("6011", 16),
    ("62", 17),
]
IP6 = st.ip_addresses(v=6, network="2001:db8::/32")  # any of these has a long group and a digit


@st.composite
def cards(draw):
    prefix, length = draw(st.sampled_from(PREFIXED))
    missing = length - len(prefix) - 1
    number = prefix + "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=missing, max_size=missing)))
    card = number + luhn.calc_check_digit(number)
    assume(not ean.is_valid(card))
    return card


@st.composite
def british_ibans(draw):
    account = draw(st.from_regex(r"[A-Z]{4}[0-9]{14}", fullmatch=True))
    return f"GB{iban.calc_check_digits('GB00' + account)}{account}"


@st.composite
def phones(draw):
    region = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    number = phonenumbers.example_number(region)
    assert number
    form = draw(st.sampled_from([phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL]))
    return phonenumbers.format_number(number, form)


FINDS = st.one_of(
    st.tuples(EMAILS, st.just("[email]")),
    st.tuples(cards(), st.just("[card]")),
    st.tuples(british_ibans(), st.just("[iban]")),
    st.tuples(phones(), st.just("[phone]")),
    st.tuples(st.one_of(st.ip_addresses(v=4), IP6).map(str), st.just("[ip]")),
)


@given(TEXTS, REGIONS)
def test_redacting_twice_is_redacting_once(text, region):
    once = redact(text, region)
    assert redact(once, region) is once


@given(TEXTS, REGIONS)
def test_what_was_not_found_stays_as_it_was(text, region):
    place = 0
    for kept in MASK.split(redact(text, region)):
        place = text.index(kept, place) + len(kept)


@given(st.text(st.characters(exclude_categories=["Nd", "No"], exclude_characters="@＠﹫")), REGIONS)
def test_a_text_without_digits_and_at_signs_is_the_same_object(text, region):
    assert redact(text, region) is text


@given(st.lists(FINDS, min_size=1, max_size=4), st.sampled_from([" and ", ", ", "\n", "; ", "」「", " 👍 "]))
def test_every_find_goes_and_nothing_else_does(found, between):
    text = between.join(find for find, _ in found)
    assert redact(f"to: {text} thanks") == f"to: {between.join(mask for _, mask in found)} thanks"


@given(FINDS)
def test_wide_characters_and_unseen_ones_hide_nothing(find):
    text, mask = find
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
    assert redact(f"« {wide} »") == f"« {mask} »"
    unseen = "\u200b".join(text)
    assert redact(f"« {unseen} »") == f"« {mask} »"


PARTS = st.one_of(
    NAMES, st.sampled_from([".", "..", "-", "_", "+", "'", '"', "/", "@", "[", "é", "a" * 30, "b" * 63, "xn--"])
)


@given(st.lists(PARTS, min_size=1, max_size=5).map("".join), st.lists(PARTS, min_size=1, max_size=5).map("".join))
def test_a_domain_that_was_met_before_is_judged_as_with_the_whole_address(local, domain):
    for tail in ("", ".com", ".test", ".onion"):
        assert email._is_email(local, domain + tail) == email._is_address(local, domain + tail)


@given(cards(), st.integers(1, 9))
def test_a_card_with_a_wrong_check_digit_stays(card, step):
    wrong = card[:-1] + str((int(card[-1]) + step) % 10)
    assert redact(f"number {wrong}") == f"number {wrong}"


@given(st.integers(0, 2**64), st.sampled_from("0123456789abcdef"))
def test_a_digest_stays(number, letter):
    digest = f"{letter}{number:016x}f{number:016x}"
    assert redact(digest, "GB") is digest


@given(st.datetimes(*map(datetime.fromisoformat, ("1900-01-01", "2099-12-31"))), REGIONS)
def test_a_time_stays(moment, region):
    for text in (moment.isoformat(), moment.isoformat(" "), f"{moment:%d.%m.%Y %H:%M}", f"{moment:%m/%d/%Y}"):
        assert redact(f"at {text}", region) == f"at {text}"


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=30), REGIONS, st.integers(0, 5))
def test_a_column_is_redacted_value_by_value(values, region, remember):
    redactor = Redactor(region, remember)
    alone = [None if value is None else redact(value, region) for value in values]
    assert redactor.column(values) == alone
    assert redactor.column(values[::-1]) == alone[::-1]


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_only_a_whole_run_of_groups_is_an_address(one, other):
    assert redact(f"{one}.{other}") == f"{one}.{other}"
    mac = ":".join(re.findall("..", f"{int(one):08x}{int(other):08x}"))
    assert redact(f"{mac} {mac}:{mac}") == f"{mac} {mac}:{mac}"
    assert redact(f"{one} {ipaddress.ip_interface(f'{other}/24')}") == "[ip] [ip]/24"
