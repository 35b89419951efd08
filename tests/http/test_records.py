import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
import zstandard
from tests.served import BODY_LIMIT, key, order, problem_of, receipt

LINES = "application/x-ndjson"


def zstd(data):
    return zstandard.ZstdCompressor().compress(data)


def lines(*records):
    return b"\n".join(json.dumps(record).encode() for record in records)


def rejected(response):
    """Every rejection as (index, field, code), of a batch that was taken."""
    assert response.status_code == 200, response.text
    found = response.json()
    assert found["rejected_count"] >= len(found["rejected"])
    assert all(f"Record {one['index']}" in one["message"] for one in found["rejected"])
    return [(one["index"], one["field"], one["code"]) for one in found["rejected"]]


def test_an_object_an_array_and_lines_are_taken(shared):
    assert shared.send(order()).json() == receipt(accepted=1)
    assert shared.send([order(), order()]).json() == receipt(accepted=2)
    assert shared.send(lines(order(), order(), order()), media=LINES).json() == receipt(accepted=3)


@pytest.mark.parametrize("media", ["application/x-ndjson", "application/ndjson", "application/jsonl"])
def test_lines_have_three_names_and_may_end_in_an_empty_one(shared, media):
    assert shared.send(lines(order(), order()) + b"\n\n", media=media).json() == receipt(accepted=2)


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", 'APPLICATION/JSON;charset="UTF-8"'])
def test_a_charset_of_utf_8_may_be_named(shared, media):
    assert shared.send(order(), media=media).json() == receipt(accepted=1)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("zstd", zstd)])
def test_a_packed_body_is_unpacked(shared, encoding, pack):
    body = json.dumps([order() for _ in range(20)]).encode()
    assert shared.send(pack(body), encoding=encoding).json() == receipt(accepted=20)
    halves = pack(b"[" + json.dumps(order()).encode()), pack(b"]")
    assert shared.send(b"".join(halves), encoding=encoding).json() == receipt(accepted=1)


def test_identity_is_no_packing(shared):
    assert shared.send(order(), encoding="identity").json() == receipt(accepted=1)


def test_empty_batches_are_fine(shared):
    assert shared.send([]).json() == receipt()
    assert shared.send(b"", media=LINES).json() == receipt()
    assert shared.send(b"\n\n", media=LINES).json() == receipt()
    assert shared.send([], atomic="true").json() == receipt()


@pytest.mark.parametrize("body", [b"", b"  ", b"[", b"{", b"[}", b"nonsense", b"[1,", b'{"id": 1]', b'[{"id": "a"}'])
def test_a_body_that_is_not_json_is_refused_whole(served, body):
    document = problem_of(served.send(body), 400, "MALFORMED_JSON")
    assert "JSON" in document["detail"]
    assert served.kept() == 0


@pytest.mark.parametrize("body", [b"1", b'"text"', b"null", b"true"])
def test_a_body_that_is_neither_an_object_nor_an_array_is_refused(shared, body):
    problem_of(shared.send(body), 400, "NOT_RECORDS")


def test_a_broken_line_is_named_and_the_others_are_kept(shared):
    body = lines(order()) + b"\n{broken\n" + lines(order())
    response = shared.send(body, media=LINES)
    assert rejected(response) == [(1, "", "MALFORMED_JSON")]
    assert response.json()["accepted"] == 2


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_packed_body_that_was_cut_off_keeps_nothing(served, encoding):
    body = json.dumps([order() for _ in range(50)]).encode()
    packed = gzip.compress(body) if encoding == "gzip" else zstd(body)
    for end in (0, 3, len(packed) // 2, len(packed) - 1):
        document = problem_of(served.send(packed[:end], encoding=encoding), 400, "TRUNCATED_BODY")
        assert encoding in document["detail"]
    assert served.kept() == 0


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_body_that_is_not_packed_as_it_says_is_refused(shared, encoding):
    problem_of(shared.send(order(), encoding=encoding), 400, "DAMAGED_BODY")


def test_a_packed_body_with_something_after_its_end_is_refused(shared):
    problem_of(shared.send(gzip.compress(b"[]") + b"more", encoding="gzip"), 400, "DAMAGED_BODY")


@pytest.mark.parametrize("encoding", ["deflate", "br", "gzip, zstd", "made-up"])
def test_an_unknown_packing_is_refused(shared, encoding):
    document = problem_of(shared.send(order(), encoding=encoding), 415, "UNKNOWN_ENCODING")
    assert "gzip" in document["detail"]


@pytest.mark.parametrize(
    "media", ["text/plain", "text/csv", "application/x-www-form-urlencoded", "application/xml", ""]
)
def test_an_unknown_type_of_body_is_refused(shared, media):
    problem_of(shared.send(order(), media=media), 415, "UNKNOWN_CONTENT_TYPE")


def test_another_charset_is_refused(shared):
    problem_of(shared.send(order(), media="application/json; charset=latin-1"), 415, "UNKNOWN_CONTENT_TYPE")


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstd)])
def test_a_bomb_is_defused(served, encoding, pack):
    bomb = pack(b" " * (50 << 20))
    assert len(bomb) < BODY_LIMIT
    document = problem_of(served.send(bomb, encoding=encoding), 413, "BODY_TOO_LARGE")
    assert f"longer than {BODY_LIMIT:,} bytes after inflating" in document["detail"]
    assert served.send(order()).json() == receipt(accepted=1)


