import pytest

from keepsum.model.audit import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("127.0.0.1", "127.0.0.0/24"),
        ("", ""),
        ("a.socket", ""),
        ("192.0.2.300", ""),
    ],
)
def test_an_address_is_kept_as_the_network_it_is_in(address, network):
    assert network_of(address) == network
