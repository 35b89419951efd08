"""An identity that somebody else vouches for, and the rules that give it a workspace and roles here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

ANY = "*"


@dataclass(frozen=True, kw_only=True)
class IdentityRule:
    """Whoever has this value in a claim has this role in a workspace, by name; the value `*` is any."""

    claim: str
    value: str
    workspace: str
    role: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Identity:
    """Who somebody is to their identity provider: `claims` is all it says, proven."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]

    def says(self, claim: str, value: str) -> bool:
        """Say whether a claim has a value, or has it among several."""
        found = self._find(claim)
        several: list[Any] = cast("list[Any]", found) if isinstance(found, list) else [found]
        texts = [text for text in map(_text, several) if text is not None]
        return value in texts or (value == ANY and bool(texts))

    def text(self, claim: str) -> str | None:
        """Give a claim's one value as text; None when it has none, or several."""
        return _text(self._find(claim))

    def _find(self, claim: str) -> object:
        """Give a claim by its name or, where none is called so, by the names of those it lies in, with dots between."""
        if claim in self.claims:
            return self.claims[claim]
        found: object = self.claims
        for name in claim.split("."):
            if not isinstance(found, Mapping):
                return None
            found = cast("Mapping[str, object]", found).get(name)
        return found


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) else None
