import { createHash, timingSafeEqual } from 'node:crypto';

/** The digest of a body as RFC 9530 writes it in `Content-Digest`: `sha-256=:…:`. */
export function contentDigest(body: string | Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

/** Whether `digest` is that of `body`, in constant time. */
export function contentDigestMatches(digest: string, body: string | Uint8Array): boolean {
  return constantTimeEqual(digest, contentDigest(body));
}

/** Compares two strings in a time that depends on their lengths only. */
export function constantTimeEqual(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
