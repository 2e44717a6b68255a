"""The HTTP interfaces: OAuth tokens bound to a key, signed requests, safe retries."""

import base64
import hashlib
import json
import time
import uuid
from typing import Mapping
from urllib.parse import urlsplit

import httpx

from . import base64url
from .ids import uuid7
from .keys import Jwk, SigningKey

_ATTEMPTS_MAX = 5
_BACKOFF_S = 0.2
_ASSERTION_LIFETIME_S = 60
_RETRIED = {429, 503}


class Problem(Exception):
    """A refusal: a problem document (RFC 9457)."""

    def __init__(self, status: int, document: Mapping[str, object]):
        super().__init__(f"{status} {document.get('code')}: {document.get('detail') or document.get('title')}")
        self.status = status
        #: The stable code of the error.
        self.code = document.get("code")
        #: Places and reasons, if fields are at fault.
        self.errors = document.get("errors", [])
        self.trace_id = document.get("trace_id")


def proof_of(key: SigningKey, method: str, url: str, *, token: str | None = None, body: bytes | None = None) -> str:
    """Signs a DPoP proof (RFC 9449 §4.2), with the digest of the body in ``content_digest``."""
    parts = urlsplit(url)
    header = {"typ": "dpop+jwt", "alg": key.alg, "jwk": key.public_jwk}
    claims: dict[str, object] = {
        "jti": str(uuid.uuid4()),
        "iat": int(time.time()),
        "htm": method,
        "htu": f"{parts.scheme}://{parts.netloc}{parts.path}",
    }
    if token is not None:
        claims["ath"] = base64url.encode(hashlib.sha256(token.encode()).digest())
    if body is not None:
        claims["content_digest"] = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    return _jws(key, header, claims)


def _jws(key: SigningKey, header: Mapping[str, object], claims: Mapping[str, object]) -> str:
    signed = f"{base64url.encode_json(header)}.{base64url.encode_json(claims)}"
    return f"{signed}.{base64url.encode(key.sign(signed.encode()))}"


def client_credentials(
    issuer: str, client_id: str, private_jwk: Jwk, scope: str, dpop_key: SigningKey, http: httpx.Client
) -> str:
    """Gets an access token for the client itself (RFC 6749 §4.4), authenticated by its key (RFC 7523).

    :returns: the token, bound to ``dpop_key``
    :raises Problem: if the server refuses
    """
    url = f"{issuer}/oauth/token"
    client_key, now_s = SigningKey(private_jwk), int(time.time())
    alg = "EdDSA" if client_key.alg == "Ed25519" else client_key.alg
    claims = {"iss": client_id, "sub": client_id, "aud": issuer, "jti": uuid7(), "iat": now_s}
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_id": client_id,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": _jws(
            client_key, {"alg": alg, "kid": client_key.kid}, claims | {"exp": now_s + _ASSERTION_LIFETIME_S}
        ),
    }
    answer = http.post(url, data=form, headers={"DPoP": proof_of(dpop_key, "POST", url)})
    document = answer.json()
    if answer.status_code != 200:
        raise Problem(answer.status_code, {"code": document.get("error"), "detail": document.get("error_description")})
    return document["access_token"]


class Client:
    """Calls operations with a token and a proof for each attempt.

    :param token: an access token that is bound to ``dpop_key``
    """

    def __init__(self, token: str, dpop_key: SigningKey, http: httpx.Client | None = None):
        self.token = token
        self._key = dpop_key
        self._http = http or httpx.Client(timeout=40)

    def call(
        self,
        method: str,
        url: str,
        body: Mapping[str, object] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        wait_s: int | None = None,
    ) -> dict:
        """Sends a request and repeats it while that is safe: after a broken connection, 429, 503, or a request in progress.

        A repeated POST has the same ``Idempotency-Key``, so it has one effect.

        :param wait_s: for payments: waits so long for the outcome
        :raises Problem: if the service refuses
        :raises httpx.TransportError: if no attempt reached the service
        """
        content = b"" if method == "GET" else json.dumps(body or {}, separators=(",", ":")).encode()
        headers = {"Accept": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = idempotency_key or uuid7()
        if method != "GET":
            headers["Content-Type"] = "application/json"
        if wait_s is not None:
            headers["Prefer"] = f"wait={wait_s}"
        for attempt in range(1, _ATTEMPTS_MAX + 1):
            signed = {
                "Authorization": f"DPoP {self.token}",
                "DPoP": proof_of(self._key, method, url, token=self.token, body=None if method == "GET" else content),
            }
            is_last = attempt == _ATTEMPTS_MAX
            try:
                answer = self._http.request(method, url, params=query, content=content, headers=headers | signed)
            except httpx.TransportError:
                if is_last:
                    raise
                time.sleep(_BACKOFF_S * 2**attempt)
                continue
            document = answer.json() if answer.content else {}
            if answer.is_success:
                return document
            is_running = document.get("code") == "idempotency.in_progress"
            if is_last or not (answer.status_code in _RETRIED or is_running):
                raise Problem(answer.status_code, document)
            time.sleep(float(answer.headers.get("Retry-After", _BACKOFF_S * 2**attempt)))
        raise AssertionError("every attempt returns, raises or continues")
