import { createHash, timingSafeEqual } from 'node:crypto';

/** Computes the digest of a body in the format of `Content-Digest` (RFC 9530): `sha-256=:…:`. */
export function contentDigest(body: string | Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

/** Returns whether `digest` is the digest of `body`, in constant time. */
export function contentDigestMatches(digest: string, body: string | Uint8Array): boolean {
  return constantTimeEqual(digest, contentDigest(body));
}

/** Compares two strings in a time that depends only on their lengths. */
export function constantTimeEqual(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
