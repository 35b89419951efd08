import datetime as dt
import socket
from typing import Any

import pytest
from tests.certificates import certificate
from tests.mailing import HERE, PASSWORD, USER, mail_server

from keepsum.deliver.mail import Letter, MailServer, send_now
from keepsum.model.errors import Invalid, KeepsumError, Unavailable

ANN = "ann@bakery.example"
LETTER = Letter(to=ANN, subject="A new password", text="Here it is: Grüße\n\nhttps://keepsum.example/v1/links/abc\n")
# The server of the test does not see that a connection is encrypted from its first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
ENCRYPTED = pytest.mark.parametrize("security", ["tls", "starttls"])


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("trusted"), HERE)


def server(port, security: Any = "none", ca=None, **how):
    return MailServer(host=HERE, port=port, security=security, sender="keepsum@bakery.example", ca=ca, **how)


def failure(*args):
    with pytest.raises(Unavailable, match=r"^MAIL_FAILED: ") as caught:
        send_now(*args)
    assert ANN not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


@ENCRYPTED
def test_a_letter_arrives_over_tls(trusted, security):
    with mail_server(security=security, context=trusted.context()) as (received, port):
        send_now(server(port, security, trusted.authority), LETTER)
    (letter,) = received.letters
    assert (letter["From"], letter["To"], letter["Subject"]) == ("keepsum@bakery.example", ANN, LETTER.subject)
    assert letter.get_content().replace("\r\n", "\n") == LETTER.text
    assert letter["Auto-Submitted"] == "auto-generated"
    assert received.to == [ANN]


@ENCRYPTED
def test_a_letter_arrives_with_name_and_password(trusted, security):
    with mail_server(security=security, context=trusted.context(), login=True) as (received, port):
        send_now(server(port, security, trusted.authority, user=USER, password=PASSWORD), LETTER)
        assert len(received.letters) == 1
        said = failure(server(port, security, trusted.authority, user=USER, password="wrong"), LETTER)
        assert "it refuses the name and password" in said
        failure(server(port, security, trusted.authority), LETTER)
    assert len(received.letters) == 1


@ENCRYPTED
@pytest.mark.parametrize("wrong", ["unknown authority", "another name", "over", "not trusted by the system"])
def test_a_wrong_certificate_is_refused_and_nothing_is_handed_over(trusted, tmp_path, security, wrong):
    used, ca = trusted, trusted.authority
    if wrong == "unknown authority":
        ca = certificate(tmp_path / "other", HERE).authority
    if wrong == "another name":
        used = certificate(tmp_path / "named", "mail.elsewhere.example")
        ca = used.authority
    if wrong == "over":
        used = certificate(tmp_path / "over", HERE, until=-dt.timedelta(days=1))
        ca = used.authority
    if wrong == "not trusted by the system":
        ca = None
    with mail_server(security=security, context=used.context(), login=True) as (received, port):
        said = failure(server(port, security, ca, user=USER, password=PASSWORD), LETTER)
    assert "its certificate is not trusted" in said
    assert received.letters == []


def test_a_server_without_starttls_is_not_talked_to_in_the_clear(trusted):
    with mail_server() as (received, port):
        said = failure(server(port, "starttls", trusted.authority, user=USER, password=PASSWORD), LETTER)
    assert "STARTTLS" in said
    assert received.letters == []


def test_mail_in_the_clear_stays_on_this_machine():
    with mail_server() as (received, port):
        send_now(server(port), LETTER)
    assert len(received.letters) == 1
    far = MailServer(host="mail.bakery.example", port=25, security="none", sender="keepsum@bakery.example")
    with pytest.raises(Invalid, match="MAIL_NOT_ENCRYPTED"):
        send_now(far, LETTER)


def test_a_server_that_is_not_there_or_refuses_is_told_without_the_address():
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
    assert "cannot be reached" in failure(server(port), LETTER)
    with mail_server() as (received, port):
        received.refuses = f"550 <{ANN}> is unknown here"
        assert "it answers 550" in failure(server(port), LETTER)


@pytest.mark.parametrize("letter", [
    Letter(to="ann@bakery.example\nBcc: eve@x.example", subject="x", text="x"),
    Letter(to=ANN, subject="x\r\nBcc: eve@x.example", text="x"),
])  # fmt: skip
def test_a_line_break_begins_no_header_of_somebody_elses(letter):
    with mail_server() as (received, port), pytest.raises(KeepsumError, match="BAD_EMAIL"):
        send_now(server(port), letter)
    assert received.letters == []


def test_certificates_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "missing.pem"):
        assert name in failure(server(25, "tls", tmp_path / name), LETTER)
