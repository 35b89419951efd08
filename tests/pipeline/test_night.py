"""When a pack has its night, and what the log then says in the pack's words."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from tests.shops import PACK
from tests.systems import House, sale

from keepsum import Nightly
from keepsum.cli.worker import make_worker
from keepsum.pipeline.jobs import ALWAYS, JOBS
from keepsum.settings import load
from keepsum.store import schedules


def lines(ask, night):
    """The days that were sealed, and what was sold on each."""
    for day in night.sealed.get("sales", ()):
        (row,) = ask({"metrics": ["sold"], "from": day, "to": day}).by_column()
        yield f"{day}: {row['sold']} sold"
    yield "held" if night.held else "all is well"


def broken(_ask, _night):
    raise LookupError("MAR" + "KER")


class Progress:
    def progress(self, **_said):
        pass


def told(house):
    """What the log says of a night in the words of the pack."""
    with capture_logs() as logs:
        outcome = JOBS["nightly"].run(house.system, ALWAYS, Progress())
    return outcome, [line for line in logs if line.get("pack") == "shop"]


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, replace(PACK, nightly=Nightly("0 3 * * *", lines=lines)), zone="Asia/Kolkata")
    yield house
    house.close()


def test_each_night_the_log_says_what_was_processed_in_the_packs_words(house):
    house.at("2026-02-03T22:00:00Z").collect(sale(1, "2026-02-01"), sale(2, "2026-02-03"))
    assert [line["event"] for line in told(house)[1]] == [
        "2026-02-01: 1 sold", "2026-02-02: 0 sold", "2026-02-03: 1 sold", "all is well",
    ]  # fmt: skip
    assert [line["event"] for line in told(house)[1]] == ["all is well"]
    house.at("2026-02-04T22:00:00Z").collect(sale(3, "2026-02-02"))
    assert [line["event"] for line in told(house)[1]] == ["2026-02-02: 1 sold", "2026-02-04: 0 sold", "all is well"]


def test_what_is_held_is_known_to_the_pack(house):
    house.at("2026-02-03T22:00:00Z").collect(sale(1, "2026-02-01"))
    house.move()
    house.lose_files()
    assert [line["event"] for line in told(house)[1]][-1] == "held"


def test_a_pack_that_cannot_tell_of_its_night_does_not_undo_it(house):
    house.open(replace(PACK, nightly=Nightly("0 3 * * *", lines=broken)))
    house.at("2026-02-03T22:00:00Z").collect(sale(1, "2026-02-01"))
    outcome, (line,) = told(house)
    assert (outcome.held, house.status("2026-02-01")) == (None, "sealed")
    assert (line["event"], line["error"]) == ("pack could not tell of its night", "LookupError")
    assert "MARKER" not in str(line)


def nightly_of(house):
    make_worker(house.install)
    return next((row.cron, row.zone) for row in schedules.listing(house.system.control) if row.name == "nightly")


def test_a_pack_says_when_its_night_is_and_the_install_has_the_last_word(house):
    assert nightly_of(house) == ("0 3 * * *", "Asia/Kolkata")
    house.install.settings = load(**house.install.settings.model_dump(exclude_unset=True), nightly="30 4 * * *")
    assert nightly_of(house) == ("30 4 * * *", "Asia/Kolkata")
