import pytest

from keepsum.model.identity import Identity

CLAIMS = {
    "role": "staff",
    "roles": ["reader", "writer"],
    "level": 7,
    "verified": True,
    "none": None,
    "https://example.org/roles": ["boss"],
    "o": {"rol": "admin", "more": {"deep": "x"}},
    "o.rol": "flat",
    "text.deep": 1.5,
}
IDENTITY = Identity(issuer="https://id.example.org", subject="user-7", claims=CLAIMS)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("role", "staff"),
        ("roles", "writer"),
        ("level", "7"),
        ("verified", "true"),
        ("https://example.org/roles", "boss"),
        ("o.more.deep", "x"),
        ("o.rol", "flat"),  # a claim of the whole name comes first
        ("role", "*"),
        ("roles", "*"),
    ],
)
def test_a_claim_has_a_value(claim, value):
    assert IDENTITY.says(claim, value)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("role", "staf"),
        ("role", "STAFF"),
        ("roles", "reader,writer"),
        ("verified", "True"),
        ("missing", "*"),
        ("none", "*"),
        ("o", "*"),
        ("role.staff", "*"),
        ("o.more", "*"),
        ("text.deep", "*"),
    ],
)
def test_a_claim_does_not(claim, value):
    assert not IDENTITY.says(claim, value)


def test_one_value_is_given_as_text():
    assert [IDENTITY.text(claim) for claim in ("role", "level", "roles", "missing", "o.more.deep")] == [
        "staff", "7", None, None, "x",
    ]  # fmt: skip
