import re
import unicodedata

import pytest

from keepsum.model.errors import Invalid
from keepsum.pipeline.passwords import LANES, MEMORY, TIME, Passwords, check

GOOD = "three words and a comma"


@pytest.fixture(scope="module")
def stored():
    return Passwords().hashed(GOOD)


def test_a_password_is_stored_as_argon2id_at_the_recommended_cost(stored):
    assert re.fullmatch(
        rf"\$argon2id\$v=19\$m={MEMORY},t={TIME},p={LANES}\$[A-Za-z0-9+/]{{22}}\$[A-Za-z0-9+/]{{43}}", stored
    )
    assert (MEMORY, TIME, LANES) == (64 * 1024, 3, 4)
    assert GOOD not in stored


def test_the_right_password_matches_and_no_other(stored):
    passwords = Passwords()
    assert passwords.matches(stored, GOOD)
    assert not passwords.matches(stored, GOOD + ".")
    assert not passwords.matches(stored, "")
    assert not passwords.matches(stored, "x" * 1_000_000)


def test_nobody_matches_where_no_password_is_stored():
    passwords = Passwords(memory=64)
    assert not passwords.matches(None, GOOD)
    assert not passwords.matches(None, "")
    assert not passwords.outdated(passwords._nobodys)


def test_what_is_compared_with_for_nobody_costs_as_much_as_a_real_one(stored):
    assert Passwords()._nobodys.split("$")[:4] == stored.split("$")[:4]
    assert len(Passwords()._nobodys) == len(stored)


def test_the_same_password_from_another_keyboard_matches():
    text = "Caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait \N{ANGSTROM SIGN}"
    passwords = Passwords(memory=64)
    assert passwords.matches(passwords.hashed(text), unicodedata.normalize("NFD", text))


def test_a_hash_of_another_cost_is_outdated(stored):
    assert not Passwords().outdated(stored)
    assert Passwords(memory=128).outdated(stored)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "x" * 257,
        "aaaaaaaaaaaaa",
        "ann@bakery.example",
        "elpmaxe.yrekab@nna",
        "Annabella Baker",
        "1212121212121212",
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_without_being_shown(password):
    with pytest.raises(Invalid, match="BAD_PASSWORD") as caught:
        check(password, "ann@bakery.example", "annabella baker")
    assert not password or password not in str(caught.value)


def test_a_sentence_is_a_good_password():
    check(GOOD, "ann@bakery.example", "Ann")
    check("пароль из трёх слов", "ann@bakery.example", "Ann")
