import pytest
from tests.served import PACK, order, problem_of, served_from
from tests.systems import House

from keepsum.http import limits
from keepsum.http.limits import Limit, TooManyRequests


class Hands:
    """A clock that tests move, in seconds."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def hands():
    return Hands()


def spent(limit, who="ann"):
    """How many requests go through at once."""
    count = 0
    try:
        while count < 10_000:
            limit.spend(who)
            count += 1
    except TooManyRequests:
        pass
    return count


@pytest.mark.parametrize("quota", [1, 3, 7, 60, 600, 6_000])
def test_the_whole_quota_may_come_at_once_and_not_one_more(hands, quota):
    limit = Limit("test", quota, clock=hands)
    assert spent(limit) == quota
    hands.now += 60
    assert spent(limit) == quota


def test_what_was_spent_comes_back_evenly(hands):
    limit = Limit("test", 60, clock=hands)
    assert spent(limit) == 60
    for wait, given in ((0.5, 0), (0.5, 1), (10, 10), (59.5, 59), (0.5, 1), (600, 60)):
        hands.now += wait
        assert spent(limit) == given


def test_each_has_a_quota_of_their_own(hands):
    limit = Limit("test", 5, clock=hands)
    assert (spent(limit, "ann"), spent(limit, "bob"), spent(limit, "ann")) == (5, 5, 0)


def test_what_is_left_is_told_and_when_to_come_again(hands):
    limit = Limit("test", 6, clock=hands)
    policy = (b"ratelimit-policy", b'"test";q=6;w=60')
    assert limit.spend("ann") == (policy, (b"ratelimit", b'"test";r=5;t=10'))
    assert limit.spend("ann") == (policy, (b"ratelimit", b'"test";r=4;t=20'))
    spent(limit)
    with pytest.raises(TooManyRequests) as caught:
        limit.spend("ann")
    assert (caught.value.seconds, caught.value.headers) == (10, (policy, (b"ratelimit", b'"test";r=0;t=60')))
    hands.now += 10
    assert limit.spend("ann")[1] == (b"ratelimit", b'"test";r=0;t=60')


def test_no_limit_says_nothing(hands):
    assert spent(Limit("test", 0, clock=hands)) == 10_000
    assert Limit("test", 0, clock=hands).spend("ann") == ()


def test_a_flood_of_strangers_is_forgotten_and_the_last_of_them_are_not(hands, monkeypatch):
    monkeypatch.setattr(limits, "MOST", 100)
    limit = Limit("test", 2, clock=hands)
    for stranger in range(1_000):
        spent(limit, str(stranger))
        assert len(limit._whole) <= 100
    assert spent(limit, "999") == 0


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("narrow"), PACK)
    with served_from(house, request_limit=20, batch_limit=5, address_limit=10) as served:
        yield served
    house.close()


def test_a_caller_who_asks_too_often_is_told_when_to_come_again(narrow):
    eager, other = narrow.role("viewer"), narrow.role("viewer")
    answers = [eager.get("/v1/metrics") for _ in range(22)]
    assert [one.status_code for one in answers[:20]] == [200] * 20
    assert answers[0].headers["ratelimit-policy"] == '"caller";q=20;w=60'
    assert answers[0].headers["ratelimit"] == '"caller";r=19;t=3'
    refused = answers[-1]
    problem_of(refused, 429, "TOO_MANY_REQUESTS")
    assert 1 <= int(refused.headers["retry-after"]) <= 3
    assert refused.headers["ratelimit"].startswith('"caller";r=0;')
    assert other.get("/v1/metrics").status_code == 200


def test_batches_have_a_quota_of_their_own(narrow):
    sender = narrow.role("admin")
    answers = [sender.post("/v1/streams/orders/records", json=order()) for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert ["ratelimit" in one.headers for one in answers] == [False] * 4 + [True] * 2
    assert answers[4].headers["ratelimit"].startswith('"batches";r=0;t=')
    assert answers[5].headers["ratelimit-policy"] == '"batches";q=5;w=60'
    assert sender.get("/v1/metrics").status_code == 200


def test_strangers_are_counted_by_address_and_shut_nobody_out_who_is_known(narrow):
    known = narrow.role("viewer")
    statuses = [narrow.nobody.get("/v1/metrics").status_code for _ in range(15)]
    assert set(statuses[:5]) == {401}
    assert statuses[-1] == 429
    refused = narrow.nobody.get("/health/live")
    problem_of(refused, 429, "TOO_MANY_REQUESTS")
    assert refused.headers["ratelimit-policy"] == '"address";q=10;w=60'
    assert known.get("/v1/metrics").status_code == 200
