import { expect, test } from '@jest/globals';
import { newId, type DataOf, type messages } from '@tallystick/contracts';
import { noteSent, type SentMessage } from '@tallystick/messaging/testing';
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

test('publishes an entry in the form in which its readers read it', () => {
  const book = newBook();
  const [payer, payee, fees] = ['ann', 'ben', 'outside'].map((name) => {
    const accountId = newId('acc');
    book.accounts.set(accountId, { ...book.accounts.get(name)!, accountId });
    return accountId;
  });
  const command: LedgerCommand = {
    kind: 'entry',
    entryId: newId('trf'),
    legs: [
      { accountId: payer!, amountMinor: -100n, currency: 'EUR' },
      { accountId: payee!, amountMinor: 97n, currency: 'EUR' },
      { accountId: fees!, amountMinor: 3n, currency: 'EUR' },
    ],
    paymentId: newId('pay'),
  };
  const sent: SentMessage[] = [];
  publishOutcome(noteSent(sent), { command }, apply(book, noChanges(), command, now));
  expect(sent).toMatchObject([
    { type: 'account.entry.posted', data: { entryId: command.entryId, debitAccountId: payer } },
  ]);
});
