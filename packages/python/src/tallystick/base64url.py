"""Base64url as JOSE has it (RFC 7515 §2): no padding, no other alphabet, unused bits zero."""

import base64
import binascii
import json
import re

_TEXT = re.compile(r"[A-Za-z0-9_-]*\Z")


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """:raises ValueError: unless the text is the one encoding of its bytes"""
    if _TEXT.match(text) is None or len(text) % 4 == 1:
        raise ValueError("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data


def encode_json(value: object) -> str:
    return encode(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
