import sys

import pytest

from keepsum.engine.redact import Redactor, redact
from keepsum.model.errors import Invalid

EMAILS = [
    ("mail <bob@example.com>, or else", "mail <[email]>, or else"),
    ("Bob.Smith+shop@mail.example.co.uk.", "[email]."),
    ("mailto:bob@example.com?subject=x", "mailto:[email]?subject=x"),
    ("https://shop.test/?email=bob%40example.com&page=2", "https://shop.test/?[email]&page=2"),
    ("'bob@example.com' **bob@example.com** {bob@example.com}", "'[email]' **[email]** {[email]}"),
    ("o'brien@example.ie", "[email]"),
    ("to...bob@example.com...", "to...[email]..."),
    ("bounce+bob=home.example@list.example.com", "[email]"),
    ('"bob smith"@example.com', "[email]"),
    ("root@[192.168.0.1] root@[IPv6:2001:db8::1]", "[email] [email]"),
    ("a@b.co@c.co,d@e.fr;f@g.de", "[email]@c.co,[email];[email]"),
    ("bob@example.com_old bob@example.com-old bob@example.com2020", "[email]_old [email]-old [email]2020"),
]
# Reserved and test domains are somebody's too.
RESERVED = ["bob@example.test", "bob@printer.local", "bob@localhost", "bob@test", "bob@x.invalid", "bob@host.arpa"]
PHONES = [
    ("ring +44 20 7946 0958 at 5", None, "ring [phone] at 5"),
    ("ring +442079460958, now", None, "ring [phone], now"),
    ("+44 (0)20 7946 0958 (+44) 20 7946 0958 (+44 20 7946 0958)", None, "[phone] [phone] ([phone])"),
    ("+33 1.23.45.67.89/+33-1-23-45-67-89", None, "[phone]/[phone]"),
    ("tel+442079460958abc", None, "tel[phone]abc"),
    ("+44 20 7946 0958 12 pieces, +49 30 901820 2024-11-05", None, "[phone] 12 pieces, [phone] 2024-11-05"),
    ("+44 20 7946 0958,12.50 +34 612.345.678", None, "[phone],12.50 [phone]"),
    ("+1 555 123 4567", None, "[phone]"),  # of no area, but a phone number all the same
    ("020 7946 0958 and (020) 7946 0958", "GB", "[phone] and [phone]"),
    ("07911123456 0207 9460 958", "GB", "[phone] [phone]"),
    ("12 x 020 7946 0958 99", "GB", "12 x [phone] 99"),
    ("0171 1234567/0171 7654321", "DE", "[phone]/[phone]"),
    ("202-555-0143, (202) 555.0143, 1-202-555-0143", "US", "[phone], [phone], [phone]"),
    ("12,020 7946 1958,12", "GB", "12,[phone],12"),
    ("01 23 45 67 89 or 01.23.45.67.89", "FR", "[phone] or [phone]"),
    ("612 345 678", "ES", "[phone]"),
    ("138 1234 5678", "CN", "[phone]"),
    ("00 44 20 7946 0958", "DE", "[phone]"),
]
NUMBERS = [
    ("paid 4111 1111 1111 1111 123", "paid [card] 123"),
    ("4111-1111-1111-1111,5555555555554444.", "[card],[card]."),
    ("4111111111111111,12 4111 1111 1111 1111,12.50 2,4111111111111111", "[card],12 [card],12.50 2,[card]"),
    ("12 4111111111111111 row 1-4111111111111111", "12 [card] row 1-[card]"),
    ("378282246310005 3782 822463 10005 30569309025904 6011111111111117 2223003122003222", "[card] " * 4 + "[card]"),
    ("3600 309090 4048", "[card]"),  # in one piece it could be an article code
    ("4222222222222 3530111333300000 6200000000000005 4000000000000000006", "[card] [card] [card] [card]"),
    ("pay GB82 WEST 1234 5698 7654 32 please", "pay [iban] please"),
    ("IBAN:de89370400440532013000.", "IBAN:[iban]."),
    ("DE89-3704-0044-0532-0130-00/NO93 8601 1117 947", "[iban]/[iban]"),
    ("FR1420041010050500013M02606 MT84MALT011000012345MTLCAST001S", "[iban] [iban]"),
]
HOSTS = [
    ("from 192.168.0.1:8080, 10.0.0.0/8.", "from [ip]:8080, [ip]/8."),
    ("at [2001:db8::1]:443 and fe80::1%eth0:", "at [[ip]]:443 and [ip]%eth0:"),
    ("client:2001:db8::1 node:2001:db8::8a2e:370:7334: up", "client:[ip] node:[ip]: up"),
    ("2001:db8:0:1:1:1:1:1 ::ffff:1.2.3.4", "[ip] [ip]"),
    ("release 1.2.3.4", "release [ip]"),  # as good an address as any
]
OTHER_SCRIPTS = [
    ("写信给张三bob@example.comです", "写信给张三[email]です"),
    ("이메일 bob@example.com으로", "이메일 [email]으로"),
    ("пишите на боб@пример.рф или звоните +7 495 123-45-67!", "пишите на [email] или звоните [phone]!"),
    ("हमें अजय@डाटा.भारत पर लिखें", "हमें [email] पर लिखें"),
    ("البريد bob@example.com هنا", "البريد [email] هنا"),
    ("\u202bbob@example.com\u202c", "\u202b[email]\u202c"),
    ("ファックス０３ー１２３４ー５６７８", "ファックス０３ー１２３４ー５６７８"),
    ("住所192.168.0.1です", "住所[ip]です"),
    ("📧bob@example.com📞+442079460958📞", "📧[email]📞[phone]📞"),
]
OBFUSCATED = [
    ("ｂｏｂ＠ｅｘａｍｐｌｅ．ｃｏｍ　ｏｋ", "[email]　ｏｋ"),
    ("＋４４　２０　７９４６　０９５８！", "[phone]！"),
    ("+٤٤٢٠٧٩٤٦٠٩٥٨", "[phone]"),
    ("４１１１－１１１１－１１１１－１１１１", "[card]"),
    ("4111\xa01111\u20091111\u20111111", "4111\xa01111\u20091111\u20111111"),  # three kinds of gap
    ("4111\xa01111\u20091111\u202f1111", "[card]"),
    ("bo\u200bb@exa\u00admple.c\u2060om,\u200b", "[email],\u200b"),
    ("+44\u200b20\ufeff7946\u200d0958", "[phone]"),
    ("jo\u0308rg@mu\u0308nchen.de\u0301 e\u0301", "[email] e\u0301"),
    ("4\ufe0f\u20e3" + "1\ufe0f\u20e3" * 15 + " ok", "[card] ok"),
    ("①⑨②.①⑥⑧.⓪.①", "[ip]"),
]
NOT_FOUND = [
    "WHITE HANGING HEART T-LIGHT HOLDER",
    "SET OF 3 CAKE TINS 12345",
    "PACK OF 12 RED RETROSPOT 25x25cm, 536365 C536379 85123A",
    "536365",
    "2025550143",
    "20101201083412",
    "1300449600000",
    "2010-12-01 08:26",
    "2010-12-01T08:26:00.123456+00:00",
    "01.12.2010 08:26, 1/12/2010, 2010-12-01 2011-01-01",
    "GBP 1,234,567.89 or 1.234.567,89 or 16453.71",
    "48.137154 11.576124",
    "4006381333931",  # EAN-13, Luhn fails
    "4000000000006",  # EAN-13 that passes Luhn with the prefix and length of Visa
    "4 000000 000006",
    "36003090904048",  # a Diners Club card, or the article code of a box
    "ISBN 978-3-16-148410-0",
    "123e4567-e89b-12d3-a456-426614174000",
    "00000000-0000-4111-8111-411111111111",
    "d41d8cd98f00b204e9800998ecf8427e",
    "4111111111111112",  # Luhn fails
    "9111111111111111",  # of no network
    "x4111111111111111",
    "GB83 WEST 1234 5698 7654 32",
    "ZZ82 WEST 1234 5698 7654 32",
    "v1.2.3.4, 1.2.3, 1.2.3.4.5, 256.1.1.1, 192.168.001.001",
    "08:26:00, 10::30, a[::2], std::vector, dead::beef, ::1",
    "00:1A:2B:3C:4D:5E, 00:11:22:33:44:55:66:77",
    "aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99",
    "retina@2x, 3 @ 1.50, @bob, bob@, bob@home, a@b@c, bob at example dot com",
    "bob@-example.com, bob@example.123, @example.com",
    "+1, C++ 11, 1+1=2, +100, UTC+0100, +12345",
    "1-800-FLOWERS",
    "½ ⅔ ㏠ ⒈ m² 10⁻³",
    "",
]


