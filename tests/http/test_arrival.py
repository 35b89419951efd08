import pytest
from tests.served import PACK, order, problem_of, served_from
from tests.systems import House

from keepsum.http.arrival import Arrivals
from keepsum.model.errors import Invalid
from keepsum.settings import load

PROXY, SECOND, STRANGER = "10.0.0.1", "192.168.7.7", "203.0.113.9"


def arrived(peer=PROXY, *, settings=None, scheme="http", **headers):
    """How a request from a peer came, with these headers, to a server that trusts two proxies."""
    told = {"trusted_proxies": f"10.0.0.0/8,{SECOND},2001:db8::/32"} | (settings or {})
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"client": (peer, 1), "scheme": scheme, "headers": given}
    return Arrivals(load(**told)).of(scope, dict(given))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (PROXY, "203.0.113.9", STRANGER),
        (PROXY, "203.0.113.9:4711", STRANGER),
        (PROXY, f"198.51.100.1, {STRANGER}", STRANGER),  # what the stranger wrote there itself
        (PROXY, f"{STRANGER}, {SECOND}", STRANGER),  # two proxies, one behind the other
        (PROXY, f"198.51.100.1, {STRANGER}, {SECOND}, 10.9.9.9", STRANGER),
        (PROXY, f"{SECOND}, 10.1.1.1", SECOND),  # a proxy asks for itself
        (PROXY, "", PROXY),
        (PROXY, "nonsense", PROXY),
        (PROXY, f"{STRANGER}, nonsense", PROXY),
        (PROXY, f"nonsense, {STRANGER}", STRANGER),
        (PROXY, "2001:db9::1", "2001:db9::1"),
        (PROXY, "[2001:db9::1]:443", "2001:db9::1"),
        (f"::ffff:{PROXY}", STRANGER, STRANGER),
        (STRANGER, "198.51.100.1", STRANGER),  # nobody's proxy
        ("2001:db8::5", STRANGER, STRANGER),
        ("", STRANGER, ""),
    ],
)
def test_the_address_is_the_last_that_is_no_trusted_proxys_own(peer, forwarded, address):
    assert arrived(peer, x_forwarded_for=forwarded).address == address


def test_several_lines_of_forwarded_addresses_are_one_chain():
    given = [(b"x-forwarded-for", STRANGER.encode()), (b"x-forwarded-for", SECOND.encode())]
    scope = {"client": (PROXY, 1), "scheme": "http", "headers": given}
    arrivals = Arrivals(load(trusted_proxies=f"10.0.0.0/8,{SECOND}"))
    assert arrivals.of(scope, dict(given)).address == STRANGER


def test_a_proxy_says_what_was_asked_for_and_how_if_it_is_trusted():
    said = {"x_forwarded_proto": "https", "x_forwarded_host": "keepsum.example.org", "host": "127.0.0.1:8001"}
    trusted, other = arrived(PROXY, **said), arrived(STRANGER, **said)
    assert (trusted.is_secure, trusted.base) == (True, "https://keepsum.example.org")
    assert (other.is_secure, other.base) == (False, "http://127.0.0.1:8001")
    assert arrived(PROXY, x_forwarded_proto="gopher", host="x").base == "http://x"


def test_nobody_is_trusted_unless_the_settings_say_so():
    arrival = arrived(
        "127.0.0.1", settings={"trusted_proxies": ""}, x_forwarded_for=STRANGER, x_forwarded_proto="https"
    )
    assert (arrival.address, arrival.is_secure) == ("127.0.0.1", False)


@pytest.mark.parametrize(
    "host", ["keepsum.example.org", "KEEPSUM.example.org:443", "a.example", "localhost", "[::1]:1"]
)
def test_hosts_that_the_settings_name_are_served_beside_this_machine(host):
    arrivals = Arrivals(load(hosts="a.example,b.example", public_url="https://keepsum.example.org"))
    given = {b"host": host.encode()}
    arrivals.check(arrivals.of({"client": None, "scheme": "http", "headers": []}, given))


@pytest.mark.parametrize("host", ["", "example.org", "x.keepsum.example.org", "keepsum.example.org.evil.example", "."])
def test_any_other_host_is_not(host):
    arrivals = Arrivals(load(public_url="https://keepsum.example.org"))
    with pytest.raises(Invalid, match="HOST_NOT_SERVED"):
        arrivals.check(arrivals.of({"client": None, "scheme": "http", "headers": []}, {b"host": host.encode()}))


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """A server behind a proxy on this machine that speaks HTTPS with the world."""
    house = House(tmp_path_factory.mktemp("behind"), PACK)
    with served_from(
        house, trusted_proxies="127.0.0.1", public_url="https://keepsum.example.org", address_limit=5
    ) as s:
        yield s
    house.close()


OUTSIDE = {"x-forwarded-proto": "https", "x-forwarded-host": "keepsum.example.org"}


def test_behind_a_proxy_limits_are_of_the_address_in_front_of_it(behind):
    for stranger in ("198.51.100.1", "198.51.100.2"):
        headers = OUTSIDE | {"x-forwarded-for": stranger}
        statuses = [behind.nobody.get("/v1/metrics", headers=headers).status_code for _ in range(7)]
        assert statuses == [401] * 5 + [429] * 2


def test_behind_a_proxy_the_audit_log_knows_the_network_in_front_of_it(behind):
    headers = OUTSIDE | {"x-forwarded-for": STRANGER}
    refused = behind.nobody.post("/v1/session", json={"email": "a@example.org", "password": "x"}, headers=headers)
    problem_of(refused, 403, "SIGN_IN_FAILED")
    job = behind.client.post("/v1/jobs", json={"job": "purge"}, headers=headers)
    assert job.status_code == 202
    (event,) = behind.get("/v1/audit", kind="purged_by_person").json()["events"]
    assert event["origin"]["network"] == "203.0.113.0/24"


def test_behind_a_proxy_that_speaks_https_cookies_are_for_https_only(behind):
    browser = behind.person("ann@example.org", headers=OUTSIDE)
    assert set(browser.cookies) == {"__Host-keepsum_session", "__Host-keepsum_device"}


def test_an_address_and_headers_that_are_too_long_are_refused(shared):
    problem_of(shared.get("/v1/metrics?" + "x" * 9_000), 414, "ADDRESS_TOO_LONG")
    problem_of(shared.nobody.get("/v1/metrics?" + "x" * 9_000), 414, "ADDRESS_TOO_LONG")
    headers = {f"x-{number}": "x" * 1_000 for number in range(40)}
    for sent in (headers, [("x", "x" * 1_000)] * 40, [("x" * 1_000, "x")] * 40):
        problem_of(shared.client.get("/v1/metrics", headers=sent), 431, "HEADERS_TOO_LARGE")
    problem_of(
        shared.client.post("/v1/streams/orders/records", json=order(), headers=headers), 431, "HEADERS_TOO_LARGE"
    )
