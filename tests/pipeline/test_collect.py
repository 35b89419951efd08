import threading

import msgspec
import pytest
from tests.systems import number, sale

from keepsum.engine.accept import Checked
from keepsum.model.errors import NotFound, Unavailable
from keepsum.model.ledger import Kind
from keepsum.pipeline.collect import BatchRefused, Body, Receipt
from keepsum.store import days, records

FIRST = "2026-02-01"
CONFLICT, CHANGED, LATE = "KEY_CONFLICT", "RECORD_PURGED", "TOO_LATE"


def receipt(accepted=0, duplicates=0):
    return Receipt(accepted=accepted, duplicates=duplicates, rejections=(), rejected=0)


def rejects(house):
    with house.workspace.file.read() as connection:
        found = records.rejects_of(connection, "sales", 0, 10**5)
    return {(field, code): count for _, field, code, count in found}


def purged(house, *sent):
    """Put records of the first day through everything until they are purged."""
    house.collect(*sent)
    house.at("2026-02-02T02:00").roll()
    house.at("2026-03-04T02:00").purge()
    assert house.status(FIRST) == "purged"


def test_records_are_kept_and_counted_in_control(house):
    assert house.collect(sale(1), sale(2, amount=-7), sale(3, amount=None)) == receipt(3)
    control = house.state(FIRST).control
    assert (control.records, control.sums) == (3, {"f_amount": -2})
    assert house.tail(FIRST) == 3


def test_a_sum_that_comes_back_to_zero_is_no_reason_to_refuse(house):
    assert house.collect(sale(1, amount=7)) == receipt(1)
    assert house.collect(sale(2, amount=-7)) == receipt(1)
    assert house.state(FIRST).control.sums == {}
    house.at("2026-02-02T02:00").roll()
    assert house.status(FIRST) == "sealed"


def test_an_empty_batch_is_fine(house):
    assert house.collect() == receipt()


def test_a_stream_nobody_declared_is_not_found(house):
    with pytest.raises(NotFound, match="UNKNOWN_STREAM"):
        house.collect(sale(1), stream="returns")


def test_a_record_twice_in_one_batch_counts_once(house):
    assert house.collect(sale(1), sale(2), sale(1), sale(1)) == receipt(2, 2)
    assert house.state(FIRST).control.records == 2


def test_another_record_with_the_same_key_in_one_batch_is_a_conflict(house):
    found = house.collect(sale(1), sale(2), sale(1, amount=6))
    assert (found.accepted, found.duplicates, found.rejected) == (2, 0, 1)
    assert [(r.index, r.code) for r in found.rejections] == [(2, CONFLICT)]
    assert house.state(FIRST).control.sums == {"f_amount": 10}


def test_a_record_that_comes_again_counts_once_and_a_changed_one_is_a_conflict(house):
    house.collect(sale(1))
    found = house.collect(sale(1), sale(1, amount=6), sale(2))
    assert (found.accepted, found.duplicates, [r.code for r in found.rejections]) == (1, 1, [CONFLICT])


@pytest.mark.parametrize("field", ["at", "buyer", "way", "place", "invoice", "note", "amount"])
def test_a_change_of_any_stored_field_is_noticed(house, field):
    other = {"at": f"{FIRST}T10:00:00.000001Z", "way": "cash", "amount": 6}.get(field, "other")
    house.collect(sale(1, place="york", invoice="i", note="n"))
    changed = sale(1, place="york", invoice="i", note="n") | {field: other}
    assert house.codes(changed) == [(0, "", CONFLICT)]


@pytest.mark.parametrize(
    "same",
    [
        {"at": f"{FIRST}T11:30:00+01:30"},
        {"id": 1},
        {"note": None},
        {"pin": "1234"},
        {"place": "ann@example.org"},
    ],
    ids=["zone", "key as number", "null", "secret", "redacted"],
)
def test_what_is_stored_alike_is_the_same_record(house, same):
    place = "bob@example.org" if "place" in same else "york"
    house.collect(sale(1, place=place))
    assert house.collect(sale(1, place=place) | same) == receipt(0, 1)


def test_the_same_key_on_another_day_is_another_record(house):
    house.at("2026-02-02T12:00")
    assert house.collect(sale(1), sale(1, day="2026-02-02")) == receipt(2)
    assert house.collect(sale(1), sale(1, day="2026-02-02"), sale(1, day="2026-01-31")) == receipt(1, 2)


def test_a_batch_over_many_days_finds_its_duplicates_day_by_day(house):
    house.at("2026-02-10T12:00").collect(*(sale(n, day=f"2026-02-0{n}") for n in range(1, 6)))
    found = house.collect(*(sale(n, day=f"2026-02-0{d}") for d in range(1, 8) for n in range(1, 6)))
    assert found == receipt(30, 5)
    assert house.collect(*(sale(n, day=f"2026-02-0{d}") for d in range(1, 8) for n in range(1, 6))) == receipt(0, 35)


