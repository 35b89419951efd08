import pytest
from tests.systems import declare, lay_out
from tests.wallet import ADMIN, PLAIN, WALLET, entry

RANGE = ("from=2026-01-01", "to=2026-01-31")


@pytest.fixture
def wallet(bare):
    """A wallet with three entries, and a pack that has routes only."""
    lay_out(bare.folder, WALLET, "UTC")
    declare(bare.folder, PLAIN)
    sent = [entry("1", amount=300, paid="12.50"), entry("2", user="bob"), entry("3", "debit", amount=120)]
    assert bare("collect", bare.write("entries.ndjson", sent), "--stream=entries").code == 0
    return bare


def test_a_packs_route_answers_without_a_server(wallet):
    said = wallet("call", f"{ADMIN}/tokens/overview", *RANGE, "--json")
    assert said.code == 0
    assert said.out == '{"credited":310,"debited":120,"net":190,"income":12.50,"active_users":2}\n'


def test_people_see_lines_and_tables(wallet):
    words = wallet("call", f"{ADMIN}/tokens/overview", *RANGE).words
    assert "credited 310" in words
    assert "income 12.50" in words
    words = wallet("call", f"{ADMIN}/tokens/trend", "granularity=monthly", *RANGE).words
    assert "date credited debited net income active_users" in words
    assert "2026-01-01 310 120 190 12.50 2" in words


def test_a_route_that_takes_post_is_called_with_post(wallet):
    said = wallet("call", f"{ADMIN}/exports", "dataset=users", "raw=true", "--post", "--json").json
    assert (said["dataset"], said["raw"], said["on"], said["at_most"]) == ("users", True, "2026-02-11", 100_000)
    assert wallet("call", "/plain/ping/3", "--json").json == {"pong": 3, "today": "2026-02-11"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("/nowhere",), "UNKNOWN_PATH: No pack answers GET '/nowhere'; known: GET /"),
        ((f"{ADMIN}/exports", "--post"), "MISSING_PARAMETER: The request needs 'dataset'."),
        ((f"{ADMIN}/tokens/overview", "from"), "BAD_PARAMETER: 'from' is not of the form NAME=VALUE"),
        ((f"{ADMIN}/tokens/overview", "to=1", "to=2"), "BAD_PARAMETER: 'to=2' is not of the form NAME=VALUE"),
        ((f"{ADMIN}/tokens/overview", "day=1"), "UNKNOWN_PARAMETER: There is no parameter 'day' here"),
        (("/plain/refuse",), "NOT_ON_SUNDAYS: Nothing is answered on Sundays."),
    ],
)
def test_what_a_route_refuses_is_one_line_and_wrong_use(wallet, words, message):
    said = wallet("call", *words)
    assert said.code == 2
    assert message in said.err
    assert said.out == ""
