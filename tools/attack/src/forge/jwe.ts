import {
  createCipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  randomBytes,
  type JsonWebKey,
} from 'node:crypto';
import { encode } from './jws.ts';

const ENC = 'A256GCM';

/** Changes to a JWE: of its header, and of the algorithm that its key is derived for. */
export interface Changes {
  header?: object;
  /** The content instead of the text. */
  content?: Buffer;
}

/** Encrypts a text to a key on X25519, by hand (RFC 7518 §4.6, direct key agreement), with changes to the header. */
export function encryptTo(
  recipient: JsonWebKey,
  kid: string,
  text: string,
  { header: changes = {}, content }: Changes = {},
): string {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const { crv, kty, x } = publicKey.export({ format: 'jwk' });
  const header = encode({ alg: 'ECDH-ES', enc: ENC, cty: 'JWT', kid, epk: { crv, kty, x }, ...changes });
  const secret = diffieHellman({ privateKey, publicKey: createPublicKey({ key: recipient, format: 'jwk' }) });
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', derivedKey(secret), iv);
  cipher.setAAD(Buffer.from(header, 'ascii'));
  const encrypted = Buffer.concat([cipher.update(content ?? Buffer.from(text)), cipher.final()]);
  return [header, '', ...[iv, encrypted, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join(
    '.',
  );
}

/** Derives the content key (Concat KDF of NIST SP 800-56A, one round of SHA-256). */
function derivedKey(secret: Buffer): Buffer {
  const sized = (bytes: Buffer): Buffer => Buffer.concat([numberOf(bytes.length), bytes]);
  const none = sized(Buffer.alloc(0));
  const input = Buffer.concat([numberOf(1), secret, sized(Buffer.from(ENC)), none, none, numberOf(256)]);
  return hash('sha256', input, 'buffer');
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
