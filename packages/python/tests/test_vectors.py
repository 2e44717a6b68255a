"""The vectors of the envelope: each record must be taken or refused as the specification says."""

import json
from pathlib import Path

import pytest

from tallystick import Keyring, Opened, Policy, Refused, SigningKey, merkle, open_envelope, seal
from tallystick import base64url

VECTORS = Path(__file__).parents[2] / "security" / "vectors"

#: Checks that need the schemas of messages, or the key of a service.
BEYOND = {"schema", "encryption"}


def load(name: str) -> dict:
    return json.loads((VECTORS / name).read_text())


def keyring_of(vectors: dict) -> Keyring:
    keyring = Keyring(vectors["testTrustAnchors"]["keys"])
    for record in vectors["keyTopic"]:
        value = record["value"] if isinstance(record, dict) else record
        keyring.add(value.encode(), vectors["nowS"])
    return keyring


def outcome_of(case: dict, vectors: dict, keyring: Keyring) -> dict:
    limits = vectors["policy"]
    policy = Policy(limits["valueBytesMax"], limits["clockSkewS"], limits["commandLifetimeMaxS"], limits["eventHorizonS"])
    value = case["value"]
    try:
        opened = open_envelope(
            None if value is None else value.encode(),
            keyring=keyring,
            topic=case["topic"],
            record_key=case["key"],
            now_s=vectors["nowS"],
            policy=policy,
        )
    except Refused as refused:
        return {"ok": False, "check": refused.check, "code": refused.code}
    assert isinstance(opened, Opened)
    return {"ok": True, "type": opened.claims["type"]}


def cases(name: str) -> list:
    vectors = load(name)
    keyring = keyring_of(vectors)
    return [pytest.param(case, vectors, keyring, id=case["name"]) for case in vectors["cases"]]


@pytest.mark.parametrize(("case", "vectors", "keyring"), cases("envelope.json") + cases("batch.json"))
def test_a_record_is_taken_or_refused_as_specified(case, vectors, keyring):
    expected = case["expected"]
    outcome = outcome_of(case, vectors, keyring)
    if (case["value"] or "").count(".") == 4:
        # Encrypted to a service: a third party neither gets nor opens it.
        assert outcome == {"ok": False, "check": "shape", "code": "envelope.malformed"}
    elif expected.get("check") in BEYOND:
        assert outcome["ok"]
    else:
        assert outcome == {name: expected[name] for name in outcome}


@pytest.mark.parametrize("tree", load("batch.json")["trees"], ids=lambda tree: str(tree["size"]))
def test_a_batch_has_the_specified_bytes(tree):
    for record in tree["records"]:
        signed, _, part = record["value"].rpartition(".")
        leaf = merkle.leaf_hash(signed.encode())
        proof = merkle.parse_proof(base64url.decode(part))
        assert leaf.hex() == record["leaf"]
        assert [one.hex() for one in proof.path] == record["path"]
        root = merkle.root_of(leaf, proof)
        assert root.hex() == tree["root"]
        assert merkle.root_input(tree["size"], root).hex() == tree["rootInput"]


@pytest.mark.parametrize("name", ["acme", "acmeP256"])
def test_a_sealed_message_is_taken(name):
    vectors = load("envelope.json")
    key = SigningKey(vectors["testSigningKeys"][name])
    payment = "pay_01890a5d-ac96-774b-bcce-000000000001"
    value = seal(
        key,
        issuer="acme",
        topic="payment.commands.v1",
        record_key=payment,
        type="payment.create",
        version=1,
        data={"paymentId": payment},
        now_s=vectors["nowS"],
    )
    case = {"topic": "payment.commands.v1", "key": payment, "value": value.decode()}
    assert outcome_of(case, vectors, keyring_of(vectors)) == {"ok": True, "type": "payment.create"}
