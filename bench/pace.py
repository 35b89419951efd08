"""Events that arrive evenly, for `python -m bench.pace URL TOKEN RATE BATCH SECONDS`.

It prints how many were acknowledged, and how many seconds the latest request started behind its time.
"""

import json
import sys
import time
from urllib.parse import urlsplit

from bench.asking import Asker
from bench.events import bodies


def main(url: str, token: str, rate: int, batch: int, seconds: float) -> None:
    path = urlsplit(url).path
    asker, made = Asker(url, token), bodies(batch)
    begin, sent, latest = time.monotonic(), 0, 0.0
    while (due := begin + sent / rate) < begin + seconds:
        body = next(made)
        time.sleep(max(0.0, due - time.monotonic()))
        latest = max(latest, time.monotonic() - due)
        status, told = asker.post(path, body)
        if status != 200 or json.loads(told)["accepted"] != batch:
            raise SystemExit(f"A batch was refused: {told[:300]!r}")
        sent += batch
    print(json.dumps({"events": sent, "seconds": time.monotonic() - begin, "behind": latest}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
