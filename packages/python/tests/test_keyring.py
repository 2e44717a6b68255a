"""Registrars that the root revokes: their keys are dropped at once, whatever arrives later."""

import hashlib

from tallystick import Keyring, SigningKey, base64url

NOW_S = 1_800_000_000
DAY_S = 86_400

root, registrar, successor, producer = (SigningKey.generate() for _ in range(4))


def sign(signer: SigningKey, typ: str, claims: dict[str, object]) -> bytes:
    header = {"alg": signer.alg, "typ": typ, "kid": signer.kid}
    signed = f"{base64url.encode_json(header)}.{base64url.encode_json(claims)}"
    return f"{signed}.{base64url.encode(signer.sign(signed.encode()))}".encode()


def certificate(signer: SigningKey, key: SigningKey, **changes: object) -> bytes:
    claims: dict[str, object] = {
        "sub": "someone",
        "iat": NOW_S,
        "nbf": NOW_S - DAY_S,
        "exp": NOW_S + DAY_S,
        "cnf": {"jwk": key.public_jwk},
        "use": "sig",
        "role": "producer",
        "permissions": [],
        "status": "active",
    }
    return sign(signer, "tallystick-key+jwt", claims | changes)


def snapshot(signer: SigningKey, version: int, *certificates: tuple[SigningKey, bytes]) -> bytes:
    listed = {key.kid: base64url.encode(hashlib.sha256(text).digest()) for key, text in certificates}
    claims = {"version": version, "iat": NOW_S, "exp": NOW_S + 3_600, "certificates": listed}
    return sign(signer, "tallystick-keys-snapshot+jwt", claims)


def test_a_revoked_registrar_takes_its_keys_along():
    genuine = certificate(root, registrar, role="registrar")
    listed = certificate(registrar, producer)
    keyring = Keyring([root.public_jwk])
    for record in (genuine, listed, snapshot(registrar, 900, (producer, listed))):
        keyring.add(record, NOW_S)
    assert keyring.find(producer.kid, NOW_S) is not None

    keyring.add(certificate(root, registrar, role="registrar", status="revoked"), NOW_S)
    assert keyring.find(producer.kid, NOW_S) is None
    for record in (genuine, listed, snapshot(registrar, 901, (producer, listed))):
        keyring.add(record, NOW_S)
    assert keyring.find(producer.kid, NOW_S) is None, "the certificate from before was written again"

    again = certificate(successor, producer)
    for record in (certificate(root, successor, role="registrar"), again, snapshot(successor, 2, (producer, again))):
        keyring.add(record, NOW_S)
    assert keyring.find(producer.kid, NOW_S) is not None, "the successor's versions begin anew"


def test_an_older_certificate_of_a_registrar_does_not_replace_a_newer_one():
    keyring = Keyring([root.public_jwk])
    keyring.add(certificate(root, registrar, role="registrar", iat=NOW_S), NOW_S)
    keyring.add(certificate(root, registrar, role="registrar", iat=NOW_S - 60, exp=NOW_S - 1), NOW_S)
    listed = certificate(registrar, producer)
    keyring.add(listed, NOW_S)
    keyring.add(snapshot(registrar, 1, (producer, listed)), NOW_S)
    assert keyring.find(producer.kid, NOW_S) is not None
