import { base64url } from '../raw-jws.ts';
import { batchClaims, type SignedTree } from './batch-trees.ts';
import type { VectorCase } from './cases.ts';
import { command } from './messages.ts';
import { signatureBytes, type SignatureFields } from './reference-tree.ts';

export interface Where {
  topic: string;
  key: string;
}

/** Returns the topic and record key of the message at this position of a batch. */
export const whereOf = (size: number, index: number): Where => ({
  topic: command.aud,
  key: batchClaims(size, index).sub,
});

export const taken = (name: string, value: string, where: Where): VectorCase => ({
  name,
  ...where,
  value,
  expected: { ok: true, type: command.type },
});

export const refused = (
  check: string,
  code: string,
  name: string,
  value: string,
  where: Where,
): VectorCase => ({ name, ...where, value, expected: { ok: false, check, code } });

/** Builds a case that is refused for its signature. */
export const wrong = (name: string, value: string, where: Where): VectorCase =>
  refused('signature', 'envelope.signature_invalid', name, value, where);

/** Builds a valid record of a batch, except for the changed fields or encoding of its signature part. */
export function record(
  tree: SignedTree,
  index: number,
  changes: Partial<SignatureFields> = {},
  written: (fields: SignatureFields) => Buffer = signatureBytes,
): string {
  const { inputs, rootSignature, path } = tree;
  const good = { rootSignature, index, size: inputs.length, path: path(index) };
  return `${inputs[index]}.${base64url(written({ ...good, ...changes }))}`;
}
