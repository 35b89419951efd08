"""A real mail server in a thread, which keeps what it is handed."""

import gc
import warnings
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

HERE = "127.0.0.1"
USER, PASSWORD = "keepsum", "mail password"


class Received:
    """What a server was handed: the letters, and for whom."""

    def __init__(self):
        self.letters, self.to = [], []
        self.refuses = ""

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 -- its name there
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 -- its name there
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        self.to += envelope.rcpt_tos
        return "250 OK"


class _Controller(Controller):
    """A controller that knows its port once it has one, also when it speaks TLS from the first byte."""

    def _trigger_server(self):
        self.port = cast("Any", self.server).sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(*, security="none", context=None, login=False):
    """Give what a server on a free port receives, and the port."""
    received = Received()

    def check(_server, _session, _envelope, _mechanism, given):
        right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    asked = {"authenticator": check, "auth_required": login, "auth_require_tls": security == "starttls"}
    if security == "starttls":
        asked |= {"tls_context": context, "require_starttls": True}
    wrapped = {"ssl_context": context} if security == "tls" else {}
    controller = _Controller(received, hostname=HERE, port=0, **wrapped, **asked)
    controller.start()
    try:
        yield received, controller.port
    finally:
        controller.stop()
        del controller
        with warnings.catch_warnings():  # it leaves a connection open that a client broke off
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
