"""Answers as files: the same figures, opened by other programs, with nothing in them that a spreadsheet would run."""

import json

import openpyxl
import pytest
from tests.exporting import READERS
from tests.served import order, problem_of

from keepsum.model.audit import Kind
from keepsum.pipeline import audit
from keepsum.pipeline.audit import Wanted

PATH = "/v1/query/file"
QUERY = {"metrics": ["orders", "revenue"], "by": ["place"], "from": "2026-01-30", "to": "2026-01-31"}


@pytest.fixture(scope="module")
def asked(asking):
    """A server with a day of orders, from a place that a spreadsheet would run among them."""
    asking.send([order(place="york", total="10.10"), order(place="york", total="0.05"), order(place="=1+1")])
    asking.house.at("2026-02-01T12:00")
    return asking


def fetched(served, form="csv", title="", client=None, **changed):
    response = (client or served.client).post(PATH, json={"query": QUERY | changed, "format": form, "title": title})
    assert response.status_code == 200, response.text
    return response


@pytest.mark.parametrize("form", READERS)
def test_a_file_has_the_rows_of_the_answer(asked, tmp_path, form):
    rows = READERS[form](tmp_path, fetched(asked, form, where={"place": ["york"]}).content)
    (row,) = rows
    assert (row["place"], int(row["orders"]), f"{float(row['revenue']):.2f}") == ("york", 2, "10.15")


def test_no_text_in_a_csv_is_a_formula(asked):
    assert '"\'=1+1",1,12.50' in fetched(asked).text.splitlines()


def test_periods_are_dates_and_numbers_have_all_their_decimals(asked):
    lines = fetched(asked, grain="day", by=[]).text.splitlines()
    assert lines == ['"time","orders","revenue"', "2026-01-30,,", "2026-01-31,3,22.65"]


def test_a_file_says_what_was_asked_and_what_the_numbers_are(asked, tmp_path):
    found = json.loads(fetched(asked, "json", "Takings").content)
    assert (found["title"], found["metrics"], found["from"]) == ("Takings", ["orders", "revenue"], "2026-01-30")
    assert found["labels"]["final"] is False
    (tmp_path / "answer.xlsx").write_bytes(fetched(asked, "xlsx", "Takings").content)
    book = openpyxl.load_workbook(tmp_path / "answer.xlsx")
    assert next(book["about"].iter_rows(values_only=True))[:2] == ("title", "Takings")


def test_a_file_is_named_after_its_title_whatever_that_holds(asked):
    def name(title):
        return fetched(asked, title=title).headers["content-disposition"]

    assert name("Größe / Umsatz") == (
        "attachment; filename=\"gr-e-umsatz.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%20%20Umsatz.csv"
    )
    assert name('a"\r\nx: y') == "attachment; filename=\"a-x-y.csv\"; filename*=UTF-8''a%20x%20%20y.csv"
    assert name("") == name("עיר").replace("%D7%A2%D7%99%D7%A8", "answer") == name("...")


def test_guarded_callers_get_guarded_files_and_viewers_none(asked):
    found = json.loads(fetched(asked, "json", client=asked.role("analyst")).content)
    assert found["labels"]["guarded"] is True
    assert "york" not in json.dumps(found["rows"])
    problem_of(asked.role("viewer").post(PATH, json={"query": QUERY}), 403, "NOT_PERMITTED")


def test_the_audit_log_keeps_who_took_which_figures_and_no_value(asked):
    fetched(asked, "xlsx", where={"place": ["york"]})
    found = audit.page(asked.install.control, Wanted(kind=Kind.ANSWER_EXPORTED))[0]
    assert found.body == {
        "metrics": ["orders", "revenue"], "by": ["place"], "grain": "all", "from": "2026-01-30", "to": "2026-01-31",
        "filters": ["place"], "format": "xlsx", "rows": 1,
    }  # fmt: skip
    assert (found.caller_kind, found.origin and found.origin.network) == ("token", "127.0.0.0/24")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"query": QUERY, "format": "pdf"}, 400, "BAD_PARAMETER"),
        ({"query": QUERY, "titel": "x"}, 400, "UNKNOWN_PARAMETER"),
        ({"query": QUERY, "title": "x" * 121}, 400, "BAD_PARAMETER"),
        ({"format": "csv"}, 400, "MISSING_PARAMETER"),
        ({"query": QUERY | {"metrics": ["nothing"]}}, 404, "UNKNOWN_METRIC"),
        ({"query": QUERY | {"form": 1}}, 400, "UNKNOWN_PARAMETER"),
    ],
)
def test_what_cannot_be_a_file_says_why(asked, body, status, code):
    problem_of(asked.client.post(PATH, json=body), status, code)
