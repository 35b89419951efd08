"""What an install can tell a pack."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal


class Secret:
    """A password, or what holds one; only `value` gives it away, no text form and no encoder."""

    # TRICKY: a dataclass would be written out field by field by whatever encodes an answer.
    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)


Told = str | int | bool | Secret | None


@dataclass(frozen=True)
class Setting:
    """Something an install can tell a pack, of one kind; without a default it is None until somebody sets it.

    It is read as `KEEPSUM_<PACK>_<NAME>` from the environment or the file `.env`, and as the bare `<NAME>` where only
    one pack of the workspace has a setting of that name. A secret has no default, and an empty one is none.
    """

    name: str
    _: KW_ONLY
    kind: Literal["text", "integer", "boolean", "secret"] = "text"
    default: Told = None
    about: str = ""

    def variable(self, pack: str) -> str:
        """Give what the environment calls a pack's setting."""
        return f"KEEPSUM_{pack}_{self.name}".upper()
