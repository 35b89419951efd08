import datetime as dt
import threading
import time
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.exporting import FIRST, LAST, SHOP, Exporting, fill
from tests.pipeline.test_markers import found
from tests.systems import DAY, number, sale

from keepsum import (
    Count,
    Dataset,
    Grant,
    Integer,
    Pack,
    Permission,
    Role,
    Rollup,
    Stream,
    Text,
    days,
    last,
    years,
)
from keepsum.cli.worker import make_worker
from keepsum.deliver import render
from keepsum.model.access import OWN_ROWS, AccessLevel
from keepsum.model.errors import Conflict, Forbidden, Invalid, NotFound
from keepsum.model.export import FORMATS, ExportState
from keepsum.model.job import JobState
from keepsum.pipeline import callers, exports, keys, make_export, move, tokens, workspaces
from keepsum.pipeline.jobs import parameters, start
from keepsum.store import jobs


@pytest.fixture
def shop(tmp_path):
    house = fill(Exporting(tmp_path))
    yield house
    house.close()


ORDER = exports.Order(dataset="all_sales", format="csv", first=number(FIRST), last=number(LAST), filters={})


def until(happened, seconds=60.0):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


class Stopped:
    """Takes what a job says of itself."""

    def progress(self, **_said): ...


def test_an_export_is_prepared_then_ready_and_its_file_has_every_record_of_the_days(shop):
    asked = shop.ask()
    assert (asked.state, asked.link, asked.estimated_rows, asked.rows) == (ExportState.PREPARING, None, 6, None)
    assert (asked.first, asked.last) == (dt.date(2026, 2, 1), dt.date(2026, 2, 3))
    shop.work()
    ready = shop.look(asked)
    assert (ready.state, ready.rows, ready.error) == (ExportState.READY, 6, None)
    assert ready.columns == ("at", "id", "buyer", "way", "place", "invoice", "note", "amount")
    assert ready.expires_at - ready.completed_at == dt.timedelta(hours=24)
    assert [row["id"] for row in shop.rows(ready)] == ["1-0", "2-0", "2-1", "3-0", "3-1", "3-2"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_the_same(shop, form):
    rows = shop.rows(shop.exported(form=form))
    assert [(row["id"], row["buyer"], row["way"], int(row["amount"])) for row in rows[:2]] == [
        ("1-0", "b0", "card", 10),
        ("2-0", "b0", "card", 20),
    ]
    assert [row["note"] for row in rows] == [None] * 3 + ["'=HYPERLINK(1)" if form == "csv" else "=HYPERLINK(1)"] * 3


@pytest.mark.parametrize("form", FORMATS)
def test_figures_are_exported_as_they_are_answered(shop, form):
    shop.roll()
    rows = shop.rows(shop.exported("takings", form))
    figures = [(str(row["time"])[:10], row["way"], int(row["sales"]), Decimal(row["amount"])) for row in rows]
    assert figures == [("2026-02-01", "card", 1, 10), ("2026-02-02", "card", 2, 40), ("2026-02-03", "card", 3, 90)]


def test_what_an_answer_says_of_itself_goes_along_with_the_head_of_the_ledger(shop):
    shop.roll()
    export = shop.exported("takings")
    assert (export.about["labels"]["final"], export.about["labels"]["exact"]) == (True, True)
    (last,) = shop.entries()[-1:]
    assert export.about["ledger"] == {"entry": last.seq, "head": last.hash}


def test_filters_are_checked_against_the_declaration(shop):
    shop.collect(sale("cash", "2026-02-02", way="cash", buyer="b7", place=None))
    assert [row["id"] for row in shop.rows(shop.exported(way="cash"))] == ["cash"]
    assert [row["id"] for row in shop.rows(shop.exported(place=[None]))] == ["cash"]
    assert [row["id"] for row in shop.rows(shop.exported(buyer=["b1", "b2"], way="card"))] == ["2-1", "3-1", "3-2"]
    assert [int(row["amount"]) for row in shop.rows(shop.exported("amounts", amount=["10", 30]))] == [10, 30, 30, 30]
    assert [int(row["sales"]) for row in shop.rows(shop.exported("takings", way="cash"))] == [0, 1, 0]
    for filters, code in (
        ({"amount": 3}, "UNKNOWN_FILTER"),
        ({"way": "barter"}, "BAD_FILTER"),
        ({"buyer": [3]}, "BAD_FILTER"),
    ):
        with pytest.raises(Invalid, match=code):
            shop.ask(**filters)


def test_what_cannot_be_exported_is_refused_when_it_is_asked_for(shop):
    for code, how in {
        "UNKNOWN_FORMAT": {"form": "pdf"},
        "RANGE_REVERSED": {"first": LAST, "last": FIRST},
        "RANGE_TOO_LONG": {"first": "2025-02-03"},
    }.items():
        with pytest.raises(Invalid, match=code):
            shop.ask(**how)
    assert shop.ask("amounts", first="2025-02-04").state is ExportState.PREPARING
    with pytest.raises(NotFound, match="UNKNOWN_DATASET"):
        shop.ask("nothing")


def test_more_rows_than_a_setting_allows_are_refused_at_once_or_while_they_are_counted(shop):
    few = replace(shop.means, most_rows=5)
    with pytest.raises(Invalid, match="EXPORT_TOO_LONG"):
        exports.create(few, ORDER, shop.caller)
    asked = exports.create(few, replace(ORDER, filters={"way": "card"}), shop.caller)
    with pytest.raises(Invalid, match="EXPORT_TOO_LONG"):
        make_export.make(few, asked.id, Stopped())
    assert shop.look(asked).error.startswith("EXPORT_TOO_LONG: The export would have more than 5 rows")
    assert shop.kept() == []


def test_records_that_are_deleted_cannot_be_exported(shop):
    shop.at("2026-03-05T12:00:00Z").roll()
    asked = shop.ask()
    shop.purge()
    with pytest.raises(NotFound, match="RECORDS_PURGED: Records of stream 'sales' are deleted up to 2026-02-02"):
        shop.ask()
    assert shop.ask(first="2026-02-04", last="2026-02-05").estimated_rows == 0
    shop.work()
    assert shop.look(asked).error.startswith("RECORDS_PURGED")


def test_records_in_the_tail_in_one_file_and_in_several_are_all_there_once(shop, monkeypatch):
    monkeypatch.setattr(move, "FULL", 3)
    shop.move_day("2026-02-03")
    shop.collect(sale("later", "2026-02-03"))
    shop.move_day("2026-02-03")
    shop.collect(sale("latest", "2026-02-03"))
    assert [row["id"] for row in shop.rows(shop.exported())][3:] == ["3-0", "3-1", "3-2", "later", "latest"]
    assert len(shop.segments("2026-02-03")) == 2


def test_a_damaged_file_fails_the_export_and_leaves_nothing(shop):
    shop.move()
    shop.lose_files()
    export = shop.exported()
    assert export.error == (
        "EXPORT_DAMAGED: A file with records of stream 'sales' of 2026-02-01 is missing: the export would not be whole."
    )
    assert shop.kept() == []


def test_a_full_disk_fails_the_export_and_leaves_nothing(shop, monkeypatch):
    def full(path, *_rest):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(render.RENDERERS, "csv", full)
    export = shop.exported()
    assert export.error == "DISK_FULL: The file could not be written: No space left on device."
    assert shop.kept() == []
    assert [row.state for row in jobs.listing(shop.install.control, "default")] == [JobState.FAILED]


def test_what_breaks_inside_is_not_told_with_its_message(shop, monkeypatch):
    def broken(*_):
        raise ValueError("MARKER")

    monkeypatch.setitem(render.RENDERERS, "csv", broken)
    assert shop.exported().error == ("UNEXPECTED_ERROR: ValueError; the worker's log says where it was raised.")


def test_an_export_whose_worker_died_for_good_has_failed_without_anybodys_help(shop):
    asked = shop.ask()
    run = jobs.claim(shop.install.control, "dies", lease_seconds=60, machine_now=0.0, now=shop.clock())
    assert run is not None
    error = "ATTEMPTS_EXHAUSTED: the job lost its worker 5 times."
    told = {"now": shop.clock(), "days": 0, "rows": 0, "seconds": 1.0, "error": error}
    assert jobs.finish(shop.install.control, run, JobState.FAILED, **told)
    assert (shop.look(asked).state, shop.look(asked).error) == (ExportState.FAILED, error)
    exports.sweep(shop.means)
    assert [one.body["outcome"] for one in shop.events("exported")] == ["ATTEMPTS_EXHAUSTED"]
    exports.sweep(shop.means)
    assert len(shop.events("exported")) == 1


def test_an_export_that_two_runs_make_is_made_once(shop):
    asked = shop.ask()
    kept = []
    write = render.RENDERERS["csv"]

    def slow(*given):
        if not kept:
            kept.append(1)
            assert make_export.make(shop.means, asked.id, Stopped()).rows == 6  # the run that took the job over
        return write(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(render.RENDERERS, "csv", slow)
        assert make_export.make(shop.means, asked.id, Stopped()).rows == 0
    assert len(shop.kept()) == 1
    assert len(shop.events("exported")) == 1
    assert len(shop.rows(shop.look(asked))) == 6


def test_an_export_deleted_while_it_is_made_leaves_no_file(shop):
    asked = shop.ask()
    write = render.RENDERERS["csv"]

    def deleted(*given):
        exports.delete(shop.means, asked.id, shop.caller)
        return write(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(render.RENDERERS, "csv", deleted)
        shop.work()
    assert shop.kept() == []
    with pytest.raises(NotFound, match="UNKNOWN_EXPORT"):
        shop.look(asked)


def test_a_file_goes_with_its_day_and_the_export_says_expired(shop):
    export = shop.exported()
    shop.clock.now += DAY
    assert (shop.look(export).state, shop.look(export).link) == (ExportState.EXPIRED, None)
    assert len(shop.kept()) == 1
    exports.sweep(shop.means)
    assert (shop.look(export).state, shop.kept()) == (ExportState.EXPIRED, [])
    shop.clock.now += 91 * DAY
    exports.sweep(shop.means)
    with pytest.raises(NotFound, match="UNKNOWN_EXPORT"):
        shop.look(export)


def test_files_go_by_schedule_every_night_and_when_a_worker_starts(shop):
    for sweep in ("sweep", "nightly", "start"):
        shop.exported()
        shop.clock.now += DAY
        if sweep == "start":
            make_worker(shop.install)
        else:
            start(shop.system, sweep, parameters(sweep), "test", shop.caller)
            shop.work()
        assert shop.kept() == [], sweep


def test_what_a_dead_process_left_goes_with_the_next_sweep_and_what_a_living_one_writes_stays(shop):
    folder = shop.means.folder
    export = shop.exported()
    with folder.draft() as draft:
        (draft / "half.csv").write_text("half")
        left = draft.parent / "left"
        left.mkdir()
        (left / "left.csv").write_text("left")
        (folder.path / "unknown.csv").write_text("nobody's")
        exports.sweep(shop.means)
        assert shop.kept() == sorted([f"{export.id}.csv", "half.csv"])
    assert shop.kept() == [f"{export.id}.csv"]


def test_only_the_owner_of_the_files_may_read_them(shop):
    shop.exported()
    folder = shop.means.folder.path
    assert [oct(path.stat().st_mode & 0o777) for path in (folder, *folder.glob("*.csv"))] == ["0o700", "0o600"]


def test_a_link_is_good_for_one_export_until_it_ends(shop):
    export, other = shop.exported(), shop.exported()
    token = export.link.partition("token=")[2]
    vault, control, now = shop.means.vault, shop.install.control, shop.clock()
    row = exports.signed(control, vault, export.id, token, now=now)
    with exports.fetch(shop.means, row, None, None) as file:
        assert file.read() == shop.text(export)
    for name, text in (
        (other.id, token),
        (export.id, token[:-1]),
        (export.id, ""),
        ("nobody", token),
        (export.id, "é"),
    ):
        with pytest.raises(NotFound, match="LINK_INVALID"):
            exports.signed(control, vault, name, text, now=now)
    with pytest.raises(NotFound, match="LINK_INVALID"):
        exports.signed(control, vault, export.id, token, now=now + DAY)
    exports.delete(shop.means, export.id, shop.caller)
    with pytest.raises(NotFound, match="LINK_INVALID"):
        exports.signed(control, vault, export.id, token, now=now)


def test_without_the_right_to_personal_fields_their_columns_are_not_in_the_file(shop):
    seer = shop.role("seer")
    export = shop.exported(caller=seer)
    assert export.columns == ("at", "id", "way", "place", "amount")
    assert not any(marker in shop.text(export, seer) for marker in (b"b0", b"b1", b"HYPERLINK"))
    with pytest.raises(Forbidden, match="NOT_PERMITTED: Filtering by 'buyer' needs the permission 'personal'"):
        shop.ask(caller=seer, buyer="b1")


def test_who_sees_no_small_groups_exports_guarded_figures_and_no_records_of_people(shop):
    analyst = shop.role("analyst")
    with pytest.raises(Forbidden, match="NOT_PERMITTED: Records of stream 'sales' are about people"):
        shop.ask(caller=analyst)
    shop.roll()
    assert shop.exported("takings", caller=analyst).about["labels"]["guarded"] is True
    for role in ("viewer", "collector"):
        with pytest.raises(Forbidden, match="NOT_PERMITTED"):
            shop.ask("takings", caller=shop.role(role))


def test_a_role_that_shows_more_but_may_not_export_adds_nothing_to_one_that_may(shop):
    shows = Role("shows", permissions=(Permission.READ, Permission.SMALL_GROUPS), grants=(Grant("*"),))
    little = Role("little", permissions=(Permission.READ, Permission.EXPORT), grants=(Grant("metric:sales"),))
    shop.open(replace(SHOP, roles=(shows, little)))
    with pytest.raises(Forbidden, match="NOT_PERMITTED"):
        shop.ask(caller=shop.role("shows", "little"))


SHIFTS = Stream(
    "shifts", time="at", key="id", keep=days(30), actor="clerk",
    fields=(Text("clerk", most=50), Integer("hours")),
)  # fmt: skip
SHIFTS_DAILY = Rollup("shifts_daily", of=SHIFTS, by=("clerk",), measures=(Count("shifts"),), keep=years(1))
ASKS = (Permission.READ, Permission.EXPORT)
CLERKS = Pack(
    "shop",
    streams=(SHIFTS,),
    rollups=(SHIFTS_DAILY,),
    datasets=(Dataset("shifts", of=SHIFTS, filters=("clerk",)),),
    roles=(
        Role("clerk", permissions=ASKS, grants=(Grant("*", reach=OWN_ROWS),)),
        Role("crowd", permissions=ASKS, grants=(Grant("*"),)),
        Role("boss", permissions=ASKS, grants=(Grant("*", level=AccessLevel.ALL),)),
        Role("lately", permissions=ASKS, grants=(Grant("*", reach=last(2)),)),
    ),
)


@pytest.fixture
def clerks(tmp_path):
    house = Exporting(tmp_path, CLERKS)
    for day in (1, 2, 3):
        house.collect(
            *({"id": f"{day}-{who}", "at": f"2026-02-0{day}T10:00:00Z", "clerk": who} for who in ("ann", "bob"))
        )
    yield house
    house.close()


def test_who_sees_own_rows_exports_own_rows(clerks):
    ann = clerks.role("clerk", actor="ann")
    assert [row["id"] for row in clerks.rows(clerks.exported("shifts", caller=ann), ann)] == ["1-ann", "2-ann", "3-ann"]
    with pytest.raises(Forbidden, match="ACTOR_HIDDEN"):
        clerks.ask("shifts", caller=ann, clerk="bob")
    with pytest.raises(Forbidden, match="ACTOR_UNKNOWN"):
        clerks.ask("shifts", caller=clerks.role("clerk"))


def test_who_may_not_see_whose_rows_they_are_exports_them_without_that(clerks):
    assert clerks.exported("shifts", caller=clerks.role("crowd")).columns == ("at", "id", "hours")
    assert clerks.exported("shifts", caller=clerks.role("boss")).columns == ("at", "id", "clerk", "hours")
    with pytest.raises(Forbidden, match="ACTOR_HIDDEN"):
        clerks.ask("shifts", caller=clerks.role("crowd"), clerk="bob")


def test_what_is_offered_goes_by_the_rows_and_days_that_are_shown(clerks):
    def offered(*role, **how):
        (offer,) = exports.offers(clerks.means, clerks.role(*role, **how))
        return offer.columns, offer.filters, offer.first_day

    with_clerk = (("at", "id", "clerk", "hours"), ("clerk",))
    assert offered("clerk", actor="ann") == (*with_clerk, None)
    assert offered("boss") == (*with_clerk, None)
    assert offered("crowd") == (("at", "id", "hours"), (), None)
    assert offered("lately") == (("at", "id", "hours"), (), number(LAST))
    assert exports.offers(clerks.means, clerks.role("clerk")) == ()
    with pytest.raises(Forbidden, match="NOT_PERMITTED"):
        exports.offers(clerks.means, clerks.role())


def test_days_before_those_that_are_shown_are_refused_and_not_cut_off(clerks):
    lately = clerks.role("lately")
    with pytest.raises(Forbidden, match="OUTSIDE_GRANT: Your roles show stream 'shifts' from 2026-02-03 on"):
        clerks.ask("shifts", caller=lately)
    assert clerks.exported("shifts", first=LAST, caller=lately).rows == 2


def test_rights_that_were_taken_away_meanwhile_count_when_a_file_is_made_and_when_it_is_fetched(shop):
    admin, seer = shop.role("admin"), shop.role("seer")
    before = shop.exported(caller=admin)
    assert shop.text(before, admin)
    assert shop.text(shop.exported(caller=seer), seer)
    waits = shop.ask(caller=admin)
    shop.open(replace(SHOP, roles=(*SHOP.roles, Role("nobody"))))
    less = {"admin": replace(shop.workspace.catalog.roles["admin"], permissions=(), includes=("seer",))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(shop.workspace.catalog.roles, "admin", less["admin"])
        with pytest.raises(Forbidden, match="may no longer have all that is in it"):
            shop.text(before, admin)
        shop.work()
        assert shop.look(waits, admin).columns == ("at", "id", "way", "place", "amount")
        patch.setitem(shop.workspace.catalog.roles, "admin", Role("admin"))
        with pytest.raises(Forbidden, match="NOT_PERMITTED"):
            shop.text(before, admin)


def test_a_token_that_was_revoked_has_no_files_any_more(shop):
    install = shop.install
    made = tokens.make(install.accounts, shop.caller, "export", "admin", now=shop.clock())
    caller = callers.caller_of_token(
        install.control, made.text, roles=lambda _: shop.workspace.catalog.roles, now=shop.clock()
    )
    export, waits = shop.exported(caller=caller), shop.ask(caller=caller)
    assert shop.text(export, caller)
    tokens.revoke(install.accounts, shop.caller, made.token.id, now=shop.clock())
    with pytest.raises(Forbidden, match="may no longer come in"):
        shop.text(export, caller)
    shop.work()
    assert shop.look(waits).error.startswith("NOT_PERMITTED")


def test_an_export_is_seen_by_who_asked_for_it_and_by_who_administers(shop):
    export = shop.exported(caller=shop.role("admin"))
    assert shop.look(export, shop.role("admin")).link
    assert shop.look(export).link is None
    seer = shop.role("seer")
    other = replace(seer, id="else")
    assert [one.id for one in exports.listing(shop.means, shop.caller, 10)] == [export.id]
    assert exports.listing(shop.means, other, 10) == []
    for act in (exports.look, exports.wait):
        with pytest.raises(NotFound, match="UNKNOWN_EXPORT"):
            act(shop.means, export.id, other)
    with pytest.raises(NotFound, match="UNKNOWN_EXPORT"):
        exports.delete(shop.means, export.id, other)


def test_the_audit_log_says_who_exported_what_and_never_about_whom(shop):
    export = shop.exported(buyer="b1", way="card")
    shop.text(export)
    exports.delete(shop.means, export.id, shop.caller)
    asked, made, fetched, deleted = shop.events()
    kinds = [str(one.kind) for one in (asked, made, fetched, deleted)]
    assert kinds == ["export_asked", "exported", "export_fetched", "export_deleted"]
    assert {one.caller for one in shop.events()} == {"machine"}
    assert asked.body["filters"] == made.body["filters"] == {"buyer": [], "way": ["card"]}
    assert (made.body["rows"], made.body["outcome"], made.body["personal"]) == (
        2,
        "ready",
        ["buyer", "invoice", "note"],
    )
    assert made.body["columns"] == list(export.columns)
    assert "b1" not in str([one.body for one in shop.events()])


WANTED = "Zyxomma-Petiolatum"


def test_a_name_stands_in_the_exported_file_and_nowhere_else_until_it_is_gone(shop):
    shop.collect(sale("named", "2026-02-02", buyer=WANTED))
    shop.move()
    outside = found(shop.folder / "data", [WANTED])
    export = shop.exported(form="csv", buyer=WANTED)
    other = shop.exported(form="xlsx", buyer=WANTED)
    assert (export.rows, other.rows) == (1, 1)
    assert found(shop.folder / "data", [WANTED]) == outside | {(WANTED, "csv")}
    shop.clock.now += DAY
    exports.sweep(shop.means)
    shop.install.control.truncate()
    assert found(shop.folder / "data", [WANTED]) == outside
    assert shop.kept() == []


def test_what_was_asked_is_still_read_under_a_new_key_and_its_old_links_end(shop):
    export, waits = shop.exported(), shop.ask(buyer="b1")
    keys.rotate(shop.install.accounts, shop.caller, now=shop.clock())
    shop.work()
    assert shop.look(waits).rows == 2
    assert shop.look(export).link != export.link
    assert shop.text(shop.look(export))


def test_too_many_that_wait_are_refused(shop, monkeypatch):
    monkeypatch.setattr(exports, "MOST_WAITING", 2)
    shop.ask()
    shop.ask()
    with pytest.raises(Conflict, match="TOO_MANY_EXPORTS"):
        shop.ask()


def test_who_waits_gets_the_export_once_it_is_made_or_as_it_stands(shop):
    asked = shop.ask()
    assert exports.wait(shop.means, asked.id, shop.caller, seconds=0.01).state is ExportState.PREPARING
    worker = threading.Timer(0.1, shop.work)
    worker.start()
    assert exports.wait(shop.means, asked.id, shop.caller, seconds=60).state is ExportState.READY
    worker.join()


def test_an_export_is_made_and_a_file_deleted_while_a_roll_waits_for_its_turn_to_write(shop):
    old = shop.exported()
    shop.clock.now += DAY
    stop, worker = threading.Event(), make_worker(shop.install)
    thread = threading.Thread(target=worker.run, args=(stop,))
    with shop.workspace.file.lock.held():  # which every roll needs
        rolling = start(shop.system, "roll", {}, "test", shop.caller)
        thread.start()
        try:
            until(lambda: jobs.get(shop.install.control, "default", rolling.number).state is JobState.RUNNING)
            asked = exports.create(shop.means, ORDER, shop.caller)
            assert exports.wait(shop.means, asked.id, shop.caller, seconds=60).state is ExportState.READY
            start(shop.system, "sweep", {}, "test", shop.caller)
            until(lambda: shop.kept() == [f"{asked.id}.csv"])
            assert jobs.get(shop.install.control, "default", rolling.number).state is JobState.RUNNING
        finally:
            stop.set()
    thread.join()
    assert shop.look(old).state is ExportState.EXPIRED


def test_two_workers_make_each_of_many_exports_once_while_both_roll(shop):
    asked = [shop.ask(form=form) for form in FORMATS * 3]
    workers = [make_worker(shop.install, name) for name in ("one", "two")]
    stop = threading.Event()
    threads = [threading.Thread(target=worker.run, args=(stop,)) for worker in workers]
    for name in ("roll", "move"):
        start(shop.system, name, {}, "test", shop.caller)
    for thread in threads:
        thread.start()
    until(lambda: jobs.counts(shop.install.control, "default")[0][JobState.DONE] >= len(asked) + 2)
    stop.set()
    for thread in threads:
        thread.join()
    assert [len(shop.rows(shop.look(one))) for one in asked] == [6] * len(asked)
    assert len(shop.events("exported")) == len(shop.kept()) == len(asked)


def test_whoever_asks_behind_many_others_is_not_kept_waiting(shop, monkeypatch):
    monkeypatch.setattr(exports, "WAITED_BEHIND", 2)
    asked = [shop.ask() for _ in range(2)]
    assert exports.patience(shop.means) == exports.PATIENCE
    asked.append(shop.ask())
    assert exports.patience(shop.means) == 0
    assert exports.wait(shop.means, asked[0].id, shop.caller).state is ExportState.PREPARING
    shop.work()
    assert exports.patience(shop.means) == exports.PATIENCE


def test_exports_of_a_deleted_workspace_go_with_it(shop):
    shop.exported()
    folder, asked = shop.means.folder.path, shop.caller
    shop.collector.close()
    workspaces.delete(shop.install, "default", asked)
    assert not folder.exists()
    with shop.install.control.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM exports").scalar() == 0
