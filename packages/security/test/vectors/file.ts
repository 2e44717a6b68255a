import { readFileSync } from 'node:fs';

import * as z from 'zod';

/** The file of the vectors of the plain form and of both forms. */
export const vectorFile = new URL('../../vectors/envelope.json', import.meta.url);
/** The file of the vectors of the batch form. */
export const batchVectorFile = new URL('../../vectors/batch.json', import.meta.url);

const jwk = z.looseObject({ kty: z.string(), crv: z.string(), x: z.string() });
const hex = z.string().regex(/^([0-9a-f]{2})+$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const surroundings = z.object({
  nowS: z.int(),
  policy: z.object({
    valueBytesMax: z.int(),
    clockSkewS: z.int(),
    commandLifetimeMaxS: z.int(),
    eventHorizonS: z.int(),
  }),
  testTrustAnchors: z.object({ keys: z.array(jwk) }),
  keyTopic: z.array(z.string()),
  testSigningKeys: z.record(z.string(), jwk),
  cases: z.array(
    z.object({
      name: z.string(),
      topic: z.string(),
      key: z.string().nullable(),
      value: z.string().nullable(),
      expected: z.union([
        z.object({ ok: z.literal(true), type: z.string() }),
        z.object({ ok: z.literal(false), check: z.string(), code: z.string() }),
      ]),
    }),
  ),
});

const content = surroundings.extend({ testDecryptionKeys: z.record(z.string(), jwk) });

const batchContent = surroundings.extend({
  alg: z.string(),
  sizeMax: z.int(),
  trees: z.array(
    z.object({
      size: z.int(),
      records: z.array(
        z.object({
          index: z.int(),
          topic: z.string(),
          key: z.string(),
          value: z.string(),
          leaf: hash,
          path: z.array(hash),
          signaturePart: hex,
        }),
      ),
      nodes: z.array(z.object({ first: z.int(), last: z.int(), hash })),
      root: hash,
      rootInput: hex,
      rootSignature: hex,
    }),
  ),
});

/** Reads the vectors as a producer or consumer in any language would. */
export function readVectors(): z.output<typeof content> {
  return content.parse(JSON.parse(readFileSync(vectorFile, 'utf8')));
}

/** Reads the vectors of the batch form in the same way. */
export function readBatchVectors(): z.output<typeof batchContent> {
  return batchContent.parse(JSON.parse(readFileSync(batchVectorFile, 'utf8')));
}
