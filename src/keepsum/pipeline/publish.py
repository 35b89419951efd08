"""What guarded callers will be shown of a day, fixed when it is sealed."""

from typing import Any


def publish(*_arguments: Any, **_named: Any) -> list[dict[str, object]]:
    """Give what was published."""
    return []


def corrections(*_arguments: Any, **_named: Any) -> bool:
    """Say whether corrections of a day are shown."""
    return False
