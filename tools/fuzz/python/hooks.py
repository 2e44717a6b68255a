"""Signs each request of Schemathesis: an access token and a DPoP proof (RFC 9449) over the body that is sent."""

import base64
import hashlib
import json
import os
import time
import uuid
from urllib.parse import urlsplit

import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

with open(os.environ["TALLYSTICK_FUZZ_CLIENTS"], encoding="utf-8") as clients_file:
    CLIENTS = json.load(clients_file)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Signed:
    """Adds the headers when the URL and the body are final."""

    def __init__(self, client: dict):
        self.client = client
        self.key = Ed25519PrivateKey.from_private_bytes(from_base64url(client["jwk"]["d"]))

    def __call__(self, request):
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        url = urlsplit(request.url)
        jwk = self.client["jwk"]
        header = {"typ": "dpop+jwt", "alg": "Ed25519", "jwk": {name: jwk[name] for name in ("kty", "crv", "x")}}
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        claims = {
            "jti": str(uuid.uuid4()),
            "iat": int(time.time()),
            "htm": request.method,
            "htu": f"{url.scheme}://{url.netloc}{url.path}",
            "ath": base64url(hashlib.sha256(self.client["token"].encode()).digest()),
            "content_digest": f"sha-256=:{digest}:",
        }
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        request.headers["DPoP"] = f"{signed}.{base64url(self.key.sign(signed.encode()))}"
        request.headers["Authorization"] = f"DPoP {self.client['token']}"
        return request


def client_for(operation) -> dict:
    """Returns the client that has the scope of an operation; if there is none, one that is refused."""
    (scope,) = operation.definition.raw["security"][0]["oauth2"]
    return next((client for client in CLIENTS if scope in client["scopes"]), CLIENTS[0])


@schemathesis.hook
def before_call(context, case, kwargs):
    kwargs["auth"] = Signed(client_for(case.operation))
    for name in ("DPoP", "Authorization"):
        if case.headers:
            case.headers.pop(name, None)
