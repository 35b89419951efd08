"""Connections to MySQL that are encrypted where the server can, and made without reading what nobody verifies with."""

import ssl
from typing import Any

from pymysql.connections import Connection


class Encrypted(Connection):
    """A connection as the driver makes it when nothing is said of TLS, or with what the address says of it.

    TRICKY: the driver reads all authorities that the machine trusts for each connection, 50 ms, also where it then
    verifies nothing; given a context from outside it refuses servers without TLS. So `_create_ssl_ctx` of PyMySQL is
    replaced where the address says nothing.
    """

    def _create_ssl_ctx(self, sslp: Any) -> ssl.SSLContext:
        if sslp:
            driver: Any = super()
            return driver._create_ssl_ctx(sslp)  # noqa: SLF001 - see the class
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context