def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_taken(served):
    body = json.dumps([order()]).encode()
    at_limit = body + b" " * (BODY_LIMIT - len(body))
    assert served.send(at_limit).json() == receipt(accepted=1)
    problem_of(served.send(at_limit + b" "), 413, "BODY_TOO_LARGE")


def test_a_body_over_the_limit_in_pieces_of_unknown_number_is_refused(served):
    def pieces():
        yield b"["
        for _ in range(40):
            yield json.dumps(order(place="x" * 30)).encode() * 50 + b","

    headers = {"content-type": "application/json"}
    url = "/v1/streams/orders/records"
    problem_of(served.client.post(url, content=pieces(), headers=headers), 413, "BODY_TOO_LARGE")
    assert served.kept() == 0


def test_an_unknown_stream_is_not_found(shared):
    document = problem_of(shared.send(order(), stream="nothing"), 404, "UNKNOWN_STREAM")
    assert "'nothing'" in document["detail"]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"total": 1.5}, "", ""),  # a JSON number with decimals is read digit by digit
        ({"total": "many"}, "total", "NOT_A_NUMBER"),
        ({"total": True}, "total", "WRONG_TYPE"),
        ({"total": None}, "total", "FIELD_MISSING"),
        ({"total": "1.505"}, "total", "TOO_MANY_DECIMALS"),
        ({"total": 10**18}, "total", "NUMBER_TOO_LARGE"),
        ({"units": 10**18}, "units", "NUMBER_TOO_LARGE"),
        ({"units": -(10**18)}, "units", "NUMBER_TOO_LARGE"),
        ({"units": 10**30}, "units", "NUMBER_TOO_LARGE"),
        ({"units": 10**18 - 1}, "", ""),
        ({"units": 1.5}, "units", "WRONG_TYPE"),
        ({"units": "1"}, "units", "WRONG_TYPE"),
        ({"gift": 1}, "gift", "WRONG_TYPE"),
        ({"way": "barter"}, "way", "NOT_AN_OPTION"),
        ({"place": 5}, "place", "WRONG_TYPE"),
        ({"place": "x" * 41}, "place", "TEXT_TOO_LONG"),
        ({"place": "a\x01b"}, "place", "CONTROL_CHARACTER"),
        ({"colour": "red"}, "colour", "UNKNOWN_FIELD"),
        ({"id": None}, "id", "KEY_MISSING"),
        ({"id": ""}, "id", "KEY_MISSING"),
        ({"id": 1.5}, "id", "WRONG_TYPE"),
        ({"id": "x" * 201}, "id", "TEXT_TOO_LONG"),
        ({"id": 10**18}, "id", "NUMBER_TOO_LARGE"),
        ({"id": -(10**400)}, "id", "NUMBER_TOO_LARGE"),
        ({"buyer": 10**30}, "buyer", "NUMBER_TOO_LARGE"),
        ({"buyer": ["ann"]}, "buyer", "WRONG_TYPE"),
        ({"buyer": None}, "", ""),
        ({"at": None}, "at", "TIME_MISSING"),
        ({"at": "yesterday"}, "at", "TIME_MALFORMED"),
        ({"at": 1_769_853_600}, "at", "TIME_MALFORMED"),
        ({"at": "2026-01-31T10:00:00"}, "at", "TIME_WITHOUT_ZONE"),
        ({"at": "2026-02-30T10:00:00Z"}, "at", "TIME_MALFORMED"),
        ({"at": "2026-02-01T12:59:59.999999Z"}, "", ""),
        ({"at": "2026-02-01T13:00:00Z"}, "at", "TIME_AHEAD"),
        ({"at": "9999-12-31T23:59:59Z"}, "at", "TIME_AHEAD"),
        ({"at": "1969-12-31T23:59:59Z"}, "at", "TIME_BEFORE_1970"),
        ({"at": "1970-01-01T00:30:00+01:00"}, "at", "TIME_BEFORE_1970"),
    ],
)
def test_what_is_wrong_with_a_record_is_named_and_the_others_are_kept(shared, change, field, code):
    response = shared.send([order(), order(**change), order()])
    assert rejected(response) == ([(1, field, code)] if code else [])
    assert response.json()["accepted"] == (2 if code else 3)


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "1e400", "1.5e99999999999999999999", "0x10", "01", "1."]
)
def test_what_is_no_json_number_is_refused(shared, value):
    body = json.dumps(order(total="HERE")).replace('"HERE"', value).encode()
    response = shared.send(body)
    if response.status_code == 200:
        assert rejected(response)[0][2] in {"NUMBER_TOO_LARGE", "MALFORMED_JSON", "NOT_A_NUMBER"}
    else:
        problem_of(response, 400, "MALFORMED_JSON")


