/**
 * Writes the files in packages/security/vectors. Run it after a change of the envelope: node
 * --conditions=@tallystick/source packages/security/test/vectors/generate.ts && npm run format ES256 and JWE are not
 * deterministic, so the bytes of those cases change with each run; the expected results do not.
 */
import { writeFileSync } from 'node:fs';

import { defaultPolicy } from '../../src/index.ts';
import { testPrivateJwk } from '../test-keys.ts';
import { nowS } from '../trust.ts';
import { batchCases } from './batch-cases.ts';
import { treeSizes, treeVector } from './batch-trees.ts';
import { batchWorld } from './batch-world.ts';
import { vectorCases } from './cases.ts';
import { batchVectorFile, vectorFile } from './file.ts';
import { batchForm } from './reference-tree.ts';
import { vectorWorld } from './world.ts';

const world = await vectorWorld();
const envelope = {
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

const batchers = await batchWorld();
const batch = {
  description:
    'Batches of several sizes, each step on the way to their records, and records that a consumer must take or refuse at the time nowS. Bytes are hex. The keys are for tests alone; anybody can make them.',
  nowS,
  policy: defaultPolicy,
  ...batchForm,
  testTrustAnchors: { keys: [batchers.registrar.root.publicJwk] },
  keyTopic: batchers.keyTopic,
  testSigningKeys: { batching: testPrivateJwk('batching') },
  trees: treeSizes.map((size) => treeVector(size, batchers.batching)),
  cases: await batchCases(batchers),
};

for (const [file, content] of [
  [vectorFile, envelope],
  [batchVectorFile, batch],
] as const) {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  process.stdout.write(`${content.cases.length} cases written\n`);
}
