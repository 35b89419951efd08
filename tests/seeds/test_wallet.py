"""The wallet's scenarios as its panel asks them; what each figure should be says plain SQL over the team's tables."""

import json
import shutil
from decimal import Decimal

import pytest
from structlog.testing import capture_logs
from tests import wallet_app
from tests.databases import opened
from tests.served import served_from
from tests.systems import House
from tests.wallet_app import App

from keepsum.cli.worker import make_worker
from keepsum.model.setting import Secret
from keepsum.packs.wallet import PACK
from keepsum.pipeline.jobs import ALWAYS, JOBS
from keepsum.pipeline.publishing import publish
from keepsum.store import schedules

BASE = "/api/v1/admin/analytics"
# Six in the morning in India, where the day that has begun has records, too.
NOW = "2025-11-14T00:30:00Z"
FIRST, LAST = "2025-10-20", "2025-11-13"
PEOPLE = ("active_users", "unique_buyers", "total_referrers")
RANGES = ((FIRST, LAST), ("2025-11-01", "2025-11-01"), ("2025-10-28", "2025-11-10"))


class Progress:
    """Somebody who does not mind how far a job got."""

    def progress(self, **_said):
        pass


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A team's own database, in MariaDB."""
    for database in opened("mysql", tmp_path_factory.mktemp("none")):
        app = App(database.url)
        yield app
        app.close()


@pytest.fixture(scope="module")
def collected(tmp_path_factory, app):
    """A folder with all records, and nothing done to them."""
    folder = tmp_path_factory.mktemp("collected") / "house"
    house = House(folder, PACK, now=NOW, begin=FIRST, zone="Asia/Kolkata")
    for stream, records in wallet_app.records(app).items():
        receipt = house.collect(*records, stream=stream)
        assert (receipt.accepted, receipt.rejections) == (len(records), ()), stream
    house.close()
    return house.folder


@pytest.fixture(scope="module", params=["sent", "sent and rolled", "attached", "attached and rolled"])
def wallet(request, tmp_path_factory, app, collected):
    """A server over records that were sent, or over the team's own tables; before the night and after it."""
    folder = tmp_path_factory.mktemp("served") / "house"
    with pytest.MonkeyPatch.context() as patch:
        if "attached" in request.param:
            patch.setenv("KEEPSUM_WALLET_DATABASE_URL", app.url)
            house = House(folder, PACK, now=NOW, begin=FIRST, zone="Asia/Kolkata")
        else:
            shutil.copytree(collected, folder)
            house = House(folder, PACK, now=NOW, zone="Asia/Kolkata", fresh=False)
        if "rolled" in request.param:
            assert JOBS["roll"].run(house.system, ALWAYS, Progress()).held is None
        with served_from(house) as served:
            assert served.get("/v1/streams").status_code == 200
            patch.undo()  # it is open by now, and other tests have houses of their own
            yield served
        house.close()


class About(int):
    """A count of people that is estimated: as good as equal to what lies within five in a hundred."""

    def __eq__(self, other):
        return isinstance(other, int) and abs(self - other) * 20 <= other

    def __hash__(self):
        return hash(0)


def near(row):
    """A row whose counts of people are taken as what they are."""
    return {name: About(value) if name in PEOPLE else value for name, value in row.items()}


def asked(wallet, path, first=FIRST, last=LAST, **more):
    response = wallet.get(BASE + path, **{"from": first, "to": last}, **more)
    assert response.status_code == 200, response.text
    return json.loads(response.text, parse_float=Decimal)


@pytest.mark.parametrize(("first", "last"), RANGES)
def test_the_overview_is_what_sql_adds_up(wallet, app, first, last):
    assert near(asked(wallet, "/tokens/overview", first, last)) == app.overview(first, last)


@pytest.mark.parametrize("feature", ["chapter_generation", "registration_bonus", None])
@pytest.mark.parametrize("token_type", ["promo", None])
def test_the_overview_may_be_of_one_feature_and_of_one_kind(wallet, app, feature, token_type):
    given = {"feature": feature, "token_type": token_type}
    found = asked(wallet, "/tokens/overview", **{name: value for name, value in given.items() if value})
    assert near(found) == app.overview(FIRST, LAST, reason=feature, token_type=token_type)


