import { readFileSync } from 'node:fs';

import * as z from 'zod';

/** Where the vectors are kept. */
export const vectorFile = new URL('../../vectors/envelope.json', import.meta.url);

const jwk = z.looseObject({ kty: z.string(), crv: z.string(), x: z.string() });

const content = z.object({
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
  testDecryptionKeys: z.record(z.string(), jwk),
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

/** The vectors as a producer or consumer in any language would read them. */
export function readVectors(): z.output<typeof content> {
  return content.parse(JSON.parse(readFileSync(vectorFile, 'utf8')));
}
