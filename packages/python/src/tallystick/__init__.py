"""Tallystick for Python: signed envelopes on Kafka, and the HTTP interfaces."""

from .application import sign_application
from .envelope import Opened, Policy, Refused, open_envelope, seal, seal_confidential
from .ids import new_id, uuid7
from .keyring import Certificate, Keyring
from .keys import SigningKey, thumbprint

__all__ = [
    "Certificate",
    "Keyring",
    "Opened",
    "Policy",
    "Refused",
    "SigningKey",
    "new_id",
    "open_envelope",
    "seal",
    "seal_confidential",
    "sign_application",
    "thumbprint",
    "uuid7",
]