def test_each_day_of_the_trend_is_what_sql_adds_up(wallet, app):
    series = asked(wallet, "/tokens/trend", granularity="daily")["series"]
    assert [row["date"] for row in series] == [str(row["day"]) for row in app.run(wallet_app.DAILY)][:-1]
    for row in series:
        day = row.pop("date")
        assert near(row) == app.overview(day, day)


def test_weeks_begin_on_monday_and_hold_the_days_that_were_asked_for(wallet, app):
    series = asked(wallet, "/tokens/trend", "2025-10-28", "2025-11-10", granularity="weekly")["series"]
    parts = [("2025-10-28", "2025-11-02"), ("2025-11-03", "2025-11-09"), ("2025-11-10", "2025-11-10")]
    mondays = ["2025-10-27", "2025-11-03", "2025-11-10"]
    assert [near(row) for row in series] == [
        {"date": monday, **app.overview(*part)} for monday, part in zip(mondays, parts, strict=True)
    ]


def test_months_begin_on_the_first(wallet, app):
    series = asked(wallet, "/tokens/trend", granularity="monthly")["series"]
    parts = [(FIRST, "2025-10-31"), ("2025-11-01", LAST)]
    firsts = ["2025-10-01", "2025-11-01"]
    assert [near(row) for row in series] == [
        {"date": first, **app.overview(*part)} for first, part in zip(firsts, parts, strict=True)
    ]


@pytest.mark.parametrize(("first", "last"), RANGES)
def test_features_are_what_sql_adds_up(wallet, app, first, last):
    rows = app.run(wallet_app.FEATURES, first, last)
    exact = [{**row, "credited": int(row["credited"]), "debited": int(row["debited"])} for row in rows]
    assert asked(wallet, "/tokens/by-feature", first, last)["items"] == exact


@pytest.mark.parametrize(("first", "last"), RANGES)
def test_the_composition_is_in_percent_and_adds_up_to_a_hundred(wallet, app, first, last):
    found = asked(wallet, "/tokens/composition", first, last)
    moved = app.one(wallet_app.TOKENS, first, last)
    assert found["regular"] == round(Decimal(100) * moved["regular"] / moved["moved"], 2)
    assert found["regular"] + found["promo"] == 100


@pytest.mark.parametrize(("first", "last"), RANGES)
def test_purchases_are_what_sql_adds_up(wallet, app, first, last):
    paid, revenue = app.one(wallet_app.PAID, first, last), app.revenue(first, last)
    found = asked(wallet, "/purchases", first, last)
    assert near(found) == {
        "total_purchases": paid["payments"],
        "total_tokens": int(paid["tokens"]),
        "total_revenue": revenue,
        "avg_tokens_per_purchase": round(Decimal(int(paid["tokens"])) / paid["payments"], 2),
        "avg_revenue_per_purchase": round(revenue / paid["payments"], 2),
        "unique_buyers": paid["buyers"],
    }


@pytest.mark.parametrize("campaign", ["diwali", None])
def test_promotions_are_what_sql_adds_up(wallet, app, campaign):
    more = {"campaign_id": campaign} if campaign else {}
    found, said = asked(wallet, "/promotions", **more), app.one(wallet_app.REFERRED, FIRST, LAST, campaign=campaign)
    assert near(found) == {
        "total_referrers": said["referrers"],
        "total_referrals": said["total"],
        "successful_referrals": int(said["successful"]),
        "total_bonus_awarded": int(said["bonus"]),
        "conversion_rate": round(100 * said["successful"] / said["total"], 2),
    }


def test_money_is_a_number_with_two_decimals(wallet):
    text = wallet.get(f"{BASE}/tokens/overview", **{"from": FIRST, "to": LAST}).text
    assert set(json.loads(text, parse_float=str)["revenue_in_inr"].rpartition(".")[2]) <= set("0123456789")
    assert len(json.loads(text, parse_float=str)["revenue_in_inr"].rpartition(".")[2]) == 2


