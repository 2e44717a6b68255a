"""Signs a person in through their browser: code flow with PKCE, at a loopback address (RFC 8252)."""

import base64
import hashlib
import secrets
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from .http import Problem, proof_of
from .keys import SigningKey


def sign_in(
    issuer: str,
    client_id: str,
    scope: str,
    dpop_key: SigningKey,
    http: httpx.Client,
    *,
    show: Callable[[str], object] = print,
    timeout_s: float = 300,
) -> str:
    """Lets a person sign in and consent in a browser, and waits until they have.

    :param client_id: a public client whose redirect URI is ``http://127.0.0.1/callback``
    :param scope: separated by spaces
    :param show: takes the address that the person opens; ``webbrowser.open`` opens it
    :returns: an access token, bound to ``dpop_key``
    :raises Problem: if the server refuses, or the person declines (``access_denied``)
    :raises TimeoutError: if nobody signed in within ``timeout_s``
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    digest = hashlib.sha256(verifier.encode()).digest()
    with _Callback(("127.0.0.1", 0), _Answer) as callback:
        redirect_uri = f"http://127.0.0.1:{callback.server_port}/callback"
        pushed = _post(
            f"{issuer}/oauth/par",
            {
                "client_id": client_id,
                "response_type": "code",
                "redirect_uri": redirect_uri,
                "scope": scope,
                "state": state,
                "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
                "code_challenge_method": "S256",
            },
            dpop_key,
            http,
        )
        show(f"{issuer}/oauth/authorize?{urlencode({'client_id': client_id, 'request_uri': pushed['request_uri']})}")
        answer = callback.wait(timeout_s)
    if answer.get("error"):
        raise Problem(400, {"code": answer["error"], "detail": answer.get("error_description")})
    if answer.get("state") != state or answer.get("iss") != issuer:
        raise Problem(400, {"code": "invalid_response", "detail": "the answer belongs to another sign-in"})
    tokens = _post(
        f"{issuer}/oauth/token",
        {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": answer["code"],
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        },
        dpop_key,
        http,
    )
    return str(tokens["access_token"])


def _post(url: str, form: dict[str, str], dpop_key: SigningKey, http: httpx.Client) -> dict:
    answer = http.post(url, data=form, headers={"DPoP": proof_of(dpop_key, "POST", url)})
    document = answer.json()
    if not answer.is_success:
        raise Problem(answer.status_code, {"code": document.get("error"), "detail": document.get("error_description")})
    return document


class _Callback(HTTPServer):
    """Takes the one request with which the browser comes back."""

    answer: dict[str, str] | None = None

    def wait(self, timeout_s: float) -> dict[str, str]:
        self.timeout = timeout_s
        while self.answer is None:
            self.handle_request()
        return self.answer

    def handle_timeout(self) -> None:
        raise TimeoutError("nobody signed in in time")


class _Answer(BaseHTTPRequestHandler):
    server: _Callback

    def do_GET(self) -> None:  # noqa: N802, the name that the library calls
        parts = urlsplit(self.path)
        if parts.path != "/callback":
            self.send_error(404)
            return
        self.server.answer = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = b"You may close this page."
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The address has a code: it goes to no log."""
