"""The server is asked what its description allows, and what it does not: all it answers is in the description."""

import json
import subprocess
import sys

import pytest
from tests.served import PACK, served_from
from tests.systems import House, declare
from tests.wallet import PLAIN, WALLET, entry

from keepsum.http.records import LINE_TYPES

EXAMPLES = 5  # of each operation, in every round
# After these there may be no workspace to ask, or nobody who may.
LAST = ("DELETE /v1/tokens/{id}", "PATCH /v1/workspaces/{id}", "DELETE /v1/workspaces/{id}")
ENDLESS = "POST /v1/live"  # what it answers ends when the asker's rights do, and this asker waits for the end
BREAKING = "/(broken|strange)$"  # routes that a pack has so that they break
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)


@pytest.fixture
def served(tmp_path):
    """A server with routes of packs, which counts no requests."""
    house = House(tmp_path / "house", WALLET)
    for pack in (PLAIN, PACK):
        declare(house.folder, pack)
    house.open()
    house.collect(entry("1"), entry("2", "debit", user="bob"), stream="entries")
    with served_from(house, address_limit=0, request_limit=0, batch_limit=0) as served:
        yield served
    house.close()


def test_every_answer_is_one_that_the_description_knows(served, tmp_path, round_seed):
    (tmp_path / "schemathesis.toml").touch()  # what a user has set up for others is none of this
    document = served.get("/v1/openapi.json").json()
    records = document["paths"]["/v1/streams/{stream}/records"]["post"]["requestBody"]["content"]
    for media in LINE_TYPES:
        del records[media]  # it knows how to make JSON, and no lines of it
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    common = [
        *(sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--no-color", "--url", served.address),
        *("--header", f"Authorization: {served.client.headers['authorization']}"),
        *("--checks", ",".join(CHECKS), "--warnings", "off", "--continue-on-failure"),
        *("--phases", "examples,coverage,fuzzing", "--mode", "all", "--max-examples", str(EXAMPLES)),
        *("--seed", str(round_seed), "--generation-database", "none"),
    ]
    apart = [word for name in (*LAST, ENDLESS) for word in ("--exclude-name", name)]
    first = [*apart, "--exclude-path-regex", BREAKING]
    for chosen in (first, [word for name in LAST for word in ("--include-name", name)]):
        done = subprocess.run(
            [*common, *chosen], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, done.stdout + done.stderr
