import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fuzzMessages } from '../src/messages/fuzz-messages.ts';
import { readMessages } from '../src/messages/generate.ts';
import { startRunningSystem, type RunningSystem } from './running-system.ts';

const START_TIMEOUT_MS = 120_000;
const RUN_TIMEOUT_MS = 180_000;

let running: RunningSystem;

beforeAll(async () => {
  running = await startRunningSystem();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await running.stop();
}, START_TIMEOUT_MS);

describe('a running system', () => {
  test(
    'ends every generated message as its schema says',
    async () => {
      const { sent, valid, quarantined, answers, faults } = await fuzzMessages(
        running.world,
        { examples: 3, seed: 1 },
        () => {},
      );
      expect(faults).toEqual([]);
      expect(sent).toBeGreaterThanOrEqual(readMessages().length * 6);
      expect(valid).toBeLessThan(sent);
      expect(quarantined['envelope.schema_invalid']).toBeGreaterThan(0);
      expect(Object.keys(answers)).toContain('account.hold.rejected evidence.invalid');
    },
    RUN_TIMEOUT_MS,
  );
});
