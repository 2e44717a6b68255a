import { messages } from '@tallystick/contracts';

import type { Unsealed } from '../../src/index.ts';
import type { TestKey } from '../trust.ts';
import { base64url } from '../raw-jws.ts';
import { nowS } from '../trust.ts';
import { command, headerOf, order, uuid } from './messages.ts';
import {
  batchForm,
  ed25519,
  inclusionPath,
  innerNodes,
  merkleTreeHash,
  rfc9162,
  rootInput,
  signatureBytes,
  type Hashing,
} from './reference-tree.ts';

/** Sizes whose trees are recorded in full. */
export const treeSizes = [1, 2, 3, 4, 5, 7, 8, 13] as const;

/** A record of a batch with its leaf and its proof; bytes are hex. */
export interface TreeRecord {
  index: number;
  topic: string;
  key: string;
  value: string;
  leaf: string;
  path: string[];
  signaturePart: string;
}

/** A batch with each intermediate step; bytes are hex. */
export interface TreeVector {
  size: number;
  records: TreeRecord[];
  /** The nodes above the leaves; `first` and `last` are the leaves that a node covers. */
  nodes: { first: number; last: number; hash: string }[];
  root: string;
  rootInput: string;
  rootSignature: string;
}

const batchPaymentId = (size: number, index: number): string => `pay_${uuid(1_000_000 + size * 100 + index)}`;

/** Builds the claims of the message at a position of a batch. */
export function batchClaims(size: number, index: number): typeof command {
  const paymentId = batchPaymentId(size, index);
  const { endToEndId, ...rest } = order;
  return {
    ...command,
    sub: paymentId,
    jti: uuid(2_000_000 + size * 100 + index),
    // In the order of the schema, which determines the bytes.
    data: { ...rest, paymentId, amountMinor: 1_000 + index, capture: 'automatic', endToEndId },
  };
}

/** Builds the same message for the sealing code. */
export function unsealed(size: number, index: number): Unsealed {
  const { data, jti, txn } = batchClaims(size, index);
  return {
    definition: messages.paymentCreate,
    data: { ...(data as object), amountMinor: BigInt(1_000 + index) },
    options: { topic: command.aud, jti, txn, version: command.version },
  };
}

/** The time at which the messages were sealed, in milliseconds. */
export const sealedAtMs = (nowS - 5) * 1_000;

/** Builds the signing input of header and payload; `alg` may differ from that of batches. */
export function signingInput(key: TestKey, claims: object, alg: string = batchForm.alg): string {
  const header = { ...headerOf(key), alg };
  return `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
}

export interface SignedTree {
  inputs: readonly string[];
  leaves: readonly Buffer[];
  root: Buffer;
  rootSignature: Buffer;
  path(index: number): Buffer[];
}

/** Builds a tree over signing inputs with a signed root, by the specification or with a mistake. */
export function signedTree(
  inputs: readonly string[],
  key: TestKey,
  hashing: Hashing = rfc9162,
  signed: (root: Buffer, size: number) => Buffer = rootInput,
): SignedTree {
  const leaves = inputs.map((input) => hashing.leaf(Buffer.from(input)));
  const root = merkleTreeHash(leaves, hashing);
  return {
    inputs,
    leaves,
    root,
    rootSignature: ed25519(signed(root, inputs.length), key.keyObject),
    path: (index) => inclusionPath(index, leaves, hashing),
  };
}

/** Builds the signing inputs of a batch of this size. */
export function batchInputs(size: number, key: TestKey): string[] {
  return Array.from({ length: size }, (_, index) => signingInput(key, batchClaims(size, index)));
}

/** Builds a batch with all steps. */
export function treeVector(size: number, key: TestKey): TreeVector {
  const { inputs, leaves, root, rootSignature, path } = signedTree(batchInputs(size, key), key);
  return {
    size,
    records: inputs.map((input, index) => {
      const part = signatureBytes({ rootSignature, index, size, path: path(index) });
      return {
        index,
        topic: command.aud,
        key: batchPaymentId(size, index),
        value: `${input}.${base64url(part)}`,
        leaf: leaves[index]!.toString('hex'),
        path: path(index).map((hash) => hash.toString('hex')),
        signaturePart: part.toString('hex'),
      };
    }),
    nodes: innerNodes(leaves).map(({ first, last, hash }) => ({ first, last, hash: hash.toString('hex') })),
    root: root.toString('hex'),
    rootInput: rootInput(root, size).toString('hex'),
    rootSignature: rootSignature.toString('hex'),
  };
}
