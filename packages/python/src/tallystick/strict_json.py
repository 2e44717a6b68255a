"""JSON as Tallystick takes it (RFC 7493): UTF-8, each member once, bounded depth."""

import json

DEPTH_MAX = 32


def parse(data: bytes) -> object:
    """:raises ValueError: if the bytes are not JSON, or a member stands twice, or it is nested too deep"""
    text = data.decode("utf-8")
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    _check_depth(value, DEPTH_MAX)
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    if "__proto__" in members:
        raise ValueError("a member is named __proto__")
    return members


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _check_depth(value: object, left: int) -> None:
    if not isinstance(value, (dict, list)):
        return
    if left == 0:
        raise ValueError("nested too deep")
    for child in value.values() if isinstance(value, dict) else value:
        _check_depth(child, left - 1)
