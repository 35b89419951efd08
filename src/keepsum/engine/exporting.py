"""Who may export what: never more than the same caller is shown, and less where roles do not permit exporting.

1. Of a caller's roles only those count that permit exporting, each with its own grants.
2. Records are exported by whom small groups are shown to, for a record is the smallest; of streams without a subject
   by everybody whom the stream is shown to.
3. Of some actors' rows only these are exported, and whose they are only where that is shown.
4. Personal columns, a key that is the subject among them, and a filter by subject need the right to personal fields in
   the role that shows the rows.
5. A file is handed out as long as its maker may still have all that is in it.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from keepsum.engine import access, admit, plan
from keepsum.engine.dimensions import asked as asked_filter
from keepsum.model.access import Caller, Decision, Permission, Reason
from keepsum.model.attached import mapped
from keepsum.model.catalog import Catalog
from keepsum.model.day import Grain, date_of
from keepsum.model.errors import Forbidden, Invalid
from keepsum.model.export import Dataset, Question
from keepsum.model.filter import Filter, conditions
from keepsum.model.metric import streams_of
from keepsum.model.query import Query
from keepsum.model.stream import PERSONAL, Field, Stream


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be exported: a dataset over a range of days, both included, of what the filters let through."""

    dataset: Dataset
    first: int
    last: int
    filters: Filter = ()


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a caller may have of a request: decisions by what they are about, and whether personal columns as well."""

    decisions: Mapping[str, Decision]
    personal: bool = False

    def covers(self, other: "Sight") -> bool:
        """Say whether this shows at least what another does (rule 5)."""
        return (self.personal or not other.personal) and all(
            name in self.decisions and access.covers(self.decisions[name], decision)
            for name, decision in other.decisions.items()
        )

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        found = {
            name: {
                "first_day": decision.first_day,
                "actors": None if decision.actors is None else sorted(decision.actors),
                "names_actors": decision.names_actors,
                "guarded": decision.guarded,
            }
            for name, decision in self.decisions.items()
        }
        return {"decisions": found, "personal": self.personal}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Sight":
        """Give what `to_json` made plain."""
        decisions = {
            name: Decision(
                allowed=True,
                reason=Reason.GRANTED_WHOLE,
                first_day=said["first_day"],
                actors=None if said["actors"] is None else frozenset(said["actors"]),
                names_actors=said["names_actors"],
                guarded=said["guarded"],
            )
            for name, said in value["decisions"].items()
        }
        return cls(decisions=decisions, personal=value["personal"])


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A dataset as a caller may export it: the columns and filters that are theirs, and the first day, if there is one.

    `needs` are the permissions that the role has to have, and `personal` the columns that take 'personal' as well.
    """

    dataset: Dataset
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    first_day: int | None
    needs: tuple[Permission, ...]
    personal: tuple[str, ...] = ()


def request(dataset: Dataset, first: int, last: int, filters: Mapping[str, object], *, most_days: int) -> Request:
    """Give a request, after checking all of it that does not depend on who asks.

    Raises `RANGE_REVERSED`, `RANGE_TOO_LONG`, `UNKNOWN_FILTER` and `BAD_FILTER`.
    """
    if last < first:
        raise Invalid("RANGE_REVERSED", f"The range from {date_of(first)} to {date_of(last)} ends before it starts.")
    if last - first >= most_days:
        message = f"The range has {last - first + 1:,} days: an export has at most {most_days:,}."
        raise Invalid("RANGE_TOO_LONG", message)
    unknown = sorted(filters.keys() - set(dataset.filters))
    if unknown:
        known = ", ".join(dataset.filters) or "none"
        message = f"The dataset {dataset.name!r} is not filtered by {unknown[0][:60]!r}; known: {known}."
        raise Invalid("UNKNOWN_FILTER", message)
    where = conditions({name: value for name, value in filters.items() if value is not None})
    if isinstance(dataset.of, Stream):
        _check_subjects(dataset.of, where)
        asked_filter(dataset.of, without_subject(dataset.of, where))
    return Request(dataset=dataset, first=first, last=last, filters=where)


def without_subject(stream: Stream, where: Filter) -> Filter:
    """Give the filters by dimensions alone."""
    return tuple((name, values) for name, values in where if name != stream.subject)


def _check_subjects(stream: Stream, where: Filter) -> None:
    for name, values in where:
        if name == stream.subject and not (values and all(isinstance(value, str) for value in values)):
            raise Invalid("BAD_FILTER", f"The filter on {name!r} is malformed: give texts.")


def sight(caller: Caller, catalog: Catalog, wanted: Request, *, today: int, week_start: int) -> Sight:
    """Give what a caller may have of a request.

    Raises `NOT_PERMITTED`, `OUTSIDE_GRANT`, and of figures all that asking for them raises.
    """
    access.require(caller, Permission.EXPORT)
    caller = exporter(caller)
    if isinstance(wanted.dataset.of, Stream):
        return _of_records(caller, wanted.dataset.of, wanted, today)
    query = query_of(wanted.dataset.of, wanted)
    admission = admit.admit(caller, catalog, query, today)
    admit.bound(admission, catalog, plan.plan(catalog, admission.query, week_start, admission.limits))
    return Sight(decisions={f"{metric} {stream}": found for (metric, stream), found in admission.decisions.items()})


