"""The envelope: a compact JWS (RFC 7515) with fixed header parameters and claims."""

import re
import time
from dataclasses import dataclass
from typing import Mapping

from joserfc import jwe
from joserfc.jwk import OKPKey

from . import base64url, keys, merkle, strict_json
from .ids import uuid7
from .keyring import Certificate, Keyring

ENVELOPE_TYP = "tallystick+jwt"
_ALGS = {"Ed25519": ("EdDSA", "Ed25519"), "P-256": ("ES256",)}
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+\Z")
_KID = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_PRINTABLE = re.compile(r"[\x20-\x7e]+\Z")
_TEXT_MAX = {"iss": 64, "aud": 249, "sub": 200, "jti": 64, "type": 120, "txn": 64, "cause": 64}
_REQUIRED = {"iss", "aud", "sub", "jti", "iat", "type", "version", "txn", "data"}
_OPTIONAL = {"exp", "cause"}
_VERSION_MAX = 9_999


class Refused(Exception):
    """An envelope that must not be taken."""

    def __init__(self, check: str, code: str):
        super().__init__(f"{code} ({check})")
        #: The first check that failed.
        self.check = check
        #: The code of the error, as in the catalogue.
        self.code = code


@dataclass(frozen=True)
class Policy:
    """The limits of an envelope. The defaults are those of Tallystick."""

    value_bytes_max: int = 262_144
    clock_skew_s: int = 30
    command_lifetime_max_s: int = 3_600
    event_horizon_s: int = 604_800


@dataclass(frozen=True)
class Opened:
    """An envelope that passed every check up to its schema."""

    claims: Mapping[str, object]
    data: object
    certificate: Certificate


def seal(
    key: keys.SigningKey,
    *,
    issuer: str,
    topic: str,
    record_key: str,
    type: str,
    version: int,
    data: Mapping[str, object],
    lifetime_s: int | None = 300,
    now_s: int | None = None,
    jti: str | None = None,
    txn: str | None = None,
    cause: str | None = None,
) -> bytes:
    """Signs a message.

    :param issuer: your producer id
    :param record_key: the key of the Kafka record, the id that the message is about
    :param lifetime_s: seconds until a command expires; ``None`` for an event
    :returns: the value of the Kafka record
    """
    iat = int(time.time()) if now_s is None else now_s
    claims: dict[str, object] = {"iss": issuer, "aud": topic, "sub": record_key, "jti": jti or uuid7(), "iat": iat}
    if lifetime_s is not None:
        claims["exp"] = iat + lifetime_s
    claims |= {"type": type, "version": version, "txn": txn or uuid7()}
    if cause is not None:
        claims["cause"] = cause
    claims["data"] = data
    header = {"alg": key.alg, "typ": ENVELOPE_TYP, "kid": key.kid}
    signed = f"{base64url.encode_json(header)}.{base64url.encode_json(claims)}"
    return f"{signed}.{base64url.encode(key.sign(signed.encode()))}".encode()


def seal_confidential(envelope: bytes, recipient: Certificate) -> bytes:
    """Encrypts a signed message of a confidential type to the service that owns its topic (RFC 7516, ECDH-ES).

    :param recipient: :meth:`Keyring.newest_encryption_key` of the service
    """
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "cty": "JWT", "kid": recipient.kid}
    key = OKPKey.import_key(dict(recipient.jwk))
    return jwe.encrypt_compact(header, envelope, key, algorithms=["ECDH-ES", "A256GCM"]).encode()


def open_envelope(
    value: bytes | None,
    *,
    keyring: Keyring,
    topic: str,
    record_key: str | None,
    now_s: int,
    is_command: bool | None = None,
    topic_prefix: str = "",
    policy: Policy = Policy(),
) -> Opened:
    """Checks a signed record, in the order of the specification.

    :param topic: of the record
    :param topic_prefix: the prefix of all topics of the installation
    :param is_command: whether the topic is one of commands; by default by its name
    :raises Refused: with the first check that fails
    """
    text = _text(value, policy)
    header, claims, signed, signature = _parts(text)
    _check_header(header)
    _check_claims(claims)
    certificate = keyring.find(header["kid"], now_s)
    if certificate is None:
        raise Refused("key", "envelope.key_unknown")
    _check_key(certificate, claims)
    _check_signature(header, certificate, signed, signature)
    if claims["aud"] != topic:
        raise Refused("binding", "envelope.audience_mismatch")
    if claims["sub"] != record_key:
        raise Refused("binding", "envelope.subject_mismatch")
    _check_time(claims, ".commands." in topic if is_command is None else is_command, now_s, policy)
    if not certificate.allows(_listed(topic.removeprefix(topic_prefix)), str(claims["type"])):
        raise Refused("permission", "envelope.not_permitted")
    return Opened(claims=claims, data=claims["data"], certificate=certificate)