@pytest.mark.parametrize(("text", "redacted"), EMAILS + NUMBERS + HOSTS + OTHER_SCRIPTS + OBFUSCATED)
def test_a_find_is_masked_and_the_rest_stays(text, redacted):
    assert redact(text) == redacted


@pytest.mark.parametrize("address", RESERVED)
def test_an_address_at_a_reserved_name_is_an_address(address):
    assert redact(f"write to {address}, please") == "write to [email], please"


@pytest.mark.parametrize(("text", "region", "redacted"), PHONES)
def test_a_phone_number_is_masked(text, region, redacted):
    assert redact(text, region) == redacted


def test_wide_digits_are_a_national_number_too():
    assert redact("電話０３ー１２３４ー５６７８まで", "JP") == "電話[phone]まで"


@pytest.mark.parametrize("region", [None, "GB", "DE"])
@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_is_no_find_comes_back_as_the_same_object(text, region):
    assert redact(text, region) is text


def test_a_national_number_needs_a_region():
    assert redact("020 7946 0958") == "020 7946 0958"


def test_a_national_number_of_a_business_stays():
    assert redact("0808 157 0192 or +44 808 157 0192", "GB") == "0808 157 0192 or [phone]"


def test_an_extension_stays_behind_the_mask():
    assert redact("+44 20 7946 0958 ext. 12, +44 20 7946 0958x12") == "[phone] ext. 12, [phone]x12"


