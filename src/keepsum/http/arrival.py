"""Where a request comes from and what it was sent to; a proxy is believed only where the settings trust its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.types import Scope

from keepsum.model.errors import Invalid
from keepsum.settings import Settings

Headers = Mapping[bytes, bytes]
SCHEMES: Mapping[bytes, str] = {b"http": "http", b"https": "https"}
LONGEST_CHAIN = 2_048  # bytes of a forwarded-for worth reading


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One request's way here: the address it comes from, empty where there is none, and what it asks for and how."""

    address: str
    scheme: str
    host: str

    @property
    def is_secure(self) -> bool:
        """Whether all of the way that is known was encrypted."""
        return self.scheme == "https"

    @property
    def base(self) -> str:
        """The address of this server as the caller writes it."""
        return f"{self.scheme}://{self.host}"


class Arrivals:
    """Reads where requests come from, and refuses those that were sent to somebody else."""

    def __init__(self, settings: Settings) -> None:
        self._trusted = tuple(ip_network(text) for text in settings.trusted_proxies)
        told = urlsplit(settings.public_url or "").hostname
        self._hosts = frozenset(name.lower() for name in (*settings.hosts, *([told] if told else ())))
        self._is_ours = lru_cache(maxsize=256)(self._names_us)
        self._believes = lru_cache(maxsize=4_096)(self._is_trusted)
        self._made = lru_cache(maxsize=4_096)(_arrival)  # making it anew takes longer than looking it up

    def of(self, scope: Scope, given: Headers) -> Arrival:
        """Give how a request came.

        Of addresses that proxies wrote down one after the other, the last that is not a trusted proxy's own counts:
        whatever stands before it may have been made up.
        """
        client = scope.get("client")
        address: str = client[0] if client else ""
        scheme: str = scope.get("scheme", "http")
        host = given.get(b"host", b"")
        if self._trusted and self._believes(address):
            chain = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
            address = self._before(b",".join(chain), address)
            scheme = SCHEMES.get(given.get(b"x-forwarded-proto", b"").lower(), scheme)
            host = given.get(b"x-forwarded-host", host)
        return self._made(address, scheme, host)

    def check(self, arrival: Arrival) -> None:
        """Raise `HOST_NOT_SERVED` for a request that names a host which is not this server.

        A web page under a name of its own that leads here could otherwise use what a browser knows of this machine.
        """
        if not self._is_ours(arrival.host):
            message = "The request names a host that is not this server: ask for localhost, or set --hosts."
            raise Invalid("HOST_NOT_SERVED", message)

    def _before(self, chain: bytes, address: str) -> str:
        for text in reversed(chain[-LONGEST_CHAIN:].decode("latin-1").split(",")):
            found = _address(text.strip())
            if found is None:
                return address
            address = found
            if not self._believes(address):
                return address
        return address

    def _is_trusted(self, address: str) -> bool:
        return _is_within(address, self._trusted)

    def _names_us(self, host: str) -> bool:
        name = host.lower()
        name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
        if name in self._hosts or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return False


def _arrival(address: str, scheme: str, host: bytes) -> Arrival:
    return Arrival(address=address, scheme=scheme, host=host.decode("latin-1"))


def _is_within(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:  # what a socket for both kinds calls IPv4
        found = found.ipv4_mapped
    return any(found in network for network in networks if network.version == found.version)


def _address(text: str) -> str | None:
    """Give an address in its one form, out of `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ip_address(bare))
    except ValueError:
        return None