@pytest.mark.parametrize("metric", ["spend", "earn", "net"])
@pytest.mark.parametrize(("first", "last"), RANGES)
def test_top_users_are_those_that_sql_finds(wallet, app, metric, first, last):
    rows = app.run(wallet_app.LEADING, first, last)
    for row in rows:
        row["net"] = row["earn"] - row["spend"]
    # A user without an entry that counts is on no list.
    had = {row["user_id"] for row in rows if metric == "net" or row[metric]}
    ranked = sorted((row for row in rows if row["user_id"] in had), key=lambda r: (-r[metric], str(r["user_id"])))
    wanted = [{n: row[n] for n in ("user_id", "username", "email")} | {metric: int(row[metric])} for row in ranked]
    assert asked(wallet, "/users/top", first, last, metric=metric, limit=100)["items"] == wanted[:100]
    assert asked(wallet, "/users/top", first, last, metric=metric)["items"] == wanted[:20]


def told(response, status, code):
    """The message of an error in the seed's shape."""
    assert response.status_code == status, response.text
    (error,) = response.json().values()
    assert (set(error), error["code"]) == ({"code", "message"}, code)
    return error["message"]


def test_errors_are_told_as_the_panel_knows_them(wallet):
    overview, top = f"{BASE}/tokens/overview", f"{BASE}/users/top"
    told(wallet.get(overview), 400, "validation_error")
    told(wallet.get(overview, **{"from": "2025-11-31", "to": LAST}), 400, "validation_error")
    told(wallet.get(overview, **{"from": LAST, "to": FIRST}), 400, "validation_error")
    told(wallet.get(overview, token_type="gold", **{"from": FIRST, "to": LAST}), 400, "validation_error")
    told(
        wallet.get(f"{BASE}/tokens/trend", granularity="hourly", **{"from": FIRST, "to": LAST}), 400, "validation_error"
    )
    for limit in ("0", "101"):
        told(wallet.get(top, metric="spend", limit=limit, **{"from": FIRST, "to": LAST}), 400, "validation_error")
    long = {"from": "2024-11-12", "to": "2025-11-13"}
    for path, more in ((overview, {}), (top, {"metric": "spend"})):
        message = told(wallet.get(path, **long, **more), 422, "business_rule_violation")
        assert message == "Date range cannot exceed 365 days"
    assert wallet.get(overview, **long | {"from": "2024-11-13"}).status_code == 200


@pytest.mark.parametrize("path", ["/tokens/overview", "/tokens/by-feature", "/tokens/composition", "/purchases"])
def test_only_admins_are_answered(wallet, path):
    parameters = {"from": FIRST, "to": LAST}
    assert wallet.role("manager").get(BASE + path, params=parameters).status_code == 403
    assert wallet.role("admin").get(BASE + path, params=parameters).status_code == 200
    assert wallet.nobody.get(BASE + path, params=parameters).status_code == 401


def test_the_id_of_a_request_is_carried_through_to_the_log(wallet):
    given = {"from": FIRST, "to": LAST}
    with capture_logs() as lines:
        headers = {"x-request-id": "9f1c-panel"}
        response = wallet.client.get(f"{BASE}/tokens/overview", params=given, headers=headers)
    assert response.headers["x-request-id"] == "9f1c-panel"
    assert [line["route"] for line in lines] == [f"{BASE}/tokens/overview"]


def test_looking_at_people_is_noted_in_the_audit_log_without_saying_whom(wallet):
    asked(wallet, "/users/top", metric="spend", limit=3)
    (event, *_) = wallet.get("/v1/audit", kind="personal_read").json()["events"]
    assert event["about"] == {
        "stream": "entries", "metric": "debited", "from": FIRST, "to": LAST, "fields": ["username", "email"],
        "people": 3,
    }  # fmt: skip


