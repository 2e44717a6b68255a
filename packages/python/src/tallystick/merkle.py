"""Batch signatures: one Ed25519 signature over the root of a Merkle tree (RFC 9162 §2.1)."""

import hashlib
from dataclasses import dataclass

BATCH_ALG = "urn:tallystick:jws:merkle-ed25519-v1"
SIZE_MAX = 4_096
_HASH_BYTES = 32
_PREFIX = b"\xfftallystick-batch-v1"


def leaf_hash(signing_input: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + signing_input).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_input(size: int, root: bytes) -> bytes:
    """Returns the bytes that are signed once for a batch."""
    return _PREFIX + size.to_bytes(4, "big") + root


@dataclass(frozen=True)
class Proof:
    """The signature part of a record: the root's signature, and the proof that the record is a leaf."""

    root_signature: bytes
    index: int
    size: int
    path: tuple[bytes, ...]


def parse_proof(part: bytes) -> Proof | None:
    """Reads a signature part; ``None`` if it is none."""
    if len(part) < 72 or (len(part) - 72) % _HASH_BYTES != 0:
        return None
    index, size = (int.from_bytes(part[at : at + 4], "big") for at in (64, 68))
    if not 0 < size <= SIZE_MAX or index >= size:
        return None
    path = tuple(part[at : at + _HASH_BYTES] for at in range(72, len(part), _HASH_BYTES))
    return Proof(part[:64], index, size, path)


def root_of(leaf: bytes, proof: Proof) -> bytes | None:
    """Computes the root from a leaf and its path (RFC 9162 §2.1.3.2); ``None`` if the path has another length."""
    first, last = proof.index, proof.size - 1
    root = leaf
    for sibling in proof.path:
        if last == 0:
            return None
        if first % 2 == 1 or first == last:
            root = node_hash(sibling, root)
            while first % 2 == 0 and first != 0:
                first, last = first >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        first, last = first >> 1, last >> 1
    return root if last == 0 else None
