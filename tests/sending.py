"""What an application does before a browser looks: sends records, and has jobs done."""

import json
import time
from urllib.request import Request, urlopen

PATIENCE = 60.0  # seconds


def asked(site, path, body=None):
    """What the server of a site answers to somebody who may do everything."""
    headers = {"authorization": f"Bearer {site.token()}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{site.address}{path}", data=data, headers=headers), timeout=PATIENCE) as response:
        return json.loads(response.read())


def send(site, stream, records):
    """Send records."""
    return asked(site, f"/v1/streams/{stream}/records", records)


def roll(site):
    """Have every ended day rolled up and sealed that is not, and wait until that is done."""
    job = asked(site, "/v1/jobs", {"job": "roll"})
    until = time.monotonic() + PATIENCE
    while job["state"] in ("queued", "running"):
        assert time.monotonic() < until, "the job does not end"
        time.sleep(0.1)
        job = asked(site, f"/v1/jobs/{job['id']}")
    return job
