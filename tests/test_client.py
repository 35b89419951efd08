import asyncio
import datetime as dt
from decimal import Decimal

import pytest
from tests.systems import House
from tests.wallet import ADMIN, WALLET, entry

from keepsum.client import open_client
from keepsum.model.errors import Invalid, NotFound, Unavailable

JANUARY = {"from": dt.date(2026, 1, 1), "to": dt.date(2026, 1, 31)}
NOW = "2026-02-01T12:00:00Z"


@pytest.fixture
def places(tmp_path):
    """Where a wallet with three entries lies, as settings."""
    house = House(tmp_path, WALLET, now=NOW)
    house.collect(entry("1", amount=300, paid="12.50"), entry("2", user="bob"), entry("3", "debit", amount=120))
    house.close()
    return {"data_dir": tmp_path / "data", "key_dir": tmp_path / "keys", "packs": tmp_path / "packs", "clock": NOW}


def run(places, act, **more):
    async def program():
        async with open_client(**places, **more) as keepsum:
            return await act(keepsum)

    return asyncio.run(program())


def test_a_program_asks_questions_and_awaits_the_answers(places):
    found = run(places, lambda keepsum: keepsum.ask({"metrics": ["credited", "income"], **JANUARY}))
    assert found.by_column() == [{"credited": 310, "income": Decimal("12.50")}]
    assert found.labels.exact


def test_a_program_calls_the_routes_of_packs_with_plain_values(places):
    found = run(places, lambda keepsum: keepsum.get(f"{ADMIN}/tokens/overview", JANUARY))
    assert found == {"credited": 310, "debited": 120, "net": 190, "income": Decimal("12.50"), "active_users": 2}
    posted = run(places, lambda keepsum: keepsum.post(f"{ADMIN}/exports", {"dataset": "users", "raw": True}))
    assert posted == {"dataset": "users", "raw": True, "on": dt.date(2026, 2, 1), "at_most": 100_000}


def test_many_tasks_may_ask_at_once_and_the_loop_goes_on_meanwhile(places):
    async def act(keepsum):
        turns = 0

        async def tick():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        found = await asyncio.gather(*(keepsum.get(f"{ADMIN}/tokens/overview", JANUARY) for _ in range(8)))
        ticking.cancel()
        return found, turns

    found, turns = run(places, act)
    assert {one["credited"] for one in found} == {310}
    assert turns > 8


def test_what_is_collected_meanwhile_by_another_process_is_seen(places, tmp_path):
    async def act(keepsum):
        before = await keepsum.get(f"{ADMIN}/tokens/overview", JANUARY)
        house = House(tmp_path, WALLET, now=NOW, fresh=False)
        await asyncio.to_thread(house.collect, entry("4", amount=5))
        house.close()
        return before["credited"], (await keepsum.get(f"{ADMIN}/tokens/overview", JANUARY))["credited"]

    assert run(places, act) == (310, 315)


def test_what_cannot_be_asked_raises_as_everywhere(places, tmp_path):
    with pytest.raises(Invalid, match="MISSING_PARAMETER"):
        run(places, lambda keepsum: keepsum.get(f"{ADMIN}/tokens/overview"))
    with pytest.raises(NotFound, match="UNKNOWN_PATH"):
        run(places, lambda keepsum: keepsum.get("/nowhere"))
    with pytest.raises(NotFound, match="UNKNOWN_WORKSPACE"):
        run(places, None, workspace="nowhere")
    with pytest.raises(Unavailable, match="NO_DATA_DIRECTORY"):
        run(places | {"data_dir": tmp_path / "nothing"}, None)
    assert not (tmp_path / "nothing").exists()
