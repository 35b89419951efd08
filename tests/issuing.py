"""An identity provider for tests: keys, a server that publishes them, and tokens signed with them."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://id.example.org", "keepsum"
MAKERS = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65_537, key_size=2_048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
SHOWN = {"RS256": RSAAlgorithm.to_jwk, "ES256": ECAlgorithm.to_jwk, "EdDSA": OKPAlgorithm.to_jwk}


class Issuer:
    """Holds private keys by name; what is `published` is all that others are shown."""

    def __init__(self):
        self.keys, self.published = {}, []
        self.asked, self.broken = 0, False
        self.url = ""

    def add(self, kid, algorithm="ES256", *, published=True, **shown):
        """Make a key."""
        key = MAKERS[algorithm]()
        self.keys[kid] = (key, algorithm)
        if published:
            told = json.loads(SHOWN[algorithm](key.public_key()))
            self.published.append(told | {"kid": kid, "alg": algorithm, "use": "sig"} | shown)
        return self

    def withdraw(self, kid):
        """Publish a key no more."""
        self.published = [one for one in self.published if one["kid"] != kid]

    def public(self, kid):
        """A public key as a file would hold it."""
        form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self.keys[kid][0].public_key().public_bytes(*form)

    def token(self, kid="one", *, headers=None, **changed):
        """A token signed with a key; a claim that is None is left out."""
        key, algorithm = self.keys[kid]
        return jwt.encode(claims(**changed), key, algorithm, headers={"kid": kid} | (headers or {}))


def claims(**changed):
    """What a good token says, unless something is changed."""
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "user-7", "iat": now, "exp": now + 60, "role": "staff"}
    return {name: value for name, value in (usual | changed).items() if value is not None}


@contextmanager
def issuing():
    """An issuer whose keys are published by a server of this machine."""
    issuer = Issuer()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            issuer.asked += 1
            body = b"broken" if issuer.broken else json.dumps({"keys": issuer.published}).encode()
            self.send_response(500 if issuer.broken else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *_):  # noqa: A002 -- its name there
            del format

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # seconds until it sees that it is to stop
        thread.start()
        issuer.url = f"http://127.0.0.1:{server.server_port}/keys"
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
