import { base64url, flipBit, rawJws } from '../raw-jws.ts';
import { record, refused, taken, whereOf, wrong } from './batch-case.ts';
import { batchMistakes } from './batch-mistakes.ts';
import { batchParts } from './batch-parts.ts';
import { batchClaims, batchInputs, signedTree, signingInput, type SignedTree } from './batch-trees.ts';
import type { BatchWorld } from './batch-world.ts';
import type { VectorCase } from './cases.ts';
import { headerOf } from './messages.ts';
import { batchForm, ed25519, rootInput, sha256, signatureBytes } from './reference-tree.ts';

const ED25519_BYTES = 64;
/** Order of the group of Ed25519 (RFC 8032 §5.1). */
const ED25519_L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Builds the cases of valid records and of every defect of one. */
export async function batchCases(world: BatchWorld): Promise<VectorCase[]> {
  return [
    ...largest(world),
    ...shapes(world),
    ...headers(world),
    ...keys(world),
    ...batchParts(world),
    ...signatures(world),
    ...(await forms(world)),
    ...batchMistakes(world),
    ...bindings(world),
  ];
}

/** Builds a tree of the maximum size or larger: fillers, except for the messages at some positions. */
function largeTree(size: number, indexes: readonly number[], { batching }: BatchWorld): SignedTree {
  const inputs = Array.from({ length: size }, (_, index) => `filler.${index}`);
  for (const index of indexes) inputs[index] = signingInput(batching, batchClaims(size, index));
  return signedTree(inputs, batching);
}

function largest(world: BatchWorld): VectorCase[] {
  const full = batchForm.sizeMax;
  const fullTree = largeTree(full, [0, full - 1], world);
  const over = full + 1;
  const overTree = largeTree(over, [0, full], world);
  return [
    taken('the first of a batch as large as may be', record(fullTree, 0), whereOf(full, 0)),
    taken('the last of a batch as large as may be', record(fullTree, full - 1), whereOf(full, full - 1)),
    wrong('the first of a batch of one too many', record(overTree, 0), whereOf(over, 0)),
    wrong(
      'the last of a batch of one too many, whose path is one hash long',
      record(overTree, full),
      whereOf(over, full),
    ),
  ];
}

function shapes({ batching }: BatchWorld): VectorCase[] {
  const tree = signedTree(batchInputs(3, batching), batching);
  const good = record(tree, 1);
  const where = whereOf(3, 1);
  const malformed = (name: string, value: string): VectorCase =>
    refused('shape', 'envelope.malformed', name, value, where);
  const [head, body, part = ''] = good.split('.');
  const bytes = Buffer.from(part, 'base64url');
  // The two characters that differ between base64 and base64url.
  const plainBase64 = bytes.toString('base64').replaceAll('=', '');
  if (plainBase64 === part) throw new Error('this signature part reads the same in both alphabets');
  return [
    malformed('no signature part', `${head}.${body}`),
    malformed('a signature part that is empty', `${head}.${body}.`),
    malformed('a signature part in base64, not base64url', `${head}.${body}.${plainBase64}`),
    malformed('a signature part with padding', `${good}=`),
    malformed('the path as a separate part', `${good}.${base64url(bytes.subarray(-32))}`),
  ];
}

function headers({ batching }: BatchWorld): VectorCase[] {
  const where = whereOf(1, 0);
  const header = (name: string, changes: object): VectorCase => {
    const head = base64url(JSON.stringify({ ...headerOf(batching), alg: batchForm.alg, ...changes }));
    const body = base64url(JSON.stringify(batchClaims(1, 0)));
    const tree = signedTree([`${head}.${body}`], batching);
    return refused('header', 'envelope.header_refused', name, record(tree, 0), where);
  };
  return [
    header('another version of the algorithm', { alg: batchForm.alg.replace('-v1', '-v2') }),
    header('the algorithm in capitals', { alg: batchForm.alg.toUpperCase() }),
    header('the root in the header', { root: base64url(sha256()) }),
    header('the algorithm named critical', { crit: ['alg'] }),
    header('a key in the header', { jwk: batching.publicJwk }),
  ];
}

function keys(world: BatchWorld): VectorCase[] {
  const where = whereOf(2, 0);
  const by = (name: keyof Omit<BatchWorld, 'registrar' | 'keyTopic' | 'batchingP256'>): string =>
    record(signedTree(batchInputs(2, world[name]), world[name]), 0);
  const invalid = (name: string, value: string): VectorCase =>
    refused('key_validity', 'envelope.key_not_valid', name, value, where);
  const onP256 = signedTree(batchInputs(2, world.batchingP256), world.batching);
  return [
    taken('a batch by a key that is retired and has not ended', by('batchingRetired'), where),
    refused('key_validity', 'envelope.key_revoked', 'a revoked key', by('batchingRevoked'), where),
    invalid('a certificate that says nothing of batches', by('acme')),
    invalid('a certificate that says batch: false', by('notBatching')),
    refused(
      'key_validity',
      'envelope.issuer_mismatch',
      "another producer's name over a key that may sign batches",
      by('payment'),
      where,
    ),
    wrong('a key on P-256 whose certificate allows batches', record(onP256, 0), where),
  ];
}