def test_the_night_is_at_three_in_india_and_its_log_reads_as_the_panel_s_operators_know_it(tmp_path, collected, app):
    shutil.copytree(collected, tmp_path / "house")
    house = House(tmp_path / "house", PACK, now=NOW, zone="Asia/Kolkata", fresh=False)
    make_worker(house.install)
    crons = {row.name: (row.cron, row.zone) for row in schedules.listing(house.system.control)}
    assert crons["nightly"] == ("0 3 * * *", "Asia/Kolkata")
    said = night_of(house)
    days = app.run(wallet_app.DAILY)[:-1]
    assert said[:2] == ["=== Analytics ETL Job Started ===", f"Processing date range: {FIRST} to {LAST}"]
    assert said[2:-4:2] == [f"Processing date: {row['day']}" for row in days]
    assert [line.partition(", active")[0] for line in said[3:-4:2]] == [
        f"  - Processed {row['day']}: credited={row['credited']}, debited={row['debited']}" for row in days
    ]
    assert said[-4:] == [
        f"Total dates processed: {len(days)}",
        "Cleaning up expired exports...",
        "Cleaned up 0 expired export(s)",
        "=== Analytics ETL Job Completed Successfully ===",
    ]
    assert night_of(house)[1] == "No data to process"
    house.close()


def night_of(house):
    with capture_logs() as lines:
        JOBS["nightly"].run(house.system, ALWAYS, Progress())
    return [line["event"] for line in lines if line.get("pack") == "wallet"]


def test_ten_nights_across_the_cut_off_change_no_number_and_only_take_the_people(tmp_path, collected, app, monkeypatch):
    monkeypatch.setenv("LEDGER_RETENTION_DAYS", "20")
    shutil.copytree(collected, tmp_path / "house")
    house = House(tmp_path / "house", PACK, now=NOW, zone="Asia/Kolkata", fresh=False)
    for night in range(14, 24):
        house.at(f"2025-11-{night}T21:30:00Z")
        assert JOBS["nightly"].run(house.system, ALWAYS, Progress()).held is None
    with served_from(house) as served:
        assert near(asked(served, "/tokens/overview")) == app.overview(FIRST, LAST)
        assert near(asked(served, "/tokens/overview", FIRST, FIRST)) == app.overview(FIRST, FIRST)
        gone = served.get(f"{BASE}/users/top", metric="spend", **{"from": FIRST, "to": LAST})
        message = told(gone, 422, "business_rule_violation")
        assert "up to 2025-11-03 are deleted" in message
        assert len(asked(served, "/users/top", "2025-11-04", LAST, metric="spend")["items"]) == 20
    house.close()


@pytest.fixture(scope="module")
def panel(tmp_path_factory, collected):
    """A server with a worker, which makes exports."""
    folder = tmp_path_factory.mktemp("panel") / "house"
    shutil.copytree(collected, folder)
    house = House(folder, PACK, now=NOW, zone="Asia/Kolkata", fresh=False)
    with served_from(house, worker=True) as served:
        yield served
    house.close()


def exported(panel, dataset, client=None, kind="csv", **filters):
    """An export as it is told when it is ready, however busy the machine is."""
    body = {"type": kind, "dataset": dataset, "filters": {"from": FIRST, "to": LAST, **filters}}
    response = (client or panel.client).post(f"{BASE}/exports", json=body)
    assert response.status_code == 201, response.text
    found = response.json()
    while found["status"] == "preparing":
        found = (client or panel.client).get(f"{BASE}/exports/{found['export_id']}").json()
    assert found["status"] == "ready", found
    return found


def test_an_export_is_told_as_the_panel_knows_it_and_its_link_holds_for_a_day(panel, app):
    found = exported(panel, "transactions", direction="debit", token_type="regular")
    said = (FIRST, LAST)
    statement = (
        "SELECT COUNT(*) AS n FROM wallet_ledger WHERE direction = 'debit' AND token_type = 'regular' "
        f"AND DATE(CONVERT_TZ(occurred_at, {wallet_app.INDIA})) BETWEEN :first AND :last"
    )
    assert found["actual_rows"] == app.one(statement, *said)["n"]
    assert (found["created_at"], found["completed_at"]) == ("2025-11-14 00:30:00", "2025-11-14 00:30:00")
    assert found["expires_at"] == "2025-11-15 00:30:00"
    again = panel.get(f"{BASE}/exports/{found['export_id']}").json()
    filters = {"from": FIRST, "to": LAST, "direction": "debit", "token_type": "regular"}
    assert again == found | {"filters": filters}
    lines = panel.nobody.get(found["download_url"]).text.splitlines()
    assert lines[0].replace('"', "") == (
        "id,user_id,username,email,token_type,direction,reason,amount,balance_after_regular,balance_after_promo,"
        "reference_id,metadata,occurred_at"
    )
    assert len(lines) == found["actual_rows"] + 1


