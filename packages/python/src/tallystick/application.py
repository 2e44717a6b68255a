"""How a third party applies for the certificate of a key."""

import time
from typing import Mapping, Sequence

from . import base64url
from .keys import SigningKey


def sign_application(
    key: SigningKey,
    *,
    producer_id: str,
    permissions: Sequence[Mapping[str, object]],
    enrolment_code: str,
    batch: bool = False,
    present_key: SigningKey | None = None,
) -> dict[str, object]:
    """Signs the application for a certificate of a new key.

    :param permissions: the topics and types that the key may sign; those of the operator's invitation
    :param enrolment_code: the one-time code of the invitation
    :param present_key: the key that you have: it approves a further one
    :returns: the body that the operator sends to ``POST /v1/producers/{producerId}/keys`` within five minutes
    """
    claims = {
        "sub": producer_id,
        "jkt": key.kid,
        "permissions": permissions,
        "batch": batch,
        "enrolment_code": enrolment_code,
        "iat": int(time.time()),
    }
    body: dict[str, object] = {
        "publicJwk": key.public_jwk,
        "permissions": permissions,
        "batch": batch,
        "proof": _jws(key, claims),
    }
    return body if present_key is None else body | {"approval": _jws(present_key, claims)}


def _jws(signer: SigningKey, claims: Mapping[str, object]) -> str:
    header = {"alg": signer.alg, "typ": "tallystick-proof+jwt"}
    signed = f"{base64url.encode_json(header)}.{base64url.encode_json(claims)}"
    return f"{signed}.{base64url.encode(signer.sign(signed.encode()))}"