function signatures({ batching, acme, payment }: BatchWorld): VectorCase[] {
  const tree = signedTree(batchInputs(4, batching), batching);
  const where = whereOf(4, 1);
  const signedBy = (name: string, rootSignature: Buffer): VectorCase =>
    wrong(name, record(tree, 1, { rootSignature }), where);
  const good = record(tree, 1);
  const [head, , part] = good.split('.');
  const { data, ...claims } = batchClaims(4, 1);
  const raised = base64url(
    JSON.stringify({ ...claims, data: { ...(data as object), amountMinor: 999_999 } }),
  );
  const input = rootInput(tree.root, 4);
  const asText = Buffer.from(`${head}.${base64url(tree.root)}`);
  return [
    wrong('a changed bit in the signature of the root', flipBit(good, 2, 3), where),
    wrong('a changed bit in the path', flipBit(good, 2, 72), where),
    wrong('a signature part over another amount', `${head}.${raised}.${part}`, where),
    wrong("another record's signature part", `${tree.inputs[1]}.${record(tree, 2).split('.')[2]}`, where),
    signedBy(
      "the root signed by another producer's key that may sign batches",
      ed25519(input, payment.keyObject),
    ),
    signedBy('the root signed by another key of the producer', ed25519(input, acme.keyObject)),
    signedBy(
      'the signature of the root of another batch',
      signedTree(batchInputs(5, batching), batching).rootSignature,
    ),
    signedBy(
      'a signature over the root as text, like that of a plain JWS',
      ed25519(asText, batching.keyObject),
    ),
    signedBy('a signature over the root alone', ed25519(tree.root, batching.keyObject)),
    signedBy('a signature of zeros', Buffer.alloc(ED25519_BYTES)),
    signedBy('the signature with S + L for S (RFC 8032 §5.1.7)', malleable(tree.rootSignature)),
  ];
}

/** The plain form and the batch form cannot be confused. */
async function forms({ batching, batchingP256 }: BatchWorld): Promise<VectorCase[]> {
  const where = whereOf(1, 0);
  const claims = batchClaims(1, 0);
  const inBatch = signedTree(batchInputs(1, batching), batching);
  const input = inBatch.inputs[0]!;
  const plainSignature = ed25519(Buffer.from(input), batching.keyObject);
  const withAlg = (alg: string, part: Buffer, key = batching): string =>
    `${signingInput(key, claims, alg)}.${base64url(part)}`;
  const partUnder = (alg: string): Buffer => {
    const { rootSignature } = signedTree([signingInput(batching, claims, alg)], batching);
    return signatureBytes({ rootSignature, index: 0, size: 1, path: [] });
  };
  return [
    taken(
      'the same message in the plain form, by the same key',
      await rawJws(headerOf(batching), claims, batching),
      where,
    ),
    wrong('a plain signature under the algorithm of batches', `${input}.${base64url(plainSignature)}`, where),
    wrong(
      'a plain signature as that of the root of a batch of one',
      record(inBatch, 0, { rootSignature: plainSignature }),
      where,
    ),
    wrong('a signature part of a batch under EdDSA', withAlg('EdDSA', partUnder('EdDSA')), where),
    wrong('a signature part of a batch under Ed25519', withAlg('Ed25519', partUnder('Ed25519')), where),
    wrong(
      'the signature of the root alone under EdDSA',
      withAlg('EdDSA', partUnder('EdDSA').subarray(0, ED25519_BYTES)),
      where,
    ),
    wrong(
      'a signature part of a batch under ES256',
      withAlg('ES256', partUnder('ES256'), batchingP256),
      where,
    ),
  ];
}

/** A message in a batch is bound like a message that is signed alone. */
function bindings({ batching }: BatchWorld): VectorCase[] {
  const value = record(signedTree(batchInputs(5, batching), batching), 3);
  const here = whereOf(5, 3);
  return [
    refused('binding', 'envelope.audience_mismatch', 'a record copied to another topic', value, {
      ...here,
      topic: 'account.commands.v1',
    }),
    refused(
      'binding',
      'envelope.subject_mismatch',
      'a record under the key of its neighbour',
      value,
      whereOf(5, 4),
    ),
  ];
}

/** Returns the other S that satisfies the equation of the signature, beyond the order of the group. */
function malleable(signature: Buffer): Buffer {
  const bigS = BigInt(
    `0x${signature
      .subarray(32)
      .toReversed()
      .reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '')}`,
  );
  const hex = (bigS + ED25519_L).toString(16).padStart(64, '0');
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(hex, 'hex').toReversed()]);
}