def test_a_duplicate_is_known_after_the_move(house):
    house.collect(sale(1), sale(2))
    house.move_day(FIRST)
    assert house.tail(FIRST) == 0
    assert house.collect(sale(1), sale(3)) == receipt(1, 1)
    assert house.codes(sale(2, amount=6)) == [(0, "", CONFLICT)]


def test_a_duplicate_does_not_reopen_a_sealed_day(house):
    house.collect(sale(1))
    house.at("2026-02-02T02:00").roll()
    assert house.collect(sale(1)) == receipt(0, 1)
    assert house.codes(sale(1, amount=6)) == [(0, "", CONFLICT)]
    assert house.status(FIRST) == "sealed"


def test_a_late_record_before_the_purge_reopens_its_day(house):
    house.collect(sale(1))
    house.at("2026-02-02T02:00").roll()
    assert house.collect(sale(2, amount=8)) == receipt(1)
    assert house.status(FIRST) == "touched"
    house.at("2026-03-04T02:00")
    assert [d.blocked for d in house.purge_plan().due] == ["NOT_SEALED"]
    assert house.purge().days == 0
    house.roll()
    assert house.status(FIRST) == "sealed"
    (row,) = house.rows(day=FIRST).values()
    assert (row["m_sales"], row["m_amount_lo"]) == (2, 13)
    assert house.purge().days == 1


def test_after_the_purge_a_known_record_is_a_duplicate_and_a_changed_one_is_refused(house):
    purged(house, sale(1), sale(2))
    assert house.collect(sale(1), sale(2), sale(1)) == receipt(0, 3)
    assert house.codes(sale(1, amount=6), sale(2)) == [(0, "", CHANGED)]
    assert house.entries(Kind.CORRECTED) == []


def test_after_the_purge_a_new_record_is_a_correction_once(house):
    purged(house, sale(1))
    assert house.collect(sale(2), sale(2), sale(1)) == receipt(1, 2)
    assert house.collect(sale(2)) == receipt(0, 1)
    assert house.codes(sale(2, amount=6)) == [(0, "", CHANGED)]
    assert len(house.entries(Kind.CORRECTED)) == 1
    assert house.tail(FIRST) == 0


def test_what_is_too_late_is_refused_and_counted_whether_it_is_known_or_new(house):
    purged(house, sale(1))
    until = house.state(FIRST).late_until
    house.clock.now = until
    assert house.collect(sale(2)) == receipt(1)
    house.clock.now = until + 1
    assert house.codes(sale(1), sale(2), sale(3)) == [(0, "", LATE), (1, "", LATE), (2, "", LATE)]
    house.purge()
    assert house.codes(sale(1), sale(4)) == [(0, "", LATE), (1, "", LATE)]
    assert rejects(house) == {("", LATE): 5}


def test_one_batch_may_hold_living_purged_and_bad_records(house):
    purged(house, sale(1))
    living = sale(7, day="2026-03-03")
    found = house.collect(sale(1), living, sale(2), sale(1, amount=9), living, {"id": "x"}, sale(3))
    assert (found.accepted, found.duplicates) == (3, 2)
    assert [(r.index, r.code) for r in found.rejections] == [(3, CHANGED), (5, "TIME_MISSING")]
    assert house.state("2026-03-03").control.records == 1


def test_an_atomic_batch_with_a_bad_record_keeps_nothing(house):
    with pytest.raises(BatchRefused, match="BATCH_REFUSED") as error:
        house.collect(sale(1), sale(2, amount="many"), atomic=True)
    assert [(r.index, r.field) for r in error.value.receipt.rejections] == [(1, "amount")]
    assert house.state(FIRST) == days.DayState(stream="sales", day=number(FIRST))
    assert house.collect(sale(1)) == receipt(1)


def test_an_atomic_batch_with_a_conflict_keeps_nothing(house):
    house.collect(sale(1))
    with pytest.raises(BatchRefused):
        house.collect(sale(2), sale(1, amount=9), atomic=True)
    assert house.state(FIRST).control.records == 1
    assert house.collect(sale(2), sale(1), atomic=True) == receipt(1, 1)


def test_rejected_records_are_counted_by_field_and_reason_atomic_or_not(house):
    house.collect(sale(1), sale(2, amount="many"), sale(3, way="cheque"))
    house.collect(sale(1, amount=6))
    with pytest.raises(BatchRefused):
        house.collect(sale(4, amount="many"), atomic=True)
    expected = {("amount", "WRONG_TYPE"): 2, ("way", "NOT_AN_OPTION"): 1, ("", CONFLICT): 1}
    assert rejects(house) == expected


def test_every_rejected_record_is_counted_even_beyond_those_that_are_listed(house):
    found = house.collect(*(sale(n, amount="many") for n in range(250)))
    assert found.rejected == 250
    assert rejects(house) == {("amount", "WRONG_TYPE"): 250}


