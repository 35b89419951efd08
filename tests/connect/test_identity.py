"""That a JWT proves what its provider signed, and that every usual way around that is refused."""

import asyncio
import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from tests.issuing import AUDIENCE, ISSUER, claims, issuing

from keepsum.connect.identity import COOLDOWN, FRESH, STALE, Identities, Keys, Provider, looks_right
from keepsum.model.errors import Forbidden, Unavailable

SECRET = "a secret that is thirty-two bytes"


class Hands:
    """A clock that tests move, in seconds."""

    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def issuer():
    with issuing() as issuer:
        yield issuer.add("one")


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def identities(issuer, hands):
    made = Identities(Provider(issuer=ISSUER, audience=AUDIENCE, keys_url=issuer.url, leeway=5), clock=hands)
    yield made
    made.close()


def shared(audience=AUDIENCE, audience_claim="aud"):
    return Identities(Provider(issuer=ISSUER, audience=audience, audience_claim=audience_claim, secret=SECRET))


def proven(identities, text):
    return asyncio.run(identities.prove(text))


def refusal(identities, text):
    with pytest.raises(Forbidden, match="CREDENTIAL_REFUSED") as caught:
        proven(identities, text)
    return caught.value.message.removeprefix("The credential is refused: ").removesuffix(".")


