/**
 * Writes packages/security/vectors/envelope.json. Run it after a change of the envelope:
 *   node --conditions=@tallystick/source packages/security/test/vectors/generate.ts
 * ES256 and JWE are not deterministic, so the bytes of those cases change with each run; what is expected does not.
 */
import { mkdirSync, writeFileSync } from 'node:fs';

import { defaultPolicy } from '../../src/index.ts';
import { testPrivateJwk } from '../test-keys.ts';
import { nowS } from '../trust.ts';
import { vectorCases } from './cases.ts';
import { vectorFile } from './file.ts';
import { vectorWorld } from './world.ts';

const world = await vectorWorld();
const content = {
  description:
    'Records as they stand on Kafka, and what a consumer must make of each at the time nowS: the message, or the check that fails first and its code. The keys are for tests alone; anybody can make them.',
  nowS,
  policy: defaultPolicy,
  testTrustAnchors: { keys: [world.registrar.root.publicJwk] },
  keyTopic: world.keyTopic,
  testSigningKeys: { acme: testPrivateJwk('acme'), acmeP256: testPrivateJwk('acmeP256', 'P-256') },
  testDecryptionKeys: { card: testPrivateJwk('card', 'X25519') },
  cases: await vectorCases(world),
};
mkdirSync(new URL('.', vectorFile), { recursive: true });
writeFileSync(vectorFile, `${JSON.stringify(content, null, 2)}\n`);
process.stdout.write(`${content.cases.length} cases written\n`);
