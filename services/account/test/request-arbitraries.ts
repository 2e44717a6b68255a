import fc from 'fast-check';

import type { LedgerCommand } from '../src/domain/book.ts';
import type { LedgerRequest, State } from '../src/domain/decide.ts';
import { mandateKey, type Mandate } from '../src/domain/mandate.ts';
import { orderFor, requestFor, type TakingCommand } from './evidence-of.ts';
import { anyCommand, newBook } from './ledger-arbitraries.ts';

/** A mandate by which the third party `acme` may debit Ann. */
export const mandate: Mandate = {
  mandateId: 'mdt_1',
  accountId: 'ann',
  ownerId: 'owner of ann',
  grantee: { kind: 'producer', id: 'acme' },
  currency: 'EUR',
  limits: { perPaymentMinor: 1_000n, perDayMinor: 3_000n, perMonthMinor: 3_000n },
  status: 'active',
  grantedAtMs: 0,
};

/** Creates a book with one unused mandate. */
export const newState = (): State => ({
  book: newBook(),
  mandates: new Map([[mandateKey('ann', mandate.grantee), mandate]]),
  usage: new Map(),
  usedEvidence: new Set(),
});

export function takes(command: LedgerCommand): command is TakingCommand {
  return command.kind === 'hold' || command.kind === 'transfer';
}

/** A command with evidence: the owner's, a third party's, another customer's, used evidence, or none. */
export const anyRequest: fc.Arbitrary<LedgerRequest> = fc
  .record({
    command: anyCommand,
    by: fc.constantFrom('owner', 'owner', 'owner', 'producer', 'producer', 'thief', 'invalid', 'nobody'),
    jti: fc.integer({ min: 0, max: 60 }).map(String),
  })
  .map(({ command, by, jti }): LedgerRequest => {
    if (!takes(command) || by === 'nobody') return { command };
    if (by === 'invalid') return { command, evidence: { code: 'evidence.expired' } };
    if (by === 'producer') return { command, evidence: orderFor(command, 'acme', jti) };
    const subject = by === 'owner' ? `owner of ${command.debitAccountId}` : 'thief';
    return { command, evidence: requestFor(command, subject, jti) };
  });
