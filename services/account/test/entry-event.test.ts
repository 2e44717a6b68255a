import { expect, test } from '@jest/globals';
import type { DataOf, messages } from '@tallystick/contracts';
import type { OpenedMessage } from '@tallystick/security';
import fc from 'fast-check';

import { publishOutcome } from '../src/app/publish-outcome.ts';
import { noChanges, type LedgerCommand } from '../src/domain/book.ts';
import { apply } from '../src/domain/ledger.ts';
import { replayFact } from '../src/domain/replay.ts';
import { entryFact } from '../src/messages/own-events.ts';
import { anyLegs, newBook, now } from './ledger-arbitraries.ts';

type EntryPosted = OpenedMessage<DataOf<typeof messages.entryPosted>>;

test('publishes an entry of more than two legs, and replays it from its event into a restored book', () => {
  let published = 0;
  fc.assert(
    fc.property(anyLegs, (legs) => {
      const command: LedgerCommand = { kind: 'entry', entryId: 'trf_1', legs, paymentId: 'pay_1' };
      const book = newBook();
      const result = apply(book, noChanges(), command, now);
      if (!result.ok || legs.length === 2) return;
      const sent: { type: string; data: unknown }[] = [];
      publishOutcome(({ type }, data) => void sent.push({ type, data }), { command }, result);
      expect(sent.map(({ type }) => type)).toEqual(['account.entry.posted']);
      const restored = newBook();
      const fact = entryFact({ data: sent[0]!.data } as EntryPosted);
      expect(replayFact(restored, noChanges(), fact)).toBe('replayed');
      expect(restored.accounts).toEqual(book.accounts);
      expect(restored.entries.get('trf_1')).toEqual(book.entries.get('trf_1'));
      published += 1;
    }),
    { numRuns: 300 },
  );
  expect(published).toBeGreaterThan(0);
});