def test_digits_alone_are_a_national_number_only_behind_one_zero():
    assert redact("07911123456", "GB") == "[phone]"
    assert redact("2025550143 0044207946095 036000291452", "US") == "2025550143 0044207946095 036000291452"


def test_the_stronger_check_wins_an_overlap():
    assert redact("+442079460958@example.com") == "[email]"
    assert redact("root@192.168.0.1") == "root@[ip]"
    assert redact("12 4111 1111 1111 1111", "GB") == "12 [card]"
    assert redact("DE89 3704 0044 0532 0130 00", "DE") == "[iban]"


def test_a_find_that_was_glued_to_another_is_found_too():
    assert redact("+442079460958GB82WEST12345698765432+442079460958") == "[phone][iban][phone]"


def test_a_text_that_keeps_uncovering_finds_loses_every_digit():
    chain = redact("for ⁵ days: " + "+442079460958GB82WEST12345698765432" * 10)
    assert chain.startswith("for * days: [phone][iban]")
    assert not any(character.isdigit() for character in chain)
    assert redact(chain) is chain


def test_masks_are_text_like_any_other():
    assert redact("[email] [phone] [ip]@[card] bob@[ip]") == "[email] [phone] [ip]@[card] bob@[ip]"


@pytest.mark.parametrize("region", ["gb", "UK", "", "001"])
def test_an_unknown_region_is_refused(region):
    for refused in (lambda: redact("text", region), lambda: Redactor(region)):
        with pytest.raises(Invalid, match="REGION_UNKNOWN"):
            refused()


def test_a_column_keeps_its_order_and_its_gaps():
    texts = ["bob@example.com", None, "RED MUG", "bob@example.com", "020 7946 0958", ""]
    assert Redactor("GB").column(texts) == ["[email]", None, "RED MUG", "[email]", "[phone]", ""]
    assert Redactor().column(texts)[4] == "020 7946 0958"


def test_memory_holds_short_texts_up_to_its_bound():
    redactor = Redactor(remember=10)
    for start in range(0, 100, 7):
        texts = [f"write to {number}@example.com" for number in range(start, start + 7)]
        assert redactor.column([*texts, None, "x" * 1000 + " a@b.co"]) == ["write to [email]"] * 7 + [
            None,
            "x" * 1000 + " [email]",
        ]
        assert 0 < len(redactor._known) <= 10
        assert max(map(len, filter(None, redactor._known))) < 80


def test_a_remembered_text_is_not_looked_at_again():
    redactor = Redactor()
    texts = [f"{number}@example.com" for number in range(50)]
    redactor.column(texts)
    assert _calls(lambda: redactor.column(texts)) < 10
    forgetful = Redactor(remember=0)
    forgetful.column(texts)
    assert _calls(lambda: forgetful.column(texts)) > 1000


# Each of these is repeated to a long text: piled-up beginnings, near misses and finds of every kind.
HOSTILE = """@|a@|_@_|%40|a@b.co@|a@b-|"a"@|a%40|..@.|1|1.|1 |12 |123 |07 |0-|+|+1|+1111111|+1 1 1 1 1 1 1 1 |(0|(|((+1)
4|4111 |4111-1111-1111-1112 |4111111111111112 |GB82 |GB82WEST12345698765433 |DE89 1|a1 |1.1.1.1 |1.1.1.1a|1.1.1.|:|a:|z:
::1|abcdef01:|2001:db8::1 |1:2:3:4:5:6:7:|2010-12-0|12:00:0|1,234,|1.5 |12345678-1234-1234-1234-12345678901 |-|a-
\u200b|1\u200b|\u0301|１|ａ＠ｂ．ｃｏ |例.|a@例.|+442079460958GB82WEST12345698765432|+442079460958 |020 7946 0958 |["""
HOSTILE = HOSTILE.replace("\n", "|").split("|")


@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
def test_work_grows_with_a_hostile_text_and_no_faster(piece):
    # From a length on where patience with refused national numbers has run out for both.
    half, whole = (_calls(lambda size=size: redact(_repeated(piece, size), "GB")) for size in (4_000, 8_000))
    assert whole < 2.2 * half + 100


@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
def test_a_hundred_thousand_hostile_characters_are_redacted(piece):
    # One pattern that backtracks over the text would keep this from ending.
    assert redact(_repeated(piece, 100_000), "GB")


def _repeated(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def _calls(work) -> int:
    """How many functions the work calls, of Python and of C: an amount of work that no busy machine changes."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