@pytest.mark.parametrize("media", ["application/json", LINES])
def test_a_record_that_is_nested_beyond_all_reason_is_refused(served, media):
    deep = json.dumps(order(place="HERE")).encode().replace(b'"HERE"', b"[" * 20_000 + b"]" * 20_000)
    good = lines(order())
    body = b"\n".join((good, deep, good)) if media == LINES else b"[%b,%b,%b]" % (good, deep, good)
    response = served.send(body, media=media)
    if response.status_code == 200:
        assert [one[0] for one in rejected(response)] == [1]
    else:
        problem_of(response, 400, "MALFORMED_JSON")
    assert served.send(order()).json()["accepted"] == 1


def test_text_that_is_not_utf_8_is_refused(served):
    body = json.dumps([order(), order(place="HERE"), order()]).encode().replace(b"HERE", b"\xff\xfe")
    response = served.send(body)
    if response.status_code == 200:
        assert [one[0] for one in rejected(response)] == [1]
    else:
        problem_of(response, 400, "MALFORMED_JSON")
    response = served.send(lines(order()) + b'\n{"id": "\xc3"}\n' + lines(order()), media=LINES)
    assert [one[0] for one in rejected(response)] == [1]


def test_half_a_character_is_refused(shared):
    response = shared.send(json.dumps([order(), order()]).encode().replace(b'"ann"', rb'"\ud800"', 1))
    assert response.status_code in {200, 400}
    if response.status_code == 200:
        assert [one[0] for one in rejected(response)] == [0]


def test_a_stream_of_dates_takes_dates_only(shared):
    visits = [{"id": key(), "on": "2026-01-31"}, {"id": key(), "on": "2026-01-31T10:00:00Z"}]
    assert rejected(shared.send(visits, stream="visits")) == [(1, "on", "TIME_MALFORMED")]


def test_the_first_hundred_reasons_are_listed_and_all_are_counted(shared):
    response = shared.send([order(units="x") for _ in range(150)])
    assert [one[0] for one in rejected(response)] == list(range(100))
    assert response.json()["rejected_count"] == 150


def test_no_answer_repeats_a_value(served):
    planted = [order(total="MARKER1"), order(buyer=["MARKER2"]), order(MARKER3="x"), order(at="MARKER4")]
    found = served.send([*planted, order(place="MARKER5" * 10), order(way="MARKER6"), order(pin="MARKER7", units="x")])
    for number in (1, 2, 4, 5, 6, 7):
        assert f"MARKER{number}" not in found.text


def test_a_record_counts_once_however_often_it_is_sent(served):
    one = order()
    assert served.send([one, one]).json() == receipt(accepted=1, duplicates=1)
    assert served.send(one).json() == receipt(duplicates=1)
    assert served.send(lines(one, order()), media=LINES).json() == receipt(accepted=1, duplicates=1)
    assert served.kept() == 2


def test_another_record_with_the_same_key_is_a_conflict(served):
    one = order()
    assert rejected(served.send([one, one | {"total": "1"}])) == [(1, "", "KEY_CONFLICT")]
    assert rejected(served.send([order(), one | {"total": "2"}])) == [(1, "", "KEY_CONFLICT")]
    assert served.kept() == 2


def test_a_duplicate_is_known_after_the_move_and_after_the_purge(served):
    one, house = order(), served.house
    assert served.send(one).json() == receipt(accepted=1)
    house.at("2026-02-02T12:00").roll()
    assert served.send(one).json() == receipt(duplicates=1)
    house.at("2026-03-05T12:00").purge()
    assert house.status("2026-01-31") == "purged"
    assert served.send(one).json() == receipt(duplicates=1)
    assert rejected(served.send(one | {"total": "1"})) == [(0, "", "RECORD_PURGED")]
    assert served.send(order()).json() == receipt(accepted=1)
    house.at("2026-04-05T12:00")
    assert rejected(served.send([one, order()])) == [(0, "", "TOO_LATE"), (1, "", "TOO_LATE")]


