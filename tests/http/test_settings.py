import pytest
from tests.served import BODY_LIMIT, problem_of

from keepsum.model.errors import Invalid
from keepsum.model.identity import IdentityRule
from keepsum.settings import load

PROVIDER = {"identity_issuer": "https://id.example.org", "identity_audience": "keepsum"}
SECRET = "s" * 32
RULE = '[{"claim": "role", "value": "staff", "workspace": "default", "role": "viewer"}]'


def test_lists_are_read_with_commas_between():
    told = load(hosts="A.example, b.example,", origins="https://a.example/", trusted_proxies="10.0.0.0/8,::1")
    assert told.hosts == ("a.example", "b.example")
    assert told.origins == ("https://a.example",)
    assert told.trusted_proxies == ("10.0.0.0/8", "::1/128")


def test_rules_of_identities_are_read_from_json():
    rule = IdentityRule(claim="role", value="staff", workspace="default", role="viewer")
    assert load(**PROVIDER, identity_secret=SECRET, identity_rules=RULE).identity_rules == (rule,)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("hosts", {"hosts": "https://a.example"}),
        ("hosts", {"hosts": "a.example:443"}),
        ("hosts", {"hosts": "*"}),
        ("origins", {"origins": "*"}),
        ("origins", {"origins": "https://a.example/page"}),
        ("origins", {"origins": "a.example"}),
        ("trusted_proxies", {"trusted_proxies": "proxy.example"}),
        ("trusted_proxies", {"trusted_proxies": "10.0.0.1/8"}),
        ("tls_key", {"tls_cert": "a.pem"}),
        ("tls_key", {"tls_key": "a.pem"}),
        ("request_limit", {"request_limit": -1}),
        ("identity_audience", {"identity_issuer": "https://id.example.org"}),
        ("identity_keys_url", PROVIDER),
        ("identity_keys_url", PROVIDER | {"identity_secret": SECRET, "identity_keys_url": "https://id.example.org/k"}),
        ("identity_keys_url", PROVIDER | {"identity_keys_url": "http://id.example.org/keys"}),
        ("identity_keys_url", PROVIDER | {"identity_keys_url": "http://127.0.0.1.evil.example/keys"}),
        ("identity_keys_url", PROVIDER | {"identity_keys_url": "file:///etc/passwd"}),
        ("identity_secret", PROVIDER | {"identity_secret": "MARKER"}),
        ("identity_rules", {"identity_rules": "MARKER"}),
        ("identity_rules", {"identity_rules": '[{"claim": "MARKER"}]'}),
        ("identity_rules", {"identity_rules": RULE.replace("role", "MARKER", 1)[:-2] + ', "more": "MARKER"}]'}),
    ],
)
def test_a_setting_that_cannot_be_is_named_without_its_value(name, given):
    with pytest.raises(Invalid, match="BAD_SETTING") as caught:
        load(**given)
    assert f"'{name}'" in caught.value.message
    assert "MARKER" not in caught.value.message


def test_how_a_workspace_is_set_up_is_shown_to_those_who_operate(shared):
    found = shared.get("/v1/settings").json()
    assert found["workspace"] == {
        "id": "default", "name": "default", "zone": "UTC", "week_start": "monday", "k": 10, "packs": ["web"],
    }  # fmt: skip
    assert found["streams"][0] == {"stream": "orders", "retention_days": 30, "buffer_days": 0, "late_days": 7}
    assert found["limits"] == {
        "widgets": 20, "refresh": 300, "export_rows": 100_000, "export_days": 365, "body_bytes": BODY_LIMIT,
    }  # fmt: skip
    problem_of(shared.role("manager").get("/v1/settings"), 403, "NOT_PERMITTED")