def part(value):
    """One part of a JWT made by hand."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def forged(header, body, key=b""):
    """A JWT signed with HMAC, whatever its header says."""
    signed = f"{part(header)}.{part(body)}"
    return f"{signed}.{part(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def test_a_good_token_says_who_somebody_is(issuer, identities):
    found = proven(identities, issuer.token(role="staff"))
    assert (found.issuer, found.subject) == (ISSUER, "user-7")
    assert found.says("role", "staff")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_published_keys_are_of_these_kinds(issuer, identities, algorithm):
    issuer.add("new", algorithm)
    assert proven(identities, issuer.token("new")).subject == "user-7"


def test_a_shared_secret_proves_as_well():
    assert proven(shared(), jwt.encode(claims(), SECRET, "HS256")).subject == "user-7"
    wrong = jwt.encode(claims(), SECRET.upper(), "HS256")
    assert refusal(shared(), wrong) == "its signature is wrong"


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
def test_a_token_that_says_it_needs_no_signature_is_refused(issuer, identities, name):
    for header in ({"alg": name, "kid": "one"}, {"alg": name, "kid": "one", "typ": "JWT"}):
        bare = f"{part(header)}.{part(claims())}."
        wrong = "it is not signed with the algorithm of its key"
        assert refusal(identities, bare) == wrong
        assert refusal(shared(), bare) == wrong
        assert refusal(identities, bare + part(b"x" * 64)) == wrong
    assert issuer.asked == 1


def test_a_public_key_is_never_taken_for_a_shared_secret(issuer, identities):
    issuer.add("rsa", "RS256")
    for kid in ("one", "rsa"):
        text = forged({"alg": "HS256", "kid": kid}, claims(), issuer.public(kid))
        assert refusal(identities, text) == "it is not signed with the algorithm of its key"


def test_a_shared_key_that_a_provider_publishes_is_none(issuer, identities):
    issuer.published.append({"kty": "oct", "kid": "oct", "alg": "HS256", "k": part(SECRET.encode())})
    text = jwt.encode(claims(), SECRET, "HS256", headers={"kid": "oct"})
    assert refusal(identities, text) == "it names a key that its provider does not have"


def test_a_token_brings_no_key_and_no_address_of_keys(issuer, identities):
    with issuing() as evil:
        evil.add("one")
        for more in ({"jku": evil.url}, {"x5u": evil.url}, {"jwk": evil.published[0]}):
            assert refusal(identities, evil.token(headers=more)) == "its signature is wrong"
        assert evil.asked == 0


def test_a_key_is_used_with_its_own_algorithm_only(issuer, identities):
    issuer.add("rsa", "RS256")
    key, _ = issuer.keys["rsa"]
    other = jwt.encode(claims(), key, "RS512", headers={"kid": "rsa"})
    assert refusal(identities, other) == "it is not signed with the algorithm of its key"


def test_a_key_for_encrypting_signs_nothing(issuer, identities):
    issuer.add("enc", use="enc")
    assert refusal(identities, issuer.token("enc")) == "it names a key that its provider does not have"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": "others"}, "it is for another audience"),
        ({"aud": ["others", "more"]}, "it is for another audience"),
        ({"aud": "keepsum2"}, "it is for another audience"),
        ({"aud": None}, "it lacks a claim: exp, iss, sub or the audience"),
        ({"iss": "https://id.example.org.evil.example"}, "it is of another issuer"),
        ({"iss": "https://id.example.or"}, "it is of another issuer"),
        ({"iss": None}, "it lacks a claim: exp, iss, sub or the audience"),
        ({"exp": 1}, "it has expired"),
        ({"exp": None}, "it lacks a claim: exp, iss, sub or the audience"),
        ({"exp": "soon"}, "it is malformed"),
        ({"nbf": 2**40}, "its time has not come"),
        ({"iat": 2**40}, "its time has not come"),
        ({"sub": None}, "it lacks a claim: exp, iss, sub or the audience"),
        ({"sub": 7}, "it is malformed"),
    ],
)
def test_a_token_for_others_or_at_another_time_is_refused(issuer, identities, changed, reason):
    assert refusal(identities, issuer.token(**changed)) == reason


def test_clocks_may_differ_a_little(issuer, identities):
    now = int(time.time())
    assert proven(identities, issuer.token(exp=now - 2, iat=now + 2)).subject == "user-7"
    assert refusal(identities, issuer.token(exp=now - 8)) == "it has expired"


def test_an_audience_among_several_is_enough(issuer, identities):
    assert proven(identities, issuer.token(aud=["others", AUDIENCE])).subject == "user-7"


def test_another_claim_may_say_whom_a_token_is_for():
    identities = shared(audience="https://app.example.org", audience_claim="azp")
    text = jwt.encode(claims(aud=None, azp="https://app.example.org"), SECRET, "HS256")
    assert proven(identities, text).subject == "user-7"
    for changed in ({"azp": "https://evil.example"}, {"azp": None}, {"azp": ["https://app.example.org"]}):
        refusal(identities, jwt.encode(claims(**{"aud": "https://app.example.org"} | changed), SECRET, "HS256"))


def test_a_token_that_was_changed_is_refused(issuer, identities):
    header, body, signature = issuer.token().split(".")
    other = part(claims(sub="user-8"))
    assert refusal(identities, f"{header}.{other}.{signature}") == "its signature is wrong"
    assert refusal(identities, f"{header}.{body}.{signature[::-1]}") in {"its signature is wrong", "it is malformed"}
    assert refusal(identities, f"{header}.{body}.") == "its signature is wrong"


@pytest.mark.parametrize(
    "text",
    [
        "ey.ey.ey",
        f"{part([])}.{part({})}.x",
        f"{part({'alg': 'ES256', 'kid': 7})}.{part({})}.x",
        f"{part({'alg': 'ES256', 'kid': 'one', 'crit': ['odd'], 'odd': 1})}.{part({})}.x",
        f"{part(b'[' * 5_000)}.{part({})}.x",
        "eyJ\x00.eyJ.x",
    ],
)
def test_what_is_no_token_is_refused(issuer, identities, text):
    assert refusal(identities, text) == "it is malformed"
    assert issuer.asked == 0


def test_a_token_without_its_content_is_refused(issuer, identities):
    detached = {"alg": "ES256", "kid": "one", "crit": ["b64"], "b64": False}
    assert refusal(identities, f"{part(detached)}..{part(b'x' * 64)}") == "it is malformed"


@pytest.mark.parametrize("text", ["", "a.b.c", "ey.ey", "ey.ey.ey.ey", "eyé.b.c", "keepsum_abc"])
def test_what_cannot_be_a_token_is_seen_at_once(text):
    assert not looks_right(text)


def test_an_unknown_key_is_asked_for_once_in_a_while_however_often_it_is_named(issuer, identities, hands):
    proven(identities, issuer.token())
    issuer.add("made-up", published=False)
    hands.now += COOLDOWN
    for _ in range(50):
        assert refusal(identities, issuer.token("made-up")) == "it names a key that its provider does not have"
    assert issuer.asked == 2
    assert proven(identities, issuer.token()).subject == "user-7"


def test_a_new_key_is_known_when_it_is_first_used_and_an_old_one_goes(issuer, identities, hands):
    proven(identities, issuer.token())
    old = issuer.token()
    issuer.add("two").withdraw("one")
    assert refusal(identities, issuer.token("two")) == "it names a key that its provider does not have"
    hands.now += COOLDOWN
    assert proven(identities, issuer.token("two")).subject == "user-7"
    assert refusal(identities, old) == "it names a key that its provider does not have"


def test_a_key_that_is_withdrawn_is_good_for_five_minutes_at_most(issuer, identities, hands):
    proven(identities, issuer.token())
    issuer.withdraw("one")
    issuer.add("two")
    hands.now += FRESH - 1
    proven(identities, issuer.token())
    hands.now += 1
    assert refusal(identities, issuer.token()) == "it names a key that its provider does not have"


def test_keys_are_good_for_an_hour_while_their_provider_is_out_of_reach(issuer, identities, hands):
    proven(identities, issuer.token())
    issuer.broken = True
    hands.now += STALE - 1
    assert proven(identities, issuer.token()).subject == "user-7"
    hands.now += 1
    with pytest.raises(Unavailable, match="IDENTITY_KEYS_MISSING"):
        proven(identities, issuer.token())
    issuer.broken = False
    hands.now += COOLDOWN
    assert proven(identities, issuer.token()).subject == "user-7"


def test_a_provider_that_is_out_of_reach_is_not_asked_again_at_once(issuer, identities):
    issuer.broken = True
    for _ in range(20):
        with pytest.raises(Unavailable, match="IDENTITY_KEYS_MISSING"):
            proven(identities, issuer.token())
    assert issuer.asked == 1


def test_a_provider_that_does_not_exist_is_no_reason_to_break():
    keys = Keys("http://127.0.0.1:9/keys")
    with pytest.raises(Unavailable, match="IDENTITY_KEYS_MISSING"):
        keys.find("one")
