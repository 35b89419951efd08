"""What guarded callers are shown of a day: decided when it is sealed, kept apart from the rows, listed in the seal.

1. Days of which nothing was shown yet are split into atoms; too small ones are withheld, or join a day of their month.
2. A day that was shown is replaced only where nobody can be found by subtracting; else what was shown stays.
3. Corrections of a purged day appear as one sum whenever k more people are behind them.

k is the one that holds as the day is sealed. Where something was shown, or waits, under a larger one, that one stays.
"""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from keepsum.engine import fold
from keepsum.engine.content import content_of_rows, contents_by_day
from keepsum.engine.guard import atoms as guard
from keepsum.engine.guard.atoms import Atoms, Rolled
from keepsum.engine.guard.chain import levels, parents
from keepsum.engine.guard.figures import atoms_schema
from keepsum.engine.guard.publish import Plan, Shown, may_show_corrections, over_rollups, replace
from keepsum.engine.guard.publish import plan as plan_days
from keepsum.engine.guard.reading import whole_months
from keepsum.engine.numbers import LIMB
from keepsum.engine.rolled import rows_schema
from keepsum.model.catalog import restored
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import Column, RollupLayout
from keepsum.model.ledger import Kind
from keepsum.model.rollup import HIDDEN, Count, Rollup
from keepsum.model.stream import Stream
from keepsum.pipeline.proof import Proven
from keepsum.store import ledger, people, rollups, shapes
from keepsum.store.database import Connection
from keepsum.store.rollups import Published
from keepsum.store.workspace import Workspace, terms

Listed = dict[str, object]
NOTHING = fold.Pool(people=0, largest={})


@dataclass(frozen=True, kw_only=True)
class _Before:
    """What was published of the months at hand, by table and day: of older definitions, too."""

    known: Mapping[str, Mapping[int, Published]]

    def of(self, day: int) -> list[Published]:
        return [known[day] for known in self.known.values() if day in known]

    def is_shown(self, day: int) -> bool:
        return any(one.state != "withheld" for one in self.of(day))

    def is_bound(self, day: int) -> bool:
        """Whether the day joined another, or another joined it: then nothing of it ever changes."""
        every = (one for known in self.known.values() for one in known.values() if one.at != one.day)
        return any(day in (one.day, one.at) for one in every)

    def seen(self, day: int) -> set[int]:
        """Every number of people under which any rollup of the stream showed the day."""
        return {number for one in self.of(day) if one.state != "withheld" for number in one.seen}

    def k_of(self, day: int) -> int:
        """The largest k that a day was decided under."""
        return max((one.k for one in self.of(day)), default=0)

    def waiting(self) -> dict[int, fold.Pool]:
        """The withheld days, with who is behind them."""
        every = {day for known in self.known.values() for day in known}
        totals = {day: [fold.Pool(people=p.people, largest={"": p.largest}) for p in self.of(day)] for day in every}
        return {day: over_rollups(who) for day, who in totals.items() if not self.is_shown(day)}


@dataclass(frozen=True, kw_only=True)
class _Showing:
    """What a rollup is about to show of a day: its atoms, at which day they stand, and the people it was seen with."""

    atoms: Atoms
    at: int
    k: int
    seen: Collection[int] = ()

    def published(self, layout: RollupLayout, day: int, total: fold.Pool) -> Published:
        """The note of it."""
        return Published(
            table=layout.table,
            day=day,
            state=self.atoms.state,
            at=self.at,
            k=self.k,
            people=total.people,
            largest=max(total.largest.values(), default=0),
            seen=tuple(sorted({*self.seen, total.people})),
        )


def people_of(workspace: Workspace, proven: Proven) -> dict[str, Rolled]:
    """Find who is behind every proven day, of each rollup; none where the stream has no people."""
    if not proven.stream.subject:
        return {}
    return {r.name: _rolled(proven, r) for r in workspace.catalog.rollups_of(proven.stream.name)}


def publish(
    connection: Connection, stream: Stream, proven: Mapping[str, Rolled], sealing: Sequence[int]
) -> dict[int, list[Listed]]:
    """Decide and store what is shown of the days that are being sealed; give what each seal has to list."""
    if not proven or not sealing:
        return {}
    rolled = {name: guard.only(one, sealing) for name, one in proven.items()}
    before = _before(connection, stream, sealing)
    fresh = [day for day in sealing if not before.is_shown(day)]
    again = [day for day in sealing if before.is_shown(day)]
    listed: dict[int, list[Listed]] = {day: [] for day in sealing}
    for day, one in _first_time(connection, rolled, before, fresh):
        listed[day].append(one)
    for day, one in _once_more(connection, rolled, before, again):
        listed[day].append(one)
    return listed


