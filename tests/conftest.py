"""How chance enters the tests: one seed, printed first, from which every random test of the run follows.

`pytest --seed 7 --rounds 20` (or KEEPSUM_SEED, KEEPSUM_ROUNDS) runs the same again, or for longer.  A test that asks
for `round_seed` runs once a round; its rounds are numbered from the seed, so the round that failed replays alone:
`pytest <test> --seed <the number in its name> --rounds 1`.
"""

import os
import secrets
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

# The first is about the run, the others have fixtures that several folders ask for.
pytest_plugins = ["tests.memory", "tests.databases", "tests.demonstrated"]

HERE = Path(__file__).parent
# The tests of a folder belong to its campaign without saying so.
CAMPAIGNS = {"crash": "crash", "fuzz": "fuzz", "laws": "fuzz"}
# Enough for a law to fail within a push; a campaign multiplies it by its rounds, within reason.
EXAMPLES, MOST_EXAMPLES = 60, 20_000


@pytest.fixture(autouse=True)
def own_log(monkeypatch):
    """Let what a command sets of the log end with its test: a kept logger would not hear the next one listen."""
    configure = structlog.configure

    def configured(**given: Any) -> None:
        configure(**{**given, "cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", configured)
    yield
    structlog.reset_defaults()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chance")
    group.addoption("--seed", type=int, default=_from_environment("KEEPSUM_SEED"), help="replay this seed")
    rounds = _from_environment("KEEPSUM_ROUNDS") or 1
    group.addoption("--rounds", type=int, default=rounds, help="rounds of each campaign (default 1)")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # TRICKY: a worker of xdist gets the command line only, so the seed that was drawn is handed over beside it.
    handed_over = getattr(config, "workerinput", {}).get("seed")
    if config.option.seed is None:
        config.option.seed = secrets.randbelow(1_000_000) if handed_over is None else handed_over
    # TRICKY: first, because Hypothesis reads its own option once.
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(config.option.seed)
    settings.register_profile(
        "keepsum",
        max_examples=min(EXAMPLES * config.option.rounds, MOST_EXAMPLES),
        deadline=None,  # two busy cores are no failure of a law
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],  # the same
    )
    settings.load_profile("keepsum")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["seed"] = node.config.option.seed


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.option.seed}, rounds: {config.option.rounds} (replay with --seed and --rounds)"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "round_seed" in metafunc.fixturenames:
        seed, rounds = metafunc.config.option.seed, metafunc.config.option.rounds
        metafunc.parametrize("round_seed", range(seed, seed + rounds), ids=str)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in CAMPAIGNS:
            item.add_marker(CAMPAIGNS[folder])


def _from_environment(name: str) -> int | None:
    return int(os.environ[name]) if os.environ.get(name) else None
