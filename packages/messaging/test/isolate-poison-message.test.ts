import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@tallystick/telemetry';
import type { CheckedRecord } from '../src/consume/checked-record.ts';
import { isolatePoisonMessage, type Trial } from '../src/consume/isolate-poison-message.ts';
import { IncomingRecord } from '../src/publish/record.ts';

/** A message whose span tells whether it ended. */
function messageAt(offset: string): { checked: CheckedRecord; hasEnded: () => boolean } {
  let hasEnded = false;
  const bare = { key: null, value: null, headers: {}, timestamp: '0', attributes: 0, offset };
  const record = new IncomingRecord('topic', 0, bare);
  const message = { record, span: { end: () => (hasEnded = true) } };
  return { checked: { record, message } as unknown as CheckedRecord, hasEnded: () => hasEnded };
}

/** Carries out by `carryOut`, and notes what was. */
function trialOf(
  carryOut: (checked: CheckedRecord) => Promise<void>,
  check: Trial['check'] = () => Promise.reject(new Error('not asked for')),
): { trial: Trial; done: CheckedRecord[] } {
  const done: CheckedRecord[] = [];
  const trial: Trial = {
    topic: 'topic',
    partition: 0,
    isRunning: () => true,
    heartbeat: async () => {},
    check,
    carryOut: async (checked) => {
      await carryOut(checked);
      done.push(checked);
    },
    successes: () => done.length,
    forget: () => {},
    logger: createLogger({ service: 'test', level: 'silent', confidentialFields: [] }),
  };
  return { trial, done };
}

describe('messages that are tried one by one', () => {
  test('are checked anew where the database was away, and what was found before is let go of', async () => {
    const [old, anew] = [messageAt('1'), messageAt('1')];
    const { trial, done } = trialOf(
      async () => {},
      async () => anew.checked,
    );
    expect(await isolatePoisonMessage([old.checked], trial, true)).toBe(true);
    expect(done).toEqual([anew.checked]);
    expect([old.hasEnded(), anew.hasEnded()]).toEqual([true, false]);
  });

  test('go on without the one that fails for ever, once others have succeeded', async () => {
    const [good, bad, next] = [messageAt('1'), messageAt('2'), messageAt('3')];
    const { trial, done } = trialOf(async (checked) => {
      if (checked === bad.checked) throw new Error('a fault of the handler');
    });
    expect(await isolatePoisonMessage([good.checked, bad.checked, next.checked], trial, false)).toBe(true);
    expect(done.map(({ record, refusal }) => [record.offset, refusal?.code])).toEqual([
      [1n, undefined],
      [2n, 'message.handler_failed'],
      [3n, undefined],
    ]);
    expect([good.hasEnded(), bad.hasEnded(), next.hasEnded()]).toEqual([false, true, false]);
  });

  test('are left where they are once the partition is lost', async () => {
    const { trial, done } = trialOf(async () => {});
    expect(
      await isolatePoisonMessage([messageAt('1').checked], { ...trial, isRunning: () => false }, false),
    ).toBe(false);
    expect(done).toEqual([]);
  });
});
