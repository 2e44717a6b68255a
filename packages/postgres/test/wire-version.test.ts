import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { PG_VERSION } from '../src/wire/pipeline.ts';

test('what replaces parts of pg was written for the version that is installed', () => {
  const { version } = createRequire(import.meta.url)('pg/package.json') as { version: string };
  // Another version: read its connection and its query again, compare with wire/, then change the constant.
  expect(version).toBe(PG_VERSION);
});
