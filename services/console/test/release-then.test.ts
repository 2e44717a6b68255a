import { describe, expect, test } from '@jest/globals';
import { releaseText } from '../src/http/pages/payments/release-then.ts';
import type { FoundRecord } from '../src/message-index/find-records.ts';

const releaseId = 'ab'.repeat(32);
const record = { type: 'payment.captured', version: 1, issuer: 'payment' } as FoundRecord;
const declaring = (...sends: string[]): Parameters<typeof releaseText>[1] => ({
  releaseId,
  declared: {
    service: 'payment',
    releaseId,
    declaredAt: '2026-11-29T00:00:00.000Z',
    operations: new Set(),
    messages: new Set(sends),
    sends: new Set(sends),
  },
});

describe('the release that wrote a message', () => {
  test('declared this version of it, or did not', () => {
    expect(releaseText(record, declaring('payment.captured@1')).markup).toContain('declares this message');
    expect(releaseText(record, declaring('payment.captured@2')).markup).toContain(
      'did not declare this message',
    );
  });

  test('is named also if its contracts were not read, and is not known before the first declaration', () => {
    expect(releaseText(record, { releaseId, declared: undefined }).markup).toMatch(
      /ababababab.*whose contracts were not read/,
    );
    expect(releaseText(record, undefined).markup).toContain('payment had declared none by then');
  });
});