def _listed(topic: str) -> str:
    """Returns the name under which certificates list a topic: topics of outcomes have one in common."""
    return "outcomes.v1" if topic.startswith("outcomes.v1.") else topic


def _text(value: bytes | None, policy: Policy) -> str:
    if value is None or value == b"":
        raise Refused("shape", "envelope.malformed")
    if len(value) > policy.value_bytes_max:
        raise Refused("size", "envelope.too_large")
    try:
        return value.decode("ascii")
    except UnicodeDecodeError as error:
        raise Refused("shape", "envelope.malformed") from error


def _parts(text: str) -> tuple[dict, dict, bytes, str]:
    parts = text.split(".")
    if len(parts) != 3 or not all(_ALPHABET.match(part) for part in parts):
        raise Refused("shape", "envelope.malformed")
    try:
        header, claims = (strict_json.parse(base64url.decode(part)) for part in parts[:2])
    except ValueError as error:
        raise Refused("shape", "envelope.malformed") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Refused("shape", "envelope.malformed")
    return header, claims, f"{parts[0]}.{parts[1]}".encode(), parts[2]


def _check_header(header: dict) -> None:
    algs = {alg for names in _ALGS.values() for alg in names} | {merkle.BATCH_ALG}
    is_known = (
        set(header) == {"alg", "typ", "kid"}
        and header["alg"] in algs
        and header["typ"] == ENVELOPE_TYP
        and isinstance(header["kid"], str)
        and _KID.match(header["kid"]) is not None
    )
    if not is_known:
        raise Refused("header", "envelope.header_refused")


def _check_claims(claims: dict) -> None:
    def is_time(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0

    def is_text(name: str) -> bool:
        value = claims[name]
        return isinstance(value, str) and len(value) <= _TEXT_MAX[name] and _PRINTABLE.match(value) is not None

    names = set(claims)
    valid = (
        _REQUIRED <= names <= _REQUIRED | _OPTIONAL
        and all(is_text(name) for name in _TEXT_MAX if name in claims)
        and is_time(claims["iat"])
        and is_time(claims.get("exp", 0))
        and is_time(claims["version"])
        and 1 <= claims["version"] <= _VERSION_MAX
    )
    if not valid:
        raise Refused("claims", "envelope.claims_invalid")


def _check_key(certificate: Certificate, claims: dict) -> None:
    iat = claims["iat"]
    if certificate.status == "revoked":
        raise Refused("key_validity", "envelope.key_revoked")
    if certificate.use != "sig" or not certificate.not_before_s <= iat < certificate.expires_s:
        raise Refused("key_validity", "envelope.key_not_valid")
    if certificate.sub != claims["iss"]:
        raise Refused("key_validity", "envelope.issuer_mismatch")


def _check_signature(header: dict, certificate: Certificate, signed: bytes, part: str) -> None:
    try:
        signature = base64url.decode(part)
    except ValueError as error:
        raise Refused("signature", "envelope.signature_invalid") from error
    if header["alg"] == merkle.BATCH_ALG:
        if not certificate.may_sign_batches:
            raise Refused("key_validity", "envelope.key_not_valid")
        proof = merkle.parse_proof(signature)
        root = None if proof is None else merkle.root_of(merkle.leaf_hash(signed), proof)
        holds = root is not None and keys.verify(
            certificate.jwk, proof.root_signature, merkle.root_input(proof.size, root)
        )
    else:
        is_named = header["alg"] in _ALGS.get(certificate.jwk["crv"], ())
        holds = is_named and keys.verify(certificate.jwk, signature, signed)
    if not holds:
        raise Refused("signature", "envelope.signature_invalid")


def _check_time(claims: dict, is_command: bool, now_s: int, policy: Policy) -> None:
    iat, exp = claims["iat"], claims.get("exp")
    if iat > now_s + policy.clock_skew_s:
        raise Refused("time", "envelope.issued_in_future")
    if is_command and exp is None:
        raise Refused("time", "envelope.expiry_missing")
    if exp is not None:
        if exp - iat > policy.command_lifetime_max_s:
            raise Refused("time", "envelope.lifetime_too_long")
        if exp + policy.clock_skew_s <= now_s:
            raise Refused("time", "envelope.expired")
    elif iat + policy.event_horizon_s <= now_s:
        raise Refused("time", "envelope.too_old")
