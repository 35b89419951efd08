"""Links that go out by mail, through a real mail server."""

import re
import time

import pytest
from tests.accounts import PASSWORD
from tests.mailing import HERE, mail_server
from tests.served import PACK, problem_of, served_from
from tests.systems import House

ANN = "ann@example.org"


@pytest.fixture
def mailing(tmp_path):
    """A server that sends mail, and what the mail server received."""
    house = House(tmp_path, PACK)
    with mail_server() as (received, port):
        how = {"smtp_host": HERE, "smtp_port": port, "smtp_security": "none", "smtp_from": "keepsum@example.org"}
        with served_from(house, **how, public_url="https://keepsum.example.org") as served:
            yield served, received
    house.close()


def mailed(received, count):
    """The link in the newest letter, once there are so many."""
    end = time.monotonic() + 30
    while len(received.letters) < count:
        assert time.monotonic() < end
        time.sleep(0.01)
    (link,) = re.findall(r"https://keepsum\.example\.org/app/link#(\S+)", received.letters[-1].get_content())
    return f"/v1/links/{link}"


def test_an_invitation_goes_out_by_mail_and_to_nobody_else(mailing):
    served, received = mailing
    made = served.client.post("/v1/people", json={"email": ANN, "roles": ["viewer"]}).json()
    assert (made["mailed"], made["link"]) == (True, None)
    assert received.to == [ANN]
    used = served.nobody.post(mailed(received, 1), json={"name": "Ann", "password": PASSWORD})
    assert used.json()["kind"] == "invitation"


def test_a_forgotten_password_is_made_new_by_a_link_in_a_mail(mailing):
    served, received = mailing
    served.client.post("/v1/people", json={"email": ANN, "roles": ["viewer"]})
    served.nobody.post(mailed(received, 1), json={"name": "Ann", "password": PASSWORD})
    asked = served.nobody.post("/v1/links", json={"email": ANN})
    assert (asked.status_code, asked.content) == (202, b"")
    better = "four words are better still"
    assert served.nobody.post(mailed(received, 2), json={"password": better}).json()["kind"] == "reset"
    assert served.nobody.post("/v1/session", json={"email": ANN, "password": better}).status_code == 200


def test_whether_somebody_has_an_account_is_not_told(mailing):
    served, received = mailing
    served.client.post("/v1/people", json={"email": ANN, "roles": ["viewer"]})
    served.nobody.post(mailed(received, 1), json={"name": "Ann", "password": PASSWORD})
    known, unknown = (served.nobody.post("/v1/links", json={"email": e}) for e in (ANN, "bob@example.org"))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, b"")
    own = {"x-request-id", "ratelimit", "date"}
    assert {n: v for n, v in known.headers.items() if n not in own} == {
        n: v for n, v in unknown.headers.items() if n not in own
    }
    mailed(received, 2)
    assert set(received.to) == {ANN}


def test_asking_again_and_again_is_refused_whoever_it_is_for(mailing):
    served, _ = mailing
    answers = [served.nobody.post("/v1/links", json={"email": "bob@example.org"}) for _ in range(4)]
    assert [one.status_code for one in answers] == [202, 202, 202, 429]
    problem_of(answers[-1], 429, "TOO_MANY_ATTEMPTS")


def test_mail_that_cannot_be_handed_over_is_said_to_whoever_invites(mailing):
    served, received = mailing
    received.refuses = "550 no such mailbox"
    response = served.client.post("/v1/people", json={"email": ANN, "roles": ["viewer"]})
    problem_of(response, 503, "MAIL_FAILED")
    assert ANN not in response.text