def corrections(connection: Connection, stream: Stream, day: int, booked: int, marks: Iterable[int]) -> list[Listed]:
    """Note the people behind a purged day's corrections, and show the corrections when k more have come."""
    if not stream.subject:
        return []
    behind = people.note(connection, stream.name, day, marks)
    entries = ledger.entries(connection, stream=stream.name, day=day, kind=Kind.CORRECTED)
    shown = [one["people"] for entry in entries for one in _published(entry.body)]
    before = _before(connection, stream, (day,))
    if not may_show_corrections(shown, behind, max(terms(connection).k, before.k_of(day))):
        return []
    listed: list[Listed] = []
    for generation, _ in rollups.covering(connection, stream.name, day):
        rollup = restored(generation.rollup, generation.definition, stream)
        layout = RollupLayout(rollup=rollup, name=generation.table)
        _show_corrections(connection, layout, day, booked, behind)
        content = digest(connection, layout, day, booked)
        listed.append({"table": layout.table, "booked": booked, "people": behind, "content": content})
    return listed


def check(
    connection: Connection, layout: RollupLayout, claims: Mapping[tuple[int, int], Mapping[str, Any]]
) -> Iterator[tuple[int, str]]:
    """Compare what is shown with what the chain lists, by (day, booked); give (day, what is wrong)."""
    stored = rollups.publications(connection, layout.table, *rollups.ALWAYS)
    there = {(day, day) for day in stored} | rollups.atom_days(connection, layout)
    for day, booked in sorted(there | claims.keys()):
        claim = claims.get((day, booked))
        if claim is None and day == booked and day in stored and stored[day].state == rollups.DROPPED:
            continue
        if claim is None:
            yield day, "something is shown that no entry lists"
        elif digest(connection, layout, day, booked) != claim["content"]:
            yield day, "what is shown is not what was published"
        elif day == booked and (day not in stored or any(claim[n] != v for n, v in _facts(stored[day]).items())):
            yield day, "how it is shown is not how it was published"


def digest(connection: Connection, layout: RollupLayout, day: int, booked: int) -> str:
    """Give the digest of a day's atoms as they stand."""
    dimensions = (Column(name, "text") for name in layout.dimensions)
    columns = (Column("day", "integer"), *dimensions, *layout.atom_values)
    return content_of_rows(columns, rollups.read_atoms(connection, layout, day, booked))


def _rolled(proven: Proven, rollup: Rollup) -> Rolled:
    rows = proven.rolled[rollup.name].rows
    pools_of = partial(fold.pools, proven.folding, rollup)
    return Rolled(rollup=rollup, rows=rows, pools_of=pools_of, totals=guard.totals(rows, pools_of, proven.states))


def _before(connection: Connection, stream: Stream, sealing: Sequence[int]) -> _Before:
    months = whole_months(min(sealing), max(sealing))
    tables = [generation.table for generation in rollups.known(connection, stream.name)]
    return _Before(known={table: rollups.publications(connection, table, *months) for table in tables})


def _first_time(
    connection: Connection, rolled: Mapping[str, Rolled], before: _Before, fresh: Sequence[int]
) -> Iterator[tuple[int, Listed]]:
    """Show days of which nothing was shown, and the withheld days of their months that may join them."""
    k = terms(connection).k
    totals = {day: over_rollups([one.totals.get(day, NOTHING) for one in rolled.values()]) for day in fresh}
    waiting = {day: (who, before.k_of(day)) for day, who in before.waiting().items() if day not in totals}
    plan = plan_days(totals, waiting, k)
    found = guard.split_all([guard.only(one, fresh) for one in rolled.values()], k)
    for name, one in rolled.items():
        shown = {day: _placed(connection, one, found[name][day], plan, day, k) for day in fresh}
        yield from _store(connection, one, shown).items()
        for small, day in plan.joined.items():
            old = before.known[RollupLayout(rollup=one.rollup).table].get(small)
            if old is not None and small not in totals:
                yield day, _joined(connection, one.rollup, old, day)


def _placed(connection: Connection, rolled: Rolled, atoms: Atoms, plan: Plan, day: int, k: int) -> _Showing:
    """Give a day's atoms with those that join it, none where it is withheld or joins another, and where they stand."""
    nothing = atoms.table.slice(0, 0)
    if day in plan.joined:
        return _Showing(atoms=dataclasses.replace(atoms, table=nothing, state="joined"), at=plan.joined[day], k=k)
    if day in plan.withheld:
        return _Showing(atoms=dataclasses.replace(atoms, table=nothing, state="withheld"), at=day, k=k)
    joining = [small for small, at in plan.joined.items() if at == day]
    if joining:
        tables = [_rows_of(connection, rolled, small) for small in joining]
        atoms = guard.join(rolled.rollup, atoms, pa.concat_tables(tables), day)
    return _Showing(atoms=atoms, at=day, k=k)


def _rows_of(connection: Connection, rolled: Rolled, day: int) -> pa.Table:
    """Give a day's rows: of this batch, or as they were stored when it was sealed before."""
    schema, layout = rows_schema(rolled.rollup), RollupLayout(rollup=rolled.rollup)
    if day in rolled.totals:
        return Proven.of_day(rolled.rows, day).cast(schema)
    rows = rollups.read_rows(connection, layout, day, day)
    return _table(schema, rows)


