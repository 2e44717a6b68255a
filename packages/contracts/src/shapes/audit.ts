import * as z from 'zod';
import { id } from './identifiers.ts';
import { time } from './time.ts';

/** The outcome of a decision that was carried out; otherwise its outcome is the code of the refusal. */
export const AUDIT_DONE = 'done';

/** The actor of a decision about somebody who is not known, such as a sign-in with an unknown name. */
export const AUDIT_NOBODY = 'nobody';

/** A decision about identity, keys, consent or authority, or an operator's act. It never has a confidential field. */
export const auditEntry = z.strictObject({
  entryId: id('aud'),
  occurredAt: time,
  actor: z
    .string()
    .max(200)
    .meta({ description: 'Who: a customer, client, producer or service, or `nobody`' }),
  clientId: z.string().max(200).optional().meta({ description: 'The client through which the actor acted' }),
  action: z
    .string()
    .max(100)
    .meta({ description: 'What: the name of an operation, command or step of a sign-in' }),
  object: z.string().max(200).optional().meta({ description: 'On what: an id' }),
  reason: z.string().max(500).optional().meta({ description: 'Why, in the words of an operator' }),
  outcome: z.string().max(100).meta({ description: '`done`, or the code of the refusal' }),
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .meta({ description: 'The trace of the decision', examples: ['4bf92f3577b34da6a3ce929d0e0e4736'] })
    .optional(),
});
export type AuditEntry = z.output<typeof auditEntry>;

/** The place of an entry in the chain of its service. */
export const auditLink = {
  seq: z.int().min(1).meta({ description: 'Place in the chain of the service, from 1' }),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({
      description:
        'SHA-256 of the hash before it (32 zero bytes before the first) and the entry without seq and hash, as canonical JSON (RFC 8785)',
      examples: ['0'.repeat(64)],
    }),
};
