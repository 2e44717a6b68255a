/** A shared buffer: its content is read before anything else can write to it. Larger texts get their own buffer. */
const room = Buffer.alloc(65_536);
const UTF8_BYTES_PER_CHARACTER_MAX = 3;

/** Encodes the UTF-8 of a text as base64url without padding (RFC 7515 §2). */
export function encodeBase64url(text: string): string {
  const bytes = roomFor(text.length * UTF8_BYTES_PER_CHARACTER_MAX);
  return bytes.toString('base64url', 0, bytes.write(text, 'utf8'));
}

/** Decodes a part of a compact serialization as UTF-8 text; invalid base64url is skipped and invalid UTF-8 replaced. */
export function decodeBase64url(part: string): string {
  const bytes = roomFor(part.length);
  return bytes.toString('utf8', 0, bytes.write(part, 'base64url'));
}

function roomFor(bytesMax: number): Buffer {
  return bytesMax <= room.length ? room : Buffer.allocUnsafe(bytesMax);
}
