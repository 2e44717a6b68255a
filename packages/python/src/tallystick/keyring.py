"""The keys that count: certificates and snapshots of ``auth.keys.v1``, under the pinned root keys."""

import hashlib
from dataclasses import dataclass, field
from typing import Iterable

from . import base64url, keys, strict_json

CERTIFICATE_TYP = "tallystick-key+jwt"
SNAPSHOT_TYP = "tallystick-keys-snapshot+jwt"
_ALGS = {"Ed25519": ("EdDSA", "Ed25519"), "P-256": ("ES256",)}


@dataclass(frozen=True)
class Certificate:
    """The statement of the registrar that a producer may use a key."""

    kid: str
    sub: str
    jwk: keys.Jwk
    use: str
    role: str
    issued_s: int
    not_before_s: int
    expires_s: int
    status: str
    revoked_since_s: int | None
    may_sign_batches: bool
    permissions: dict[str, frozenset[str]]
    digest: str = field(repr=False)

    def allows(self, topic: str, type_: str) -> bool:
        return type_ in self.permissions.get(topic, frozenset())


class Keyring:
    """Takes the records of the key topic, from its beginning, and finds the certificates that count."""

    def __init__(self, trust_anchors: Iterable[keys.Jwk]):
        """:param trust_anchors: the public keys of the root, which you got from the operator by another way"""
        self._roots = {keys.thumbprint(jwk): jwk for jwk in trust_anchors}
        self._registrars: dict[str, Certificate] = {}
        self._revoked_registrars: set[str] = set()
        self._certificates: dict[str, Certificate] = {}
        self._listed: dict[str, str] = {}
        self._version = 0
        self._snapshot_expires_s = 0
        self._snapshot_by: str | None = None

    def add(self, value: bytes, now_s: int) -> None:
        """Takes a record of the key topic; one that nobody trusted signed has no effect."""
        statement = _read(value)
        if statement is None:
            return
        header, claims, signed, signature = statement
        kid = header.get("kid")
        if header.get("typ") == CERTIFICATE_TYP and kid in self._roots:
            certificate = _certificate(claims, value)
            if certificate is not None and _holds(header, self._roots[kid], signature, signed):
                if certificate.role == "registrar":
                    self._take_registrar(certificate)
            return
        registrar = self._registrars.get(str(kid))
        if registrar is None or not self._is_valid(registrar, now_s):
            return
        if not _holds(header, registrar.jwk, signature, signed):
            return
        if header.get("typ") == SNAPSHOT_TYP:
            self._take_snapshot(claims, registrar.kid)
        elif header.get("typ") == CERTIFICATE_TYP:
            certificate = _certificate(claims, value)
            if certificate is not None and certificate.role == "producer":
                self._certificates[certificate.digest] = certificate

    def find(self, kid: str, now_s: int) -> Certificate | None:
        """Returns the certificate of a key that the current snapshot lists."""
        if now_s >= self._snapshot_expires_s:
            return None
        return self._certificates.get(self._listed.get(kid, ""))

    def newest_encryption_key(self, service: str, now_s: int) -> Certificate | None:
        """Returns the newest active key to which messages to a service are encrypted."""
        found = [self.find(kid, now_s) for kid in self._listed]
        usable = [
            one
            for one in found
            if one is not None and one.sub == service and one.use == "enc" and one.status == "active"
            and one.not_before_s <= now_s < one.expires_s
        ]
        return max(usable, key=lambda one: one.not_before_s, default=None)

    def _take_registrar(self, certificate: Certificate) -> None:
        kid = certificate.kid
        if certificate.status == "revoked":
            # For good: somebody may write the certificate from before to the topic again.
            self._revoked_registrars.add(kid)
            self._registrars.pop(kid, None)
            if self._snapshot_by == kid:
                self._listed, self._version, self._snapshot_by = {}, 0, None
        elif kid not in self._revoked_registrars:
            known = self._registrars.get(kid)
            if known is None or certificate.issued_s >= known.issued_s:
                self._registrars[kid] = certificate

    def _take_snapshot(self, claims: dict[str, object], registrar: str) -> None:
        version, expires_s, listed = claims.get("version"), claims.get("exp"), claims.get("certificates")
        if not isinstance(version, int) or not isinstance(expires_s, int) or not isinstance(listed, dict):
            return
        # An older snapshot would bring a revoked key back; another one of this version is a forgery.
        if version <= self._version:
            return
        self._version, self._snapshot_expires_s, self._snapshot_by = version, expires_s, registrar
        self._listed = {str(kid): str(digest) for kid, digest in listed.items()}

    @staticmethod
    def _is_valid(certificate: Certificate, now_s: int) -> bool:
        return certificate.not_before_s <= now_s < certificate.expires_s and certificate.status != "revoked"


def _read(value: bytes) -> tuple[dict, dict, bytes, bytes] | None:
    try:
        header_part, claims_part, signature_part = value.decode("ascii").split(".")
        header = strict_json.parse(base64url.decode(header_part))
        claims = strict_json.parse(base64url.decode(claims_part))
        signature = base64url.decode(signature_part)
    except ValueError:
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    return header, claims, f"{header_part}.{claims_part}".encode(), signature


def _holds(header: dict, jwk: keys.Jwk, signature: bytes, signed: bytes) -> bool:
    return header.get("alg") in _ALGS.get(jwk["crv"], ()) and keys.verify(jwk, signature, signed)


def _certificate(claims: dict, value: bytes) -> Certificate | None:
    try:
        jwk = claims["cnf"]["jwk"]
        return Certificate(
            kid=keys.thumbprint(jwk),
            sub=claims["sub"],
            jwk=jwk,
            use=claims["use"],
            role=claims["role"],
            issued_s=claims["iat"],
            not_before_s=claims["nbf"],
            expires_s=claims["exp"],
            status=claims["status"],
            revoked_since_s=claims.get("revoked_since"),
            may_sign_batches=claims.get("batch", False),
            permissions={one["topic"]: frozenset(one["types"]) for one in claims["permissions"]},
            digest=base64url.encode(hashlib.sha256(value).digest()),
        )
    except (KeyError, TypeError):
        return None
