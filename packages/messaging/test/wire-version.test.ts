import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { KAFKAJS_VERSION } from '../src/wire/kafkajs-protocol.ts';

test('the replaced parts of kafkajs match the installed version', () => {
  const { version } = createRequire(import.meta.url)('kafkajs/package.json') as { version: string };
  // If this fails: read the encoder and decoder of the new version, compare with wire/, then change the constant.
  expect(version).toBe(KAFKAJS_VERSION);
});
