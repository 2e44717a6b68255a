import { BATCH_ALG } from '@tallystick/contracts';
import { SIGNATURE_BYTES, type Signer, type Verifier } from '../keyring/signer.ts';
import { HASH_BYTES, leafHash, MerkleTree, type Hash } from './merkle.ts';
import type { VerifiedBatches } from './verified-batches.ts';

/** Maximum number of records under one root. */
export const BATCH_SIZE_MAX = 4_096;

const HEAD_BYTES = SIGNATURE_BYTES + 8;
const PATH_MAX = 12;
/** The first byte distinguishes it from every plain JWS, whose signing input is ASCII. */
const CONTEXT = Buffer.concat([Buffer.from([0xff]), Buffer.from('tallystick-batch-v1', 'ascii')]);

/** Signs one signing input. */
export async function signPlain(signingInput: string, signer: Signer): Promise<string> {
  return (await signer.sign(Buffer.from(signingInput, 'ascii'))).toString('base64url');
}

/**
 * Signs several signing inputs with one signature.
 * @param header the first part of each input
 * @param payloads the second part of each input
 * @returns a signature part for each, in their order
 */
export async function signBatch(
  header: string,
  payloads: readonly string[],
  signer: Signer,
): Promise<string[]> {
  const tree = new MerkleTree(payloads.map((payload) => leafHash(header, '.', payload)));
  const rootSignature = await signer.sign(rootInput(tree.root, tree.size));
  const part = Buffer.alloc(HEAD_BYTES + PATH_MAX * HASH_BYTES);
  part.set(rootSignature);
  part.writeUInt32BE(tree.size, SIGNATURE_BYTES + 4);
  return payloads.map((_, index) => {
    part.writeUInt32BE(index, SIGNATURE_BYTES);
    let end = HEAD_BYTES;
    for (const sibling of tree.path(index)) end += part.write(sibling, end, 'latin1');
    return part.toString('base64url', 0, end);
  });
}

/**
 * Verifies the signature part of a compact JWS, in either form.
 * @param alg from the protected header; it fails if it does not match the key
 * @returns synchronously if nothing must be verified, as for a batch that was verified before
 */
export function signatureHolds(
  jws: string,
  alg: string,
  kid: string,
  key: Verifier,
  batches: VerifiedBatches,
): boolean | Promise<boolean> {
  if (alg !== BATCH_ALG) return plainSignatureHolds(jws, alg, key);
  const { signingInput, signature } = partsOf(jws);
  if (signature === undefined || key.crv !== 'Ed25519') return false;
  return inBatch(signingInput, signature, kid, key, batches);
}

/**
 * Verifies a plain signature part of a compact JWS (RFC 8037, RFC 9864 or RFC 7518).
 * @param alg from the protected header; it fails if it does not match the key
 */
export function plainSignatureHolds(jws: string, alg: string, key: Verifier): boolean | Promise<boolean> {
  const { signingInput, signature } = partsOf(jws);
  if (signature === undefined || key.crv !== (alg === 'ES256' ? 'P-256' : 'Ed25519')) return false;
  return key.verify(Buffer.from(signingInput, 'latin1'), signature);
}

function partsOf(jws: string): { signingInput: string; signature: Buffer | undefined } {
  const end = jws.lastIndexOf('.');
  const part = jws.slice(end + 1);
  const signature = Buffer.from(part, 'base64url');
  // Only the canonical form: base64url with other trailing bits would give the same bytes from another text.
  const isCanonical = signature.toString('base64url') === part;
  return { signingInput: jws.slice(0, end), signature: isCanonical ? signature : undefined };
}

function inBatch(
  signingInput: string,
  part: Buffer,
  kid: string,
  key: Verifier,
  batches: VerifiedBatches,
): boolean | Promise<boolean> {
  const pathBytes = part.length - HEAD_BYTES;
  if (pathBytes < 0 || pathBytes % HASH_BYTES !== 0 || pathBytes / HASH_BYTES > PATH_MAX) return false;
  const index = part.readUInt32BE(SIGNATURE_BYTES);
  const size = part.readUInt32BE(SIGNATURE_BYTES + 4);
  if (size === 0 || size > BATCH_SIZE_MAX) return false;
  const path: Hash[] = [];
  for (let at = HEAD_BYTES; at < part.length; at += HASH_BYTES)
    path.push(part.toString('latin1', at, at + HASH_BYTES));
  const rootSignature = part.subarray(0, SIGNATURE_BYTES);
  const name = `${kid} ${size} ${rootSignature.toString('latin1')}`;
  return batches.holds(name, { leaf: leafHash(signingInput), index, size, path }, (root) =>
    key.verify(rootInput(root, size), rootSignature),
  );
}

function rootInput(root: Hash, size: number): Buffer {
  const sizeBytes = Buffer.alloc(4);
  sizeBytes.writeUInt32BE(size);
  return Buffer.concat([CONTEXT, sizeBytes, Buffer.from(root, 'latin1')]);
}