def offers(caller: Caller, catalog: Catalog, *, today: int, week_start: int) -> tuple[Offer, ...]:
    """Give the datasets of which a caller may export anything today, by name; raises `NOT_PERMITTED`."""
    access.require(caller, Permission.EXPORT)
    found: list[Offer] = []
    for _, dataset in sorted(catalog.datasets.items()):
        wanted = Request(dataset=dataset, first=today, last=today)
        with suppress(Forbidden):
            found.append(_offer(dataset, sight(caller, catalog, wanted, today=today, week_start=week_start)))
    return tuple(found)


def _offer(dataset: Dataset, seen: Sight) -> Offer:
    days = [one.first_day for one in seen.decisions.values() if one.first_day is not None]
    first, needs = max(days, default=None), (Permission.EXPORT, Permission.READ)
    if not isinstance(dataset.of, Stream):
        times = () if dataset.of.grain == Grain.ALL else (plan.TIME,)
        columns = (*times, *dataset.of.by, *(metric.name for metric in dataset.of.metrics))
        return Offer(dataset=dataset, columns=columns, filters=dataset.filters, first_day=first, needs=needs)
    stream = dataset.of
    return Offer(
        dataset=dataset,
        columns=columns_of(stream, dataset, seen),
        filters=tuple(name for name in dataset.filters if name not in _hidden(stream, seen)),
        first_day=first,
        needs=needs if stream.subject is None else (*needs, Permission.SMALL_GROUPS),
        personal=tuple(name for name in dataset.listed if name in personal(stream)),
    )


def filtered_by(dataset: Dataset, name: str) -> Field | None:
    """Give the field that a dataset's filter is about; None for the subject of its records."""
    streams = (dataset.of,) if isinstance(dataset.of, Stream) else streams_of(dataset.of.metrics)
    return next((found for stream in streams if (found := stream.field(name)) is not None), None)


def exporter(caller: Caller) -> Caller:
    """Give the caller with only those roles that permit exporting (rule 1)."""
    return replace(caller, held=tuple(role for role in caller.held if Permission.EXPORT in role.permissions))


def query_of(question: Question, wanted: Request) -> Query:
    """Give what a dataset of figures asks over a request's range, under its filters beside the question's own."""
    return Query(
        metrics=tuple(metric.name for metric in question.metrics),
        by=question.by,
        grain=Grain(question.grain),
        where=(*question.where, *wanted.filters),
        first=wanted.first,
        last=wanted.last,
        basis=question.basis,
    )


def _of_records(caller: Caller, stream: Stream, wanted: Request, today: int) -> Sight:
    found = access.see(caller, today, stream)
    if not found.allowed:
        message = f"Your roles that permit exporting do not show stream {stream.name!r} ({found.reason})."
        raise Forbidden("NOT_PERMITTED", message)
    if found.guarded and stream.subject is not None:
        message = f"Records of stream {stream.name!r} are about people: exporting them needs 'small_groups' as well."
        raise Forbidden("NOT_PERMITTED", message)
    if found.first_day is not None and wanted.first < found.first_day:
        message = f"Your roles show stream {stream.name!r} from {date_of(found.first_day)} on: export from then."
        raise Forbidden("OUTSIDE_GRANT", message)
    role = next(held for held in caller.held if held.name == found.role)
    is_personal = Permission.PERSONAL in role.permissions
    asked = dict(wanted.filters)
    if stream.subject in asked and not is_personal:
        raise Forbidden("NOT_PERMITTED", f"Filtering by {stream.subject!r} needs the permission 'personal'.")
    if stream.actor is not None and stream.actor in asked:
        _check_actors(stream, found, asked[stream.actor])
    return Sight(decisions={stream.name: found}, personal=is_personal)


def _check_actors(stream: Stream, found: Decision, asked: tuple[object, ...]) -> None:
    if not found.names_actors or (found.actors is not None and not set(asked) <= found.actors):
        message = f"Your roles do not show whose rows of stream {stream.name!r} these are: leave {stream.actor!r} out."
        raise Forbidden("ACTOR_HIDDEN", message)


def columns_of(stream: Stream, dataset: Dataset, seen: Sight) -> tuple[str, ...]:
    """Give the dataset's columns that are in a caller's file (rules 3 and 4)."""
    return tuple(name for name in dataset.listed if name not in _hidden(stream, seen))


def _hidden(stream: Stream, seen: Sight) -> set[str]:
    hidden = set[str]() if seen.personal else personal(stream)
    if not seen.decisions[stream.name].names_actors and stream.actor is not None:
        hidden.add(stream.actor)
    return hidden


def personal(stream: Stream) -> set[str]:
    """Give the names of what is personal in a stream: such fields, its subject, and a key that is the subject."""
    found = {one.name for one in stream.fields if one.exposure is PERSONAL}
    if stream.subject is not None:
        found.add(stream.subject)
        if stream.attached is not None and stream.attached.subject == mapped(stream.attached.key):
            found.add(stream.key)
    return found


def limits_of(stream: Stream, wanted: Request, seen: Sight) -> Filter:
    """Give the filters that records pass: those asked for, and that of the caller's own rows."""
    actors = seen.decisions[stream.name].actors
    own: Filter = () if actors is None or stream.actor is None else ((stream.actor, tuple(sorted(actors))),)
    return (*wanted.filters, *own)
