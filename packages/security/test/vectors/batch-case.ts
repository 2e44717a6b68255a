import { base64url } from '../raw-jws.ts';
import { batchClaims, type SignedTree } from './batch-trees.ts';
import type { VectorCase } from './cases.ts';
import { command } from './messages.ts';
import { signatureBytes, type SignatureFields } from './reference-tree.ts';

export interface Where {
  topic: string;
  key: string;
}

/** Where the message at this place of a batch belongs. */
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

/** Refused for its signature. */
export const wrong = (name: string, value: string, where: Where): VectorCase =>
  refused('signature', 'envelope.signature_invalid', name, value, where);

/** A record of a batch, good but for the fields of its signature part that are changed, or for how they are written. */
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
