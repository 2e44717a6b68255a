import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@tallystick/telemetry';
import type { CheckedRecord } from '../src/consume/checked-record.ts';
import { isolatePoisonMessage, type Trial } from '../src/consume/isolate-poison-message.ts';
import { IncomingRecord } from '../src/publish/record.ts';

/** Returns a message whose span records whether it ended. */
function messageAt(offset: string): { checked: CheckedRecord; hasEnded: () => boolean } {
  let hasEnded = false;
  const bare = { key: null, value: null, headers: {}, timestamp: '0', attributes: 0, offset };
  const record = new IncomingRecord('topic', 0, bare);
  const opened = { claims: { type: 'payment.create' } };
  const message = { record, opened, span: { end: () => (hasEnded = true) } };
  return { checked: { record, message } as unknown as CheckedRecord, hasEnded: () => hasEnded };
}

/** Returns a trial with this `carryOut`, and the records that were handled. */
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

describe('messages that are retried one by one', () => {
  test('are checked again after an outage of the database, and their old spans end', async () => {
    const [old, fresh] = [messageAt('1'), messageAt('1')];
    const { trial, done } = trialOf(
      async () => {},
      async () => fresh.checked,
    );
    expect(await isolatePoisonMessage([old.checked], trial, true)).toBe(true);
    expect(done).toEqual([fresh.checked]);
    expect([old.hasEnded(), fresh.hasEnded()]).toEqual([true, false]);
  });

  test('continue without a message that always fails, after others have succeeded', async () => {
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

  test('keep their verified type for the metric, if they are quarantined', async () => {
    const [good, bad] = [messageAt('1'), messageAt('2')];
    const { trial, done } = trialOf(async (checked) => {
      if (checked === bad.checked) throw new Error('a fault of the handler');
    });
    await isolatePoisonMessage([good.checked, bad.checked], trial, false);
    expect(done[1]).toMatchObject({ handledType: 'payment.create' });
  });

  test('are left unhandled after the partition is lost', async () => {
    const { trial, done } = trialOf(async () => {});
    expect(
      await isolatePoisonMessage([messageAt('1').checked], { ...trial, isRunning: () => false }, false),
    ).toBe(false);
    expect(done).toEqual([]);
  });
});
