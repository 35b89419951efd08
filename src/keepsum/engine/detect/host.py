"""IP addresses, confirmed by the standard library; only a whole run of groups is one, no part of a longer run."""

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from keepsum.engine.detect.span import Span, blank

_IPV4 = re.compile(r"(?<![0-9A-Za-z])(?<![0-9]\.)[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z])(?!\.[0-9])")
_IPV6 = re.compile(
    r"(?<![0-9A-Za-z:])"
    r"(?:[0-9A-Fa-f]*+[G-Zg-z][0-9A-Za-z]*+:|[0-9A-Fa-f]{5,}+:)*+"  # labels, as in "client:2001:db8::1"
    r"(?P<address>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:(?<=[0-9])(?:\.[0-9]{1,3}){3})?)"
    r"(?![0-9A-Za-z])(?!:[0-9A-Fa-f:])"
)
# Keeps times, ratios, slices, hardware addresses and qualified names out (10::30, a[::2], 00:1a:2b:..., a::b).
_LONG_GROUP, _DIGIT = re.compile("[0-9A-Fa-f]{3}"), re.compile("[0-9]")


def ips(text: str, _region: str | None = None) -> list[Span]:
    """Where IP addresses of both versions stand; a port, a zone or a prefix length stays behind them."""
    spans: list[Span] = []
    if text.count(":") >= 2:
        spans += (span for match in _IPV6.finditer(text) if (span := _ipv6(match)))
    if text.count(".") >= 3:
        rest = blank(text, spans)
        spans += (match.span() for match in _IPV4.finditer(rest) if _is_address(match[0], IPv4Address))
    return sorted(spans)


def _ipv6(match: re.Match[str]) -> Span | None:
    address = match["address"]
    for piece in (address, address.rstrip(":")):  # a colon at the end may be the sentence's
        if _LONG_GROUP.search(piece) and _DIGIT.search(piece) and _is_address(piece, IPv6Address):
            start = match.start("address")
            return start, start + len(piece)
    return None


def _is_address(text: str, version: Callable[[str], object]) -> bool:
    try:
        version(text)
    except AddressValueError:
        return False
    return True
