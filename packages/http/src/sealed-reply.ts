import { confidentialFields, type OperationDefinition } from '@tallystick/contracts';
import { decryptField, encryptField, type FieldPlace, type KeySet } from '@tallystick/security';
import { keyName, type IdempotentRequest } from './idempotency.ts';
import type { EncodedReply } from './reply.ts';

/** A stored answer: its body in the clear or encrypted. */
export interface SealedReply {
  status: number;
  body: string | null;
  bodyEncrypted: Buffer | null;
}

/** Returns the response fields marked as confidential; an answer with any of them is not stored in the clear. */
export function confidentialReplyFields({ versions }: OperationDefinition): readonly string[] {
  return Object.values(versions).flatMap(({ response }) => [...confidentialFields(response)]);
}

/**
 * Builds the stored form of an answer.
 * @param keys the service's encryption keys, if the answer is confidential
 */
export function sealReply(
  { status, body }: EncodedReply,
  request: IdempotentRequest,
  keys: KeySet | undefined,
): SealedReply {
  if (keys === undefined) return { status, body, bodyEncrypted: null };
  return { status, body: null, bodyEncrypted: encryptField(keys, body, placeOf(request)) };
}

/**
 * Opens an answer stored by {@link sealReply}.
 * @throws Error if it is encrypted and cannot be decrypted: a broken invariant
 */
export function openReply(
  { status, body, bodyEncrypted }: SealedReply,
  request: IdempotentRequest,
  keys: KeySet | undefined,
): EncodedReply {
  if (bodyEncrypted === null) return { status, body: body! };
  if (keys === undefined) throw new Error('a kept answer is encrypted, and there are no keys');
  return { status, body: decryptField(keys, bodyEncrypted, placeOf(request)) };
}

function placeOf(request: IdempotentRequest): FieldPlace {
  return { table: 'idempotency_key', column: 'body_encrypted', rowId: keyName(request) };
}
