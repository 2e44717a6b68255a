import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { KAFKAJS_VERSION } from '../src/wire/kafkajs-protocol.ts';

test('what replaces parts of kafkajs was written for the version that is installed', () => {
  const { version } = createRequire(import.meta.url)('kafkajs/package.json') as { version: string };
  // Another version: read its encoder and decoder again, compare with wire/, then change the constant.
  expect(version).toBe(KAFKAJS_VERSION);
});
