"""Routes of a pack's own: paths that answer an application in the shape it expects, out of ordinary questions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal, Protocol

from keepsum.model.access import Permission
from keepsum.model.answer import Answer, Leader
from keepsum.model.export import Export
from keepsum.model.setting import Told

Method = Literal["GET", "POST"]
Kind = Literal["text", "integer", "boolean", "date", "object"]

_NOTHING: Mapping[str, object] = {}
_SLOT = re.compile(r"\{([^{}]*)\}")


class Ask(Protocol):
    """Asks a question as `POST /v1/query` takes it, as the caller of a route and at one moment, and gives the answer.

    So it shows what the caller may see and nothing else, and raises what that path refuses. Dates may be texts or
    `datetime.date`. `today` is the workspace's date, `settings` are what the install tells the pack, by name. Who has
    the most of a metric says `ask.leaders({"metric", "from", "to", "top": 20, "fields": []})`, to callers who may see
    people: a tuple of `Leader`. Datasets become files by `ask.export`, as `POST /v1/exports` makes them.
    """

    @property
    def today(self) -> date:
        """The date in the workspace's zone."""
        ...

    @property
    def settings(self) -> Mapping[str, Told]:
        """What the install tells the route's pack, by the names it declares."""
        ...

    def __call__(self, question: Mapping[str, object], /) -> Answer:
        """Give the answer to a question."""
        ...

    def leaders(self, question: Mapping[str, object], /) -> tuple[Leader, ...]:
        """Give the people who have the most of a metric in a range, from records that live, the first first.

        Of `{"metric", "from", "to", "top": 20, "fields": []}` the metric is a sum of counts and sums of one stream with
        a subject, `fields` are names of fields, personal ones among them. The look is noted in the audit log.
        Raises `NOT_PERMITTED` without the right to personal fields, or where not all records are shown,
        `RECORDS_PURGED` where some are deleted, naming from when on they live, and `NOT_OF_PEOPLE`.
        """
        ...

    def closed(self, rollup: str, first: date, last: date, /) -> Mapping[date, datetime]:
        """Give the months of a range that a rollup has closed, by their first days, and when each was the last time.

        Raises `UNKNOWN_ROLLUP`, and `NOT_PERMITTED` where the caller is shown nothing of the rollup.
        """
        ...

    def export(
        self, dataset: str, form: str, first: date, last: date, filters: Mapping[str, object] = _NOTHING, /
    ) -> Export:
        """Have a file made of a dataset, and give the export in the state that it reaches within two seconds.

        Raises what `POST /v1/exports` refuses: `UNKNOWN_DATASET`, `UNKNOWN_FORMAT`, `RANGE_REVERSED`, `RANGE_TOO_LONG`,
        `EXPORT_TOO_LONG`, `UNKNOWN_FILTER`, `BAD_FILTER`, `RECORDS_PURGED`, `TOO_MANY_EXPORTS` and `NOT_PERMITTED`.
        """
        ...

    def find_export(self, export: str, /) -> Export:
        """Give an export that the caller may see, as it stands; raises `UNKNOWN_EXPORT`."""
        ...

    def exports(self, limit: int = 100, /) -> list[Export]:
        """Give the newest exports that the caller may see, newest first."""
        ...


@dataclass(frozen=True)
class Parameter:
    """One value that a route takes: out of its path where that has `{name}`, else from the address or the body.

    A text has 1 to `longest` printable characters, or is one of `options`; an integer lies within `least` and `most`,
    where they are given; an object is one of JSON, in a body only. What is not sent is the `default`, or refused where
    it is `required`, as in a path always.
    """

    name: str
    _: KW_ONLY
    kind: Kind = "text"
    about: str = ""
    required: bool = False
    default: str | int | bool | None = None
    options: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    longest: int = 200


@dataclass(frozen=True)
class Route:
    """A path of a pack's own, such as `/shop/days/{day}`: `answer(ask, values)` gives the JSON it answers with.

    It is there in the workspaces that have the pack, for callers with the `permission`. `values` has every parameter by
    name, as a text, an `int`, a `bool` or a `datetime.date`. With GET they come in the address, with POST as an object
    of JSON. The answer may raise `Invalid` and `NotFound`. `example` is an answer for the description of the API.
    """

    method: Method
    path: str
    _: KW_ONLY
    answer: Callable[[Ask, Mapping[str, Any]], object]
    permission: Permission | None = None
    status: int = 200
    parameters: tuple[Parameter, ...] = ()
    about: str = ""
    example: object = None

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """What stands between the slashes, the braces of parameters included."""
        return tuple(self.path.split("/")[1:])

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """The names of the parameters in the path."""
        return tuple(name for segment in self.segments for name in _SLOT.findall(segment))

    @cached_property
    def shape(self) -> tuple[str | None, ...]:
        """The segments, none in place of each parameter."""
        return tuple(None if _SLOT.fullmatch(segment) else segment for segment in self.segments)

    def found_in(self, path: str) -> Mapping[str, str] | None:
        """Give the parameters that a path has in their places; None for a path of another shape."""
        given = path.split("/")[1:]
        if not path.startswith("/") or len(given) != len(self.shape):
            return None
        pairs = list(zip(self.shape, given, strict=True))
        if not all(part == one if part is not None else one for part, one in pairs):
            return None
        return dict(zip(self.slots, (one for part, one in pairs if part is None), strict=True))


@dataclass(frozen=True)
class ErrorShape:
    """How the routes of a pack tell errors: as problem documents (`problem`), or as `{"error": {"code", "message"}}`.

    Of the `nested` form, `told` gives the code and the status that an error is told with, by the error's own code or
    else by its kind: `invalid`, `not_found`, `conflict`, `forbidden`, `unavailable`, `proof_failed`, `error`. What it
    leaves out keeps its status, and its code in small letters; so does what HTTP has a word of its own for, such as a
    method that a path does not take (405), unless its own code is named.
    """

    form: Literal["problem", "nested"] = "problem"
    _: KW_ONLY
    told: Mapping[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]], hash=False)


PROBLEM = ErrorShape()
