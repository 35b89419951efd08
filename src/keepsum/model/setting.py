"""What an install can tell a pack."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal

Told = str | int | bool | None


@dataclass(frozen=True)
class Setting:
    """Something an install can tell a pack, of one kind; without a default it is None until somebody sets it.

    It is read as `KEEPSUM_<PACK>_<NAME>` from the environment or the file `.env`, and as the bare `<NAME>` where only
    one pack of the workspace has a setting of that name.
    """

    name: str
    _: KW_ONLY
    kind: Literal["text", "integer", "boolean"] = "text"
    default: Told = None
    about: str = ""