@pytest.mark.parametrize(
    ("dataset", "table", "filters"),
    [
        ("purchases", "purchases", {"status": "paid", "provider": "stripe"}),
        ("referrals", "referrals", {"campaign_id": "diwali", "status": "credited"}),
        ("authorizations", "authorizations", {"feature": "narration", "status": "captured"}),
        ("users", "users", {"role": "user"}),
        ("purchases", "purchases", {"user_id": 5}),
    ],
)
def test_every_dataset_is_what_sql_selects(panel, app, dataset, table, filters):
    found = exported(panel, dataset, kind="json", **filters)
    where = " AND ".join(f"{name} = :{name}" for name in filters)
    days = f"DATE(CONVERT_TZ(created_at, {wallet_app.INDIA})) BETWEEN :first AND :last"
    rows = app.run(f"SELECT id FROM {table} WHERE {days} AND {where}", FIRST, LAST, **filters)
    content = json.loads(panel.nobody.get(found["download_url"]).text)["rows"]
    assert sorted(row["id"] for row in content) == sorted(str(row["id"]) for row in rows)
    assert len(rows) == found["actual_rows"]


def test_an_export_that_cannot_be_made_is_refused_as_the_panel_knows_it(panel):
    def refused(status, code, dataset="transactions", kind="csv", **filters):
        body = {"type": kind, "dataset": dataset, "filters": filters}
        return told(panel.client.post(f"{BASE}/exports", json=body), status, code)

    range_ = {"from": FIRST, "to": LAST}
    assert refused(400, "validation_error") == "from and to date parameters are required"
    refused(400, "validation_error", **{"from": "1 November", "to": LAST})
    refused(400, "validation_error", dataset="secrets", **range_)
    refused(400, "validation_error", kind="exe", **range_)
    refused(400, "validation_error", colour="red", **range_)
    refused(400, "validation_error", direction="sideways", **range_)
    refused(422, "business_rule_violation", **{"from": "2023-01-01", "to": LAST})
    told(panel.get(f"{BASE}/exports/01ARZ3NDEKTSV4RRFFQ69G5FAV"), 404, "not_found")


def test_the_panels_own_tables_are_published_into_its_database(tmp_path, collected, app):
    shutil.copytree(collected, tmp_path / "house")
    house = House(tmp_path / "house", PACK, now=NOW, zone="Asia/Kolkata", fresh=False)
    house.roll()
    publish(house.workspace, {"wallet": {"PUBLISH_URL": Secret(app.url)}}, now=house.clock())
    rows = app.run("SELECT * FROM analytics_token_daily ORDER BY date")
    assert [str(row["date"]) for row in rows] == [str(row["day"]) for row in app.run(wallet_app.DAILY)][:-1]
    for row in rows:
        day = str(row["date"])
        assert near({name: row[name] for name in app.overview(day, day)}) == app.overview(day, day)
        features = {f.pop("feature"): {n: int(v) for n, v in f.items()} for f in app.run(wallet_app.FEATURES, day, day)}
        assert json.loads(row["by_feature"]) == features
        assert sum(json.loads(row["regular_vs_promo"], parse_float=Decimal).values()) == 100
    (today,) = app.run("SELECT * FROM v_token_analytics_realtime")
    (*_, wanted) = app.run(wallet_app.DAILY)
    assert (str(today["date"]), today["credited"]) == (str(wanted["day"]), wanted["credited"])
    house.close()
