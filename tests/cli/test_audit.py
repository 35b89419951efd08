import pytest

from keepsum.model.access import machine
from keepsum.model.audit import Kind, Origin
from keepsum.pipeline import audit
from keepsum.store.database import Database

DAY = 86_400_000_000
FIRST = 20_485 * DAY  # 2026-02-01
HERE = Origin(mark="a" * 16, network="192.0.2.0/24")


@pytest.fixture
def noted(install):
    """A shop in whose log somebody did three things on three days."""
    control = Database(install.folder / "data" / "control.db")
    for place, kind in enumerate((Kind.WORKSPACE_RENAMED, Kind.TOKEN_MADE, Kind.TOKEN_REVOKED)):
        audit.record(control, kind, machine("default"), {"token": "t-1"}, now=FIRST + place * DAY, origin=HERE)
    audit.record(control, Kind.KEYS_ROTATED, machine("default"), now=FIRST + 3 * DAY)
    control.close()
    return install


def kinds(said):
    return [event["kind"] for event in said.json["events"]]


def test_what_was_done_is_listed_newest_first_and_can_be_narrowed(noted):
    assert kinds(noted("audit", "--json")) == ["keys_rotated", "token_revoked", "token_made", "workspace_renamed"]
    assert kinds(noted("audit", "list", "--kind=token_made", "--json")) == ["token_made"]
    narrow = ["--from=2026-02-02", "--to=2026-02-03", "--limit=1", "--caller=machine"]
    assert kinds(noted("audit", "list", *narrow, "--json")) == ["token_revoked"]
    assert kinds(noted("audit", "list", "--workspace=default", "--json"))[0] == "token_revoked"
    assert kinds(noted("audit", "list", "--caller=nobody", "--json")) == []


def test_an_event_is_shown_with_who_did_it_where_from_and_to_what(noted):
    event = noted("audit", "list", "--kind=token_made", "--json").json["events"][0]
    assert (event["at"], event["workspace"], event["caller"]) == ("2026-02-02T00:00:00Z", "default", "machine")
    assert (event["network"], event["about"]) == ("192.0.2.0/24", {"token": "t-1"})
    words = noted("audit", "list", "--kind=token_made").words
    assert "2026-02-02 00:00 token_made default machine 192.0.2.0/24 token t-1" in words


def test_whoever_deletes_or_lets_a_day_go_on_here_is_noted_without_their_reason(sealed):
    sealed("purge", "--plan")
    assert kinds(sealed("audit", "--json")) == []
    (segment,) = (sealed.folder / "data").rglob("2026-02-02/*.parquet")
    segment.unlink()
    because = "--reason=the disk broke"
    assert sealed("purge").code == 1
    assert sealed("days", "accept", "2026-02-02", because).code == 0
    assert sealed("purge", "--unproven=2026-02-02", because).code == 0
    noted = [(event["kind"], event["about"]) for event in sealed("audit", "--json").json["events"]]
    assert noted == [
        ("purged_by_person", {"stream": "sales", "day": "2026-02-02", "unproven": True}),
        ("day_accepted", {"stream": "sales", "day": "2026-02-02"}),
        ("purged_by_person", {"days": 2}),
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--kind=tea"], "UNKNOWN_KIND"),
        (["--from=yesterday"], "BAD_DATE"),
        (["--from=2026-02-02", "--to=2026-02-01"], "RANGE_REVERSED"),
        (["--workspace=elsewhere"], "UNKNOWN_WORKSPACE"),
    ],
)
def test_what_cannot_be_listed_is_refused_by_name(noted, words, code):
    said = noted("audit", "list", *words)
    assert said.code == 2
    assert code in said.err


def test_a_log_that_holds_says_so_and_one_that_was_changed_is_a_failed_proof(noted):
    said = noted("audit", "verify", "--json")
    head = noted("audit", "list", "--json").json["events"][0]["hash"]
    assert (said.code, said.json) == (0, {"ok": True, "events": 4, "head": head, "findings": []})
    assert "✓ the audit log holds: 4 events" in noted("audit", "verify", f"--head={head}").words
    control = Database(noted.folder / "data" / "control.db")
    with control.write() as connection:
        connection.exec_driver_sql("DELETE FROM audit WHERE kind = 'token_made'")
    control.close()
    said = noted("audit", "verify", "--json")
    assert said.code == 3
    assert [finding["where"] for finding in said.json["findings"]] == ["event 2", "event 3"]
    assert noted("audit", "verify", f"--head={'0' * 64}", "--json").json["findings"][-1]["code"] == "HEAD_UNKNOWN"
