import { sign, verify, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { HASH_BYTES, leafHash, MerkleTree, type Hash } from './merkle.ts';
import type { VerifiedBatches } from './verified-batches.ts';

/**
 * The JWS algorithm of a batch: one Ed25519 signature over the root of a Merkle tree, and in each record's signature
 * part the proof that the record is a leaf. A private name, as RFC 7515 §4.1.1 allows.
 */
export const BATCH_ALG = 'urn:tallystick:jws:merkle-ed25519-v1';

/** Records under one root at the most. */
export const BATCH_SIZE_MAX = 4_096;

const ED25519_BYTES = 64;
const HEAD_BYTES = ED25519_BYTES + 8;
const PATH_MAX = 12;
/** The first byte keeps it apart from every plain JWS, whose signing input is ASCII. */
const CONTEXT = Buffer.concat([Buffer.from([0xff]), Buffer.from('tallystick-batch-v1', 'ascii')]);

type Key = KeyObject | { key: KeyObject; dsaEncoding: 'ieee-p1363' };

const signOnThread = promisify(sign) as (
  algorithm: string | null,
  data: Uint8Array,
  key: Key,
) => Promise<Buffer>;
const verifyOnThread = promisify(verify) as (
  algorithm: string | null,
  data: Uint8Array,
  key: Key,
  signature: Uint8Array,
) => Promise<boolean>;

/**
 * Operations that stay on this thread in a turn of the event loop. Waking another one and being woken by it costs as much
 * as one or two of them, so a message that comes alone is done sooner here; of many, the others go to threads.
 */
const HERE_MAX = 2;
let here = 0;

function staysHere(): boolean {
  if (here === 0) setImmediate(() => (here = 0));
  here += 1;
  return here <= HERE_MAX;
}

async function signData(algorithm: string | null, data: Uint8Array, key: Key): Promise<Buffer> {
  return staysHere() ? sign(algorithm, data, key) : signOnThread(algorithm, data, key);
}

async function verifyData(
  algorithm: string | null,
  data: Uint8Array,
  key: Key,
  signature: Uint8Array,
): Promise<boolean> {
  return staysHere()
    ? verify(algorithm, data, key, signature)
    : verifyOnThread(algorithm, data, key, signature);
}

/** Signs one signing input. */
export async function signPlain(signingInput: string, key: KeyObject, alg: string): Promise<string> {
  const data = Buffer.from(signingInput, 'ascii');
  const signature =
    alg === 'ES256'
      ? await signData('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
      : await signData(null, data, key);
  return signature.toString('base64url');
}

/**
 * Signs many signing inputs at once.
 * @param header the first part of each
 * @param payloads the second
 * @returns a signature part for each, in their order
 */
export async function signBatch(
  header: string,
  payloads: readonly string[],
  key: KeyObject,
): Promise<string[]> {
  const tree = new MerkleTree(payloads.map((payload) => leafHash(header, '.', payload)));
  const rootSignature = await signData(null, rootInput(tree.root, tree.size), key);
  const part = Buffer.alloc(HEAD_BYTES + PATH_MAX * HASH_BYTES);
  part.set(rootSignature);
  part.writeUInt32BE(tree.size, ED25519_BYTES + 4);
  return payloads.map((_, index) => {
    part.writeUInt32BE(index, ED25519_BYTES);
    let end = HEAD_BYTES;
    for (const sibling of tree.path(index)) end += part.write(sibling, end, 'latin1');
    return part.toString('base64url', 0, end);
  });
}

/**
 * Whether the signature part of a compact JWS holds, in either form.
 * @param alg from the protected header; one that is not the key's fails
 * @returns at once where nothing is to be verified, as of a batch that was verified before
 */
export function signatureHolds(
  jws: string,
  alg: string,
  kid: string,
  key: KeyObject,
  batches: VerifiedBatches,
): boolean | Promise<boolean> {
  const end = jws.lastIndexOf('.');
  const signingInput = jws.slice(0, end);
  const part = jws.slice(end + 1);
  const signature = Buffer.from(part, 'base64url');
  // One form only: base64url with other trailing bits would be the same bytes under another text.
  if (signature.toString('base64url') !== part) return false;
  const isEdwards = key.asymmetricKeyType === 'ed25519';
  if (alg === BATCH_ALG) return isEdwards && inBatch(signingInput, signature, kid, key, batches);
  const data = Buffer.from(signingInput, 'latin1');
  if (alg === 'ES256') {
    return (
      !isEdwards &&
      signature.length === ED25519_BYTES &&
      verifyData('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
    );
  }
  return isEdwards && signature.length === ED25519_BYTES && verifyData(null, data, key, signature);
}

function inBatch(
  signingInput: string,
  part: Buffer,
  kid: string,
  key: KeyObject,
  batches: VerifiedBatches,
): boolean | Promise<boolean> {
  const pathBytes = part.length - HEAD_BYTES;
  if (pathBytes < 0 || pathBytes % HASH_BYTES !== 0 || pathBytes / HASH_BYTES > PATH_MAX) return false;
  const index = part.readUInt32BE(ED25519_BYTES);
  const size = part.readUInt32BE(ED25519_BYTES + 4);
  if (size === 0 || size > BATCH_SIZE_MAX) return false;
  const path: Hash[] = [];
  for (let at = HEAD_BYTES; at < part.length; at += HASH_BYTES)
    path.push(part.toString('latin1', at, at + HASH_BYTES));
  const rootSignature = part.subarray(0, ED25519_BYTES);
  const name = `${kid} ${size} ${rootSignature.toString('latin1')}`;
  return batches.holds(name, { leaf: leafHash(signingInput), index, size, path }, (root) =>
    verifyData(null, rootInput(root, size), key, rootSignature),
  );
}

function rootInput(root: Hash, size: number): Buffer {
  const sizeBytes = Buffer.alloc(4);
  sizeBytes.writeUInt32BE(size);
  return Buffer.concat([CONTEXT, sizeBytes, Buffer.from(root, 'latin1')]);
}
