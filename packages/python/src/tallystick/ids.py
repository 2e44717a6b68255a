"""Ids: UUIDv7 (RFC 9562 §5.7), with a prefix that tells the kind."""

import os
import time
import uuid


def uuid7(time_ms: int | None = None) -> str:
    """Creates a UUIDv7.

    :param time_ms: milliseconds since the epoch; now if absent
    """
    at = int(time.time() * 1000) if time_ms is None else time_ms
    number = int.from_bytes(os.urandom(10), "big") | (at << 80)
    number = number & ~(0xF000 << 64) | (0x7000 << 64)
    number = number & ~(0xC000 << 48) | (0x8000 << 48)
    return str(uuid.UUID(int=number))


def new_id(prefix: str) -> str:
    """Creates an id such as ``pay_0197…``; a later id sorts later."""
    return f"{prefix}_{uuid7()}"
