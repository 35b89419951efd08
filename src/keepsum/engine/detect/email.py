"""E-mail addresses: an at-sign, the local part before it and a domain after it, confirmed by email-validator."""

import re
from collections.abc import Iterator
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from keepsum.engine.detect.span import Span

# The second is how an at-sign stands in the query of a URL.
_AT = re.compile("@|%40")
_LOCAL_MOST, _DOMAIN_MOST = 64, 253  # characters; RFC 5321, 4.5.3.1
_SHORT = 40  # characters of a domain, with which no local part makes an address too long, in Unicode either
# RFC 5322, 3.2.3: right before any domain that is.
_DOT_ATOM = re.compile(r"[0-9A-Za-z!#$%&'*+\-/=?^_`{|}~]++(?:\.[0-9A-Za-z!#$%&'*+\-/=?^_`{|}~]++)*+")
# Without the signs that URLs put around an address (/ ? & |); with "=", before which a bounce address names a person.
_ATOM = r"[\w!#$%'*+\-=^`{}~]++"
_LOCAL_BACKWARDS = re.compile(rf'"[^"\r\n]++"|{_ATOM}(?:\.{_ATOM})*+')
_OPENING_SIGNS = "!#$%'*-=^`{}~."
_LABEL = r"[^\W_]++(?:-++[^\W_]++)*+"
# Latin letters or none at all, so that digits or a particle of another script behind an address do not hide it.
_LATIN = r"A-Za-z\u00c0-\u024f"
_TOP = rf"(?:xn--[0-9A-Za-z-]*[0-9A-Za-z]|[{_LATIN}]{{2,63}}(?![{_LATIN}])|[^\W\d_{_LATIN}]++)"
_RESERVED = "|".join(SPECIAL_USE_DOMAIN_NAMES)
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_TOP}|(?i:{_RESERVED})(?![^\W_])|\[(?:IPv6:)?[0-9A-Fa-f:.]{{2,45}}\]")
# Thai to Myanmar, Khmer, kana and Han, Hangul: words stand without a space before an address.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]"
)


def emails(text: str, _region: str | None = None) -> list[Span]:
    """Where e-mail addresses stand, reserved and test domains included."""
    spans: list[Span] = []
    if "@" not in text and "%40" not in text:
        return spans
    edge = 0
    for at in _AT.finditer(text):
        span = _around(text, at, edge)
        if span:
            spans.append(span)
            edge = span[1]
    return spans


def _around(text: str, at: re.Match[str], edge: int) -> Span | None:
    domain = _DOMAIN.match(text, at.end(), at.end() + _DOMAIN_MOST)
    before = text[max(edge, at.start() - _LOCAL_MOST) : at.start()]
    local = _LOCAL_BACKWARDS.match(before[::-1])
    if domain is None or local is None:
        return None
    for piece in _local_parts(local[0][::-1]):
        if _is_email(piece, domain[0]):
            return at.start() - len(piece), domain.end()
    return None


def _local_parts(run: str) -> Iterator[str]:
    """What the local part may be: what follows the last character of an unspaced script, else all of it."""
    run = run.lstrip(_OPENING_SIGNS)
    tail = _UNSPACED.split(run)[-1].lstrip(_OPENING_SIGNS)
    if tail:
        yield tail
    if run != tail:
        yield run


def _is_email(local: str, domain: str) -> bool:
    if len(domain) <= _SHORT and domain.isascii() and len(local) <= _LOCAL_MOST and _DOT_ATOM.fullmatch(local):
        return _is_domain(domain)
    return _is_address(local, domain)


@lru_cache(maxsize=2_048)
def _is_domain(domain: str) -> bool:
    """Whether it is one behind a plain local part; the same few stand in most addresses."""
    return _is_address("somebody", domain)


def _is_address(local: str, domain: str) -> bool:
    name, dot, top = domain.rpartition(".")
    if top.lower() in SPECIAL_USE_DOMAIN_NAMES:
        # The library refuses every reserved name but this one, and people have addresses there too.
        domain = f"{name}{dot}test"
    try:
        validate_email(
            f"{local}@{domain}",
            check_deliverability=False,
            test_environment=True,
            allow_quoted_local=True,
            allow_domain_literal=True,
        )
    except EmailNotValidError:
        return False
    return True