def test_an_atomic_batch_is_kept_whole_or_not_at_all(served):
    good, bad = [order() for _ in range(3)], order(units="x")
    response = served.send([*good, bad], atomic="true")
    document = problem_of(response, 422, "BATCH_REFUSED")
    assert [(one["index"], one["field"]) for one in document["rejected"]] == [(3, "units")]
    assert document["rejected_count"] == 1
    assert served.kept() == 0
    assert served.send(good, atomic="1").json() == receipt(accepted=3)
    assert served.send([*good, order()], atomic="true").json() == receipt(accepted=1, duplicates=3)


@pytest.mark.parametrize("value", ["", "maybe", "2"])
def test_atomic_is_true_or_false(shared, value):
    problem_of(shared.send(order(), atomic=value), 400, "BAD_PARAMETER")


def test_a_parameter_that_nobody_declared_is_refused(shared):
    document = problem_of(shared.send(order(), atomc="true"), 400, "UNKNOWN_PARAMETER")
    assert "'atomc'" in document["detail"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_records_are_sent_with_post(shared, method):
    response = shared.client.request(method, "/v1/streams/orders/records")
    problem_of(response, 405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "POST, OPTIONS"


def test_many_small_batches_at_once_are_all_kept_and_none_twice(served):
    sent = [order() for _ in range(300)]
    batches = [sent[i : i + size] for i in range(0, 300, 3) for size in (1, 3)]  # every third record comes twice

    def send(batch):
        found = served.send(batch if len(batch) > 1 else batch[0]).json()
        assert found["accepted"] + found["duplicates"] == len(batch)
        return found["accepted"]

    with ThreadPoolExecutor(16) as senders:
        assert sum(senders.map(send, batches)) == 300
    assert served.kept() == 300


def test_large_batches_do_not_keep_the_others_out(served):
    house_limit = [order(place="x" * 40) for _ in range(400)]
    with ThreadPoolExecutor(4) as senders:
        found = list(senders.map(lambda i: served.send(house_limit[i * 100 : i * 100 + 100]).json(), range(4)))
    assert [one["accepted"] for one in found] == [100] * 4


def test_a_server_that_holds_as_much_as_it_can_says_so_and_loses_nothing(served):
    def send(number):
        batch = [order(place="x" * 30) for _ in range(400)]  # five such bodies are more than it holds
        return served.send(batch)

    with ThreadPoolExecutor(6) as senders:
        with served.house.workspace.file.lock.held():  # nothing can be committed meanwhile
            waiting = [senders.submit(send, number) for number in range(6)]
            time.sleep(0.5)
        responses = [one.result() for one in waiting]
    refused = [response for response in responses if response.status_code != 200]
    assert 1 <= len(refused) <= 3
    for response in refused:
        problem_of(response, 503, "BUSY")
        assert response.headers["retry-after"] == "1"
    assert served.kept() == 400 * (6 - len(refused))
    assert send(0).json()["accepted"] == 400


def test_a_sender_that_goes_away_in_the_middle_keeps_nobody_waiting(served):
    def half():
        yield b'[{"id": "gone"'
        raise ConnectionError

    headers = {"content-type": "application/json"}
    with pytest.raises(ConnectionError):
        served.client.post("/v1/streams/orders/records", content=half(), headers=headers)
    assert served.send(order()).json() == receipt(accepted=1)
    assert served.kept() == 1


def test_rejected_records_are_shown_by_field_and_reason(served):
    served.send([order(units="x"), order(units="y"), order(way="barter")])
    stream = next(s for s in served.get("/v1/streams").json()["streams"] if s["name"] == "orders")
    assert stream["standing"]["rejects"] == [
        {"field": "units", "code": "WRONG_TYPE", "count": 2},
        {"field": "way", "code": "NOT_AN_OPTION", "count": 1},
    ]


def test_one_connection_carries_many_requests(served):
    alone = {"trust_env": False, "limits": httpx2.Limits(max_connections=1), "headers": served.client.headers}
    with httpx2.Client(base_url=served.address, **alone) as client:
        for _ in range(20):
            body, headers = json.dumps(order()).encode(), {"content-type": "application/json"}
            response = client.post("/v1/streams/orders/records", content=body, headers=headers)
            assert response.json() == receipt(accepted=1)
