import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { rehearse } from '../src/rehearse.ts';
import { restoreAll } from '../src/rehearsals/restore.ts';

const TIMEOUT_MS = 180_000;

test(
  'every promise holds after all databases are restored to an earlier point',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tallystick-rehearsal-'));
    const said: string[] = [];
    const options = { directory, kafkaBrokers: process.env['TEST_KAFKA_BROKERS']!, rate: 10, pauseMs: 1_000 };
    try {
      const { promises, payments } = await rehearse(restoreAll, { ...options, seed: 1 }, (line) =>
        said.push(line),
      );
      expect(promises.filter(({ held }) => !held)).toEqual([]);
      expect(payments['captured']).toBeGreaterThan(20);
      expect(said).toContain('Losing Postgres');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);
