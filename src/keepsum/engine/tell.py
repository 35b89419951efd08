"""Declarations as an install makes them: lengths of time that name a setting take what it says."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from keepsum.model.catalog import Pack
from keepsum.model.errors import Invalid
from keepsum.model.setting import Told
from keepsum.model.stream import FOREVER, Duration


def tell(pack: Pack, values: Callable[[], Mapping[str, Told]]) -> Pack:
    """Give a pack whose lengths are those that the install says; `values` are asked for if any names a setting.

    What is the same in many places, such as the stream of a rollup of a metric, stays the same thing. Raises
    `BAD_SETTING`, never with the value.
    """
    return _Telling(pack.name, values).of(pack)


class _Telling:
    def __init__(self, pack: str, values: Callable[[], Mapping[str, Told]]) -> None:
        self._pack, self._ask = pack, values
        self._values: Mapping[str, Told] | None = None
        self._done: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        if not _has_parts(value):
            return value
        if id(value) not in self._done:
            self._done[id(value)] = self._made(value)
        return self._done[id(value)]

    def _made(self, value: Any) -> Any:
        if isinstance(value, Duration):
            return self._length(value)
        if isinstance(value, tuple):
            return self._parts(value)  # pyright: ignore[reportUnknownArgumentType] -- parts may be anything
        before = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init}
        changed = {name: now for name, was in before.items() if (now := self.of(was)) is not was}
        return dataclasses.replace(value, **changed) if changed else value

    def _parts(self, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        made = tuple(self.of(part) for part in parts)
        return made if any(one is not part for one, part in zip(made, parts, strict=True)) else parts

    def _length(self, length: Duration) -> Duration:
        if length.setting is None:
            return length
        if self._values is None:
            self._values = self._ask()
        count = self._values.get(length.setting)
        if type(count) is not int:  # not set; lint refuses a setting that is not there, or no whole number
            return length
        if not 0 <= count * length.each <= FOREVER.months:
            named = f"The setting {length.setting!r} of pack {self._pack!r}"
            raise Invalid("BAD_SETTING", f"{named} is no length of time: give a whole number, such as 30.")
        return length.told(count)


def _has_parts(value: object) -> bool:
    return isinstance(value, tuple) or (dataclasses.is_dataclass(value) and not isinstance(value, type))