def test_an_interval_is_written_down_with_the_first_record_of_a_day(house):
    house.collect(sale(1))
    with house.workspace.file.read() as connection:
        (found,) = days.known(connection)
    assert (found.number, found.zone, found.end - found.start) == (number(FIRST), "UTC", 86_400_000_000)


def test_many_senders_at_once_are_all_told_and_none_is_counted_twice(house):
    told, batches = [], 40

    def send(sender):
        told.extend(house.collect(sale(f"{sender} {n}"), sale(f"shared {n}")) for n in range(batches))

    senders = [threading.Thread(target=send, args=(name,)) for name in "abcdef"]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(told) == 6 * batches
    assert sum(one.accepted for one in told) == house.state(FIRST).control.records == 7 * batches
    assert sum(one.duplicates for one in told) == 5 * batches


def test_one_senders_error_is_not_anothers(house):
    def submit(*sent, **how):
        return house.collector.submit("sales", house.collector.intake("sales").convert(sent, now=house.clock()), **how)

    with house.workspace.file.lock.held():
        begun = submit(sale(0))  # waits for the lock, so that all that follow share a transaction
        first, gone, refused = submit(sale(1)), submit(sale(2)), submit(sale(3), {}, atomic=True)
        strange = Checked(good=[object()], places=[0], rejections=(), received=1)
        broken = house.collector.submit("sales", strange)
        gone.cancel()
    assert begun.result(60) == first.result(60) == receipt(1)
    assert isinstance(broken.exception(60), AttributeError)
    assert isinstance(refused.exception(60), BatchRefused)
    assert house.collect(sale(4)) == receipt(1)


def test_what_was_handed_over_is_written_before_the_collector_stops(house):
    checked = [house.collector.intake("sales").convert([sale(n)], now=house.clock()) for n in range(50)]
    done = [house.collector.submit("sales", one) for one in checked]
    house.collector.close()
    assert [one.result(0).accepted for one in done] == [1] * 50
    with pytest.raises(Unavailable, match="SHUTTING_DOWN"):
        house.collector.submit("sales", checked[0])


def test_a_batch_that_the_disk_has_no_room_for_is_refused_whole_and_can_be_sent_again(house):
    raw = house.workspace.file._writer.raw_connection()
    pages = raw.cursor().execute("PRAGMA page_count").fetchone()[0]
    raw.cursor().execute(f"PRAGMA max_page_count = {pages}")
    batch = [sale(n, note="x" * 1_000) for n in range(200)]
    with pytest.raises(Unavailable, match="DISK_FULL"):
        house.collect(*batch)
    raw.cursor().execute("PRAGMA max_page_count = 1000000")
    raw.close()
    assert house.state(FIRST).control.records == 0
    assert house.collect(*batch) == receipt(200)


def test_of_a_secret_field_only_its_presence_is_counted(house):
    house.collect(sale("one", pin="1234"), sale("two"), sale("three", pin=None), sale("four", pin="9"))
    with house.workspace.file.read() as connection:
        today = number("2026-02-01")
        assert records.rejects_of(connection, "sales", today, today) == [(today, "pin", "SECRET_DROPPED", 2)]


def handed(house, *bodies, stream="sales", **how):
    """What became of bodies that were handed over while the collector waited for the lock, in order."""
    told, all_told = {}, threading.Event()

    def deliver(outcomes):
        told.update(outcomes)
        if len(told) == len(bodies):
            all_told.set()

    with house.workspace.file.lock.held():
        for ticket, body in enumerate(bodies):
            house.collector.hand_over(stream, body, ticket=ticket, deliver=deliver, **how)
    assert all_told.wait(60)
    return [told[ticket] for ticket in range(len(bodies))]


def test_a_body_is_read_by_whoever_writes_it(house):
    array, one, lines = b"[%s, %s]", b"%s", b"%s\n%s\n"
    texts = [msgspec.json.encode(sale(n)) for n in range(4)]
    found = handed(
        house,
        Body(array % (texts[0], texts[1]), lines=False),
        Body(one % texts[2], lines=False),
        Body(lines % (texts[3], texts[0]), lines=True),
    )
    assert found == [receipt(2), receipt(1), receipt(1, 1)]
    assert house.tail(FIRST) == 4


def test_a_body_that_is_none_is_told_so_alone(house):
    good = Body(msgspec.json.encode(sale(1)), lines=False)
    found = handed(house, Body(b"[1,", lines=False), good, Body(b"7", lines=False))
    assert [getattr(one, "code", one) for one in found] == ["MALFORMED_JSON", receipt(1), "NOT_RECORDS"]


def test_a_body_without_records_is_told_at_once_all_or_none(house):
    empty = Body(b"[]", lines=False)
    assert handed(house, empty, Body(b"\n", lines=True), atomic=True) == [receipt(), receipt()]


def test_a_body_for_a_stream_nobody_declared_is_told_so(house):
    (found,) = handed(house, Body(b"[]", lines=False), stream="returns")
    assert (type(found), found.code) == (NotFound, "UNKNOWN_STREAM")
