"""Keys as JWK (RFC 7517, RFC 8037), and signatures as JWS has them (RFC 7518 §3.4, RFC 8032)."""

import hashlib
import json
from typing import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from . import base64url

Jwk = Mapping[str, str]

#: Order of the group of Ed25519 (RFC 8032 §5.1): the S of a signature is below it.
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
#: Field of Ed25519, for keys of small order.
_FIELD = 2**255 - 19
_P256_BYTES = 32


def thumbprint(jwk: Jwk) -> str:
    """Returns the thumbprint of a public key (RFC 7638), which is its ``kid``."""
    names = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("crv", "kty", "x")
    text = json.dumps({name: jwk[name] for name in names}, separators=(",", ":"), sort_keys=True)
    return base64url.encode(hashlib.sha256(text.encode()).digest())


class SigningKey:
    """A private key that signs."""

    def __init__(self, jwk: Jwk):
        """:param jwk: a private JWK of Ed25519 or P-256"""
        self._jwk = {name: jwk[name] for name in ("kty", "crv", "x", "y", "d") if name in jwk}
        self.public_jwk = {name: jwk[name] for name in ("kty", "crv", "x", "y") if name in jwk}
        self.kid = thumbprint(self.public_jwk)
        if jwk["crv"] == "Ed25519":
            self.alg = "Ed25519"
            self._key = Ed25519PrivateKey.from_private_bytes(base64url.decode(jwk["d"]))
        elif jwk["crv"] == "P-256":
            self.alg = "ES256"
            secret = int.from_bytes(base64url.decode(jwk["d"]), "big")
            self._key = ec.derive_private_key(secret, ec.SECP256R1())
        else:
            raise ValueError(f"no key of {jwk['crv']} signs here")

    @classmethod
    def generate(cls) -> "SigningKey":
        """Makes a new key of Ed25519. Keep :attr:`private_jwk` where only your program reads it."""
        secret = Ed25519PrivateKey.generate()
        raw, public = secret.private_bytes_raw(), secret.public_key().public_bytes_raw()
        return cls({"kty": "OKP", "crv": "Ed25519", "d": base64url.encode(raw), "x": base64url.encode(public)})

    @property
    def private_jwk(self) -> Jwk:
        """The key as a private JWK, to store."""
        return dict(self._jwk)

    def sign(self, data: bytes) -> bytes:
        """Returns a signature as in a JWS: 64 bytes."""
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(data)
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")


def verify(jwk: Jwk, signature: bytes, data: bytes) -> bool:
    """Verifies a signature of 64 bytes by a public key."""
    if len(signature) != 64:
        return False
    try:
        if jwk["crv"] == "Ed25519":
            return _verify_ed25519(base64url.decode(jwk["x"]), signature, data)
        if jwk["crv"] == "P-256":
            return _verify_p256(jwk, signature, data)
    except (InvalidSignature, ValueError):
        return False
    return False


def _verify_ed25519(public: bytes, signature: bytes, data: bytes) -> bool:
    if int.from_bytes(signature[32:], "little") >= _GROUP_ORDER or _has_small_order(public):
        return False
    Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    return True


def _has_small_order(public: bytes) -> bool:
    """Returns whether eight times the point is the neutral element: such a key verifies what nobody signed."""
    y = (int.from_bytes(public, "little") & (2**255 - 1)) % _FIELD
    d = -121665 * pow(121666, -1, _FIELD) % _FIELD
    # The y of a doubled point follows from y alone: x² = (y² − 1) / (d·y² + 1).
    for _ in range(3):
        divisor = (d * y * y + 1) % _FIELD
        if divisor == 0:
            return True
        x_squared = (y * y - 1) * pow(divisor, -1, _FIELD) % _FIELD
        y_squared = y * y % _FIELD
        under = (1 - d * x_squared * y_squared) % _FIELD
        if under == 0:
            return True
        y = (y_squared + x_squared) * pow(under, -1, _FIELD) % _FIELD
    return y == 1


def _verify_p256(jwk: Jwk, signature: bytes, data: bytes) -> bool:
    x, y = (int.from_bytes(base64url.decode(jwk[name]), "big") for name in ("x", "y"))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
    public.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
    return True
