"""A third party and an operator against a running system: ``TALLYSTICK_STACK`` is the path of its ``stack.json``."""

import json
import os
from pathlib import Path

import pytest

from tallystick import SigningKey, new_id

STACK = os.environ.get("TALLYSTICK_STACK")
pytestmark = pytest.mark.skipif(STACK is None, reason="TALLYSTICK_STACK names no running system")


@pytest.fixture(scope="module")
def stack() -> dict:
    return json.loads(Path(str(STACK)).read_text())


def read_jwk(path: str) -> dict:
    at = Path(path)
    return json.loads((at if at.is_absolute() else Path(str(STACK)).parent / at).read_text())


def test_an_order_without_a_mandate_fails_with_a_signed_outcome(stack):
    from tallystick.producer import Producer

    acme = next(one for one in stack["producers"] if one["id"] == "acme")
    producer = Producer(
        {"bootstrap.servers": ",".join(stack["kafka"]["brokers"])},
        producer_id="acme",
        private_jwk=read_jwk(acme["privateJwk"]),
        trust_anchors=read_jwk(stack["trustAnchors"])["keys"],
        topic_prefix=stack["kafka"].get("topicPrefix", ""),
    )
    payment = new_id("pay")
    order = {
        "paymentId": payment,
        "source": {"kind": "account", "accountId": new_id("acc")},
        "payee": {"kind": "account", "accountId": new_id("acc")},
        "amountMinor": 1500,
        "currency": "EUR",
        "endToEndId": payment[-12:],
    }
    try:
        producer.publish("payment.commands.v1", "payment.create", 2, payment, order)
        outcome = producer.outcome(payment, timeout_s=20)
    finally:
        producer.close()
    assert outcome is not None
    assert outcome.claims["iss"] == "payment"
    assert outcome.claims["type"] == "payment.failed"


def test_an_operator_reads_with_a_signed_request_and_gets_problems_by_code(stack):
    import httpx

    from tallystick.http import Client, Problem, client_credentials

    client = next(one for one in stack["clients"] if one["client_id"] == "treasury")
    key = SigningKey.generate()
    with httpx.Client(timeout=20) as http:
        token = client_credentials(
            stack["services"]["auth"], "treasury", read_jwk(client["privateJwk"]), client["scope"], key, http
        )
        treasury = Client(token, key, http)
        accounts = treasury.call("GET", f"{stack['services']['account']}/v1/accounts")["accounts"]
        assert any(one["kind"] == "external" for one in accounts)
        transfer = {
            "debitAccountId": new_id("acc"),
            "creditAccountId": accounts[0]["accountId"],
            "amountMinor": 1,
            "currency": accounts[0]["currency"],
        }
        with pytest.raises(Problem) as refused:
            treasury.call("POST", f"{stack['services']['account']}/v1/transfers", transfer)
        assert refused.value.code == "ledger.account_not_found"