def _once_more(
    connection: Connection, rolled: Mapping[str, Rolled], before: _Before, again: Sequence[int]
) -> Iterator[tuple[int, Listed]]:
    """Replace what was shown of days that are sealed again, where that tells nobody's figures."""
    family = parents(one.rollup for one in rolled.values())
    free = [day for day in again if not before.is_bound(day)]
    now = terms(connection).k
    ks = {day: max(now, before.k_of(day)) for day in again}
    for one in rolled.values():
        layout = RollupLayout(rollup=one.rollup)
        known = before.known[layout.table]
        shown = {d: Shown(atoms=_atoms_of(connection, layout, known.get(d)), people=before.seen(d)) for d in free}
        found: dict[int, Atoms | None] = {}
        for k in {ks[day] for day in free}:
            mine = {day: old for day, old in shown.items() if ks[day] == k}
            found |= replace(guard.only(one, mine), levels(one.rollup, family), k, mine)
        staying = {day: known[day] for day in again if day in known and found.get(day) is None}
        for day, old in staying.items():
            yield day, _listed(old, digest(connection, layout, day, day))
        nothing = Atoms(table=atoms_schema(one.rollup).empty_table(), state="withheld", people=0)
        changing = {
            day: _Showing(atoms=found.get(day) or nothing, at=day, k=ks[day], seen=before.seen(day))
            for day in again
            if day not in staying
        }
        yield from _store(connection, one, changing).items()


def _atoms_of(connection: Connection, layout: RollupLayout, old: Published | None) -> pa.Table | None:
    """Give what a rollup shows of a day, None where it shows nothing."""
    if old is None or old.state not in ("open", "closed"):
        return None
    return _table(atoms_schema(layout.rollup), rollups.read_atoms(connection, layout, old.day, old.day))


def _table(schema: pa.Schema, rows: rollups.Rows) -> pa.Table:
    columns: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def _store(connection: Connection, rolled: Rolled, showing: Mapping[int, _Showing]) -> dict[int, Listed]:
    """Put what is shown of days in place of what was, prove that it stands there, and give what the seals list."""
    if not showing:
        return {}
    layout = RollupLayout(rollup=rolled.rollup)
    tables = [showing[day].atoms.table for day in sorted(showing)]
    atoms = pa.concat_tables([atoms_schema(rolled.rollup).empty_table(), *tables])
    table, rows = shapes.atoms(layout), rollups.lines(shapes.atoms(layout), atoms)
    rollups.replace(connection, table, showing.keys(), rows)
    if rollups.standing(connection, table, showing.keys()) != rows:
        message = f"What was stored to be shown of rollup {rolled.rollup.name!r} is not what was decided."
        raise ProofFailed("STORED_DIFFERS", message)
    published = [one.published(layout, day, rolled.totals.get(day, NOTHING)) for day, one in showing.items()]
    rollups.publish(connection, published)
    contents = contents_by_day(atoms, showing)
    return {one.day: _listed(one, contents[one.day]) for one in published}


def _joined(connection: Connection, rollup: Rollup, old: Published, at: int) -> Listed:
    shown = dataclasses.replace(old, state="joined", at=at)
    rollups.publish(connection, [shown])
    return _listed(shown, digest(connection, RollupLayout(rollup=rollup), shown.day, shown.day))


def _listed(shown: Published, content: str) -> Listed:
    return {**_facts(shown), "content": content}


def _facts(shown: Published) -> Listed:
    return {**vars(shown), "seen": list(shown.seen)}


def _published(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return body["published"]


def _show_corrections(connection: Connection, layout: RollupLayout, day: int, booked: int, behind: int) -> None:
    """Add what was not shown yet of a day's corrections as one sum, with every dimension hidden."""
    rows = rollups.booked_rows(connection, layout, day)
    shown = rollups.booked_atoms(connection, layout, day)
    atom: dict[str, Any] = {"day": day, "booked": booked, **dict.fromkeys(layout.dimensions, HIDDEN)}
    atom["people"] = behind - _total(shown, "people", but=booked)
    for measure in layout.summed:
        name = f"m_{measure.name}"
        if isinstance(measure, Count):
            atom[name] = _total(rows, name) - _total(shown, name, but=booked)
        else:
            hi, lo = (
                _total(rows, f"{name}{end}") - _total(shown, f"{name}{end}", but=booked) for end in ("_hi", "_lo")
            )
            carry, lo = divmod(lo, LIMB)
            atom |= {f"{name}_hi": hi + carry, f"{name}_lo": lo}
    rollups.show(connection, layout, atom)


def _total(rows: Iterable[Mapping[str, Any]], name: str, *, but: int | None = None) -> int:
    return sum(row[name] or 0 for row in rows if row["booked"] != but)
