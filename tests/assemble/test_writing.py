import io

import msgspec
import pytest

from keepsum.assemble.writing import Answer, Request, _answer, frame, frames
from keepsum.model.errors import Conflict, Invalid, KeepsumError, Rejection, Unavailable
from keepsum.pipeline.collect import BatchRefused, Receipt

REJECTED = Rejection(index=3, field="amount", code="WRONG_TYPE", message="Record 3: it is not a number.")
RECEIPTS = (
    Receipt(accepted=7, duplicates=2, rejections=(), rejected=0),
    Receipt(accepted=0, duplicates=0, rejections=(REJECTED,) * 2, rejected=2),
)


def sent(outcome):
    """An outcome as it comes out on the other side."""
    (body,) = frames(io.BytesIO(frame([_answer(5, outcome)])))
    (answer,) = msgspec.msgpack.decode(body, type=list[Answer])
    assert answer.number == 5
    return answer.outcome()


@pytest.mark.parametrize("receipt", RECEIPTS)
def test_a_receipt_comes_out_as_it_went_in(receipt):
    assert sent(receipt) == receipt


@pytest.mark.parametrize("kind", [Invalid, Conflict, Unavailable])
def test_an_error_comes_out_whole(kind):
    given = kind("SOME_CODE", "What happened, and what to do.")
    found = sent(given)
    assert (type(found), str(found)) == (kind, str(given))


def test_a_refused_batch_brings_its_receipt():
    found = sent(BatchRefused(RECEIPTS[1]))
    assert isinstance(found, BatchRefused)
    assert found.receipt == RECEIPTS[1]


def test_what_breaks_without_a_code_is_told_without_its_text(capsys):
    found = sent(ValueError("somebody@example.org"))
    assert isinstance(found, KeepsumError)
    assert found.code == "INTERNAL"
    assert "somebody" not in str(found) + capsys.readouterr().out


def test_requests_come_frame_by_frame():
    requests = [Request(n, "default", "sales", lines=False, atomic=True, body=b"[]" * n) for n in range(3)]
    source = io.BytesIO(frame(requests[:2]) + frame(requests[2:]) + frame([]))
    told = [msgspec.msgpack.decode(body, type=list[Request]) for body in frames(source)]
    assert told == [requests[:2], requests[2:], []]


def test_a_frame_that_was_cut_off_is_left_out():
    whole, cut = frame([Answer(1)]), frame([Answer(2, accepted=5)])
    for left in range(len(cut)):
        assert len(list(frames(io.BytesIO(whole + cut[:left])))) == 1
    assert len(list(frames(io.BytesIO(whole + cut)))) == 2
