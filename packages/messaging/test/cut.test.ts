import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { cutByBytes } from '../src/publisher.ts';
import type { OutgoingRecord } from '../src/index.ts';

const record = (bytes: number): OutgoingRecord => ({
  id: '',
  topic: 't',
  key: Buffer.from('key'),
  value: Buffer.alloc(bytes),
  headers: {},
});

describe('records for one request', () => {
  test('are cut by bytes, none is lost, and order is kept', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 50 }), (sizes) => {
        const records = sizes.map(record);
        const runs = cutByBytes(records, 4_000);
        expect(runs.flat()).toEqual(records);
        for (const run of runs) {
          expect(run.length).toBeGreaterThan(0);
          const bytes = run.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
          expect(run.length === 1 || bytes <= 4_000).toBe(true);
        }
      }),
    );
  });
});
