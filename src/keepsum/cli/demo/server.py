"""The demo's server: the real one, as a process of its own, and what is asked of it over HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import httpx2
import msgspec

from keepsum.cli.screen import Bar
from keepsum.model.errors import ProofFailed, Unavailable

PATIENCE = 120.0  # seconds for an answer
POLL = 0.05  # seconds between two looks at a job
LINES = "application/x-ndjson"
OPENING = ("data_dir", "key_dir", "packs", "enabled", "clock")  # settings that every command needs

_decoder = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server and a client of it; every figure comes over HTTP, decimals with all their digits.

    `link` makes somebody the owner of its one workspace, once; `token` is what the client comes in with.
    """

    address: str
    link: Mapping[str, Any]
    token: str
    process: "subprocess.Popen[str]"
    client: httpx2.Client

    def get(self, path: str, **parameters: str | int) -> Any:
        """Give what a path shows."""
        return self._value("GET", path, params=parameters)

    def post(self, path: str, body: bytes, kind: str = "application/json") -> Any:
        """Send a body and give the reply."""
        return self._value("POST", path, content=body, headers={"content-type": kind})

    def ask(self, question: Mapping[str, object]) -> Any:
        """Give the answer to a question."""
        return self.post("/v1/query", msgspec.json.encode(question))

    def do(self, job: str, bar: Bar) -> Any:
        """Start a job, wait for its end and give it; raises `PROOF_FAILED` or `JOB_FAILED`."""
        row = self.post("/v1/jobs", msgspec.json.encode({"job": job}))
        while row["state"] in ("queued", "running"):
            time.sleep(POLL)
            row = self.get(f"/v1/jobs/{row['id']}")
            bar.progress(days=row["days"], rows=row["rows"], percent=float(row["percent"]))
        if row["state"] == "held":
            raise ProofFailed("PROOF_FAILED", f"The job {job!r} left something for a person: {row['error']}")
        if row["state"] != "done":
            raise Unavailable("JOB_FAILED", f"The job {job!r} did not end well: {row['error']}")
        return row

    def _value(self, method: str, path: str, **given: Any) -> Any:
        try:
            response = self.client.request(method, path, **given)
        except httpx2.TransportError as error:
            message = f"The demo's server does not answer ({type(error).__name__}); its server.log says why."
            raise Unavailable("SERVER_ENDED", message) from error
        value = _decoder.decode(response.content)
        if response.status_code >= 300:
            raise Unavailable(value["code"], f"The server says: {value['detail']}")
        return value


@contextmanager
def serving(folder: Path, flags: Mapping[str, object]) -> Generator[Server]:
    """Run a server with these settings while the block runs; raises what kept it from starting."""
    said = folder / "server.log"
    with said.open("w") as log, _process(folder, flags, log) as process:
        told = _told(process, said)
        token = _token(folder, flags, log)
        headers = {"authorization": f"Bearer {token}"}
        # Proxies of the environment are for the world outside, not for this machine.
        with httpx2.Client(base_url=told["address"], headers=headers, timeout=PATIENCE, trust_env=False) as client:
            link = told["owner_link"]
            yield Server(address=told["address"], link=link, token=token, process=process, client=client)


@contextmanager
def _process(folder: Path, flags: Mapping[str, object], log: IO[str]) -> Generator["subprocess.Popen[str]"]:
    process = _started("keepsum.cli.demo.attended", ["serve"], folder, flags, log)
    try:
        yield process
    finally:
        _stop(process)


def _started(
    module: str, command: Sequence[str], folder: Path, flags: Mapping[str, object], log: IO[str]
) -> "subprocess.Popen[str]":
    """Start a command with these settings and none of the environment's; its input stays open as long as we live."""
    line = [sys.executable, "-m", module, *command, "--json"]
    for name, value in flags.items():
        line += [f"--{name.replace('_', '-')}", str(Path(value).resolve() if isinstance(value, Path) else value)]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KEEPSUM_")}
    return subprocess.Popen(  # noqa: S603 -- our own command line
        line, cwd=folder, env=plain, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
    )


def _token(folder: Path, flags: Mapping[str, object], log: IO[str]) -> str:
    """Make a token that may do everything in the demo's workspace."""
    opening = {name: flags[name] for name in OPENING}
    with _started("keepsum.cli", ["tokens", "create", "demo", "--role", "owner"], folder, opening, log) as process:
        printed, _ = process.communicate(timeout=PATIENCE)
    if not printed:
        raise Unavailable("SERVER_ENDED", "No token could be made for the demo; its server.log says why.")
    return json.loads(printed)["text"]


def _told(process: "subprocess.Popen[str]", said: Path) -> dict[str, Any]:
    """Wait until the server takes connections and give what it says of itself."""
    assert process.stdout is not None  # noqa: S101 -- asked for above
    line = process.stdout.readline()
    if line:
        return json.loads(line)
    process.wait()
    last = (said.read_text().strip().splitlines() or ["it says nothing"])[-1]
    code, _, message = last.removeprefix("keepsum: ").partition(": ")
    raise Unavailable(code, message) if message else Unavailable("SERVER_ENDED", last)


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        # TRICKY: Ctrl-C has reached the server, too, and a second one would cut off the requests it still answers.
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
