import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { PG_VERSION } from '../src/wire/pipeline.ts';

test('the replaced parts of pg match the installed version', () => {
  const { version } = createRequire(import.meta.url)('pg/package.json') as { version: string };
  // If this fails: read the connection and query code of the new version, compare with wire/, then change the
  // constant.
  expect(version).toBe(PG_VERSION);
});
