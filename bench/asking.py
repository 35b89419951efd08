"""Asking questions over HTTP, one after another on one connection, and how long each answer took."""

import http.client
import json
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Question = Mapping[str, object] | str  # for `/v1/query`, or the path of a route


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An answer and the seconds from the first byte sent to the last one read."""

    seconds: float
    answer: dict[str, Any]


class Asker:
    """One kept connection to a server, of whoever has the token."""

    def __init__(self, address: str, token: str) -> None:
        split = urlsplit(address)
        self._connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=120)
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def ask(self, question: Question) -> Asked:
        """Give the answer to a question; raises with the problem when there is none."""
        begin = time.perf_counter()
        status, body = self._asked(question)
        took = time.perf_counter() - begin
        if status != 200:
            raise RuntimeError(f"The question was refused: {body[:500]!r}")
        return Asked(seconds=took, answer=json.loads(body))

    def _asked(self, question: Question) -> tuple[int, bytes]:
        if not isinstance(question, str):
            return self.post("/v1/query", json.dumps(question).encode())
        self._connection.request("GET", question, headers=self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Send a JSON body; give status and body of what comes back."""
        self._connection.request("POST", path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        self._connection.close()


@contextmanager
def asking(address: str, token: str) -> Generator[Asker]:
    """Give a connection while the block runs."""
    asker = Asker(address, token)
    try:
        yield asker
    finally:
        asker.close()


def times(asker: Asker, question: Question, count: int, *, warm: int = 5) -> list[float]:
    """Give the seconds of each answer, after some that do not count, on a new connection.

    A server ends a connection that waits for long, as it does while another contestant has its turn.
    """
    asker.close()
    for _ in range(warm):
        asker.ask(question)
    return [asker.ask(question).seconds for _ in range(count)]
