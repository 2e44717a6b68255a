import { captureIdOf, holdIdOf, paymentIdOf, transferIdOf } from '@tallystick/contracts';
import fc from 'fast-check';

import type { LedgerCommand } from '../src/domain/book.ts';
import type { LedgerRequest, State } from '../src/domain/decide.ts';
import { mandateKey, type Mandate } from '../src/domain/mandate.ts';
import {
  cancelFor,
  captureFor,
  orderFor,
  requestedIn,
  requestFor,
  signedAtS,
  withIds,
  type TakingCommand,
} from './evidence-of.ts';
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
  wishes: new Set(),
});

export function takes(command: LedgerCommand): command is TakingCommand {
  return command.kind === 'hold' || command.kind === 'transfer';
}

/** Few customers' own ids, so that orders collide. */
const endToEndIds = ['e0', 'e1', 'e2', 'e3', 'e4', 'e5'];

/**
 * A command with evidence: the owner's, a third party's, another customer's, used evidence, or none. Its ids follow from
 * the order in most cases.
 */
export const anyRequest: fc.Arbitrary<LedgerRequest> = fc
  .record({
    command: anyCommand,
    by: fc.constantFrom('owner', 'owner', 'owner', 'producer', 'producer', 'thief', 'invalid', 'nobody'),
    jti: fc.integer({ min: 0, max: 60 }).map(String),
    endToEndId: fc.constantFrom(...endToEndIds),
    payerId: fc.constantFrom('ann', 'ben'),
    keepsIds: fc.integer({ min: 0, max: 9 }).map((at) => at === 0),
  })
  .map(({ command, by, jti, endToEndId, payerId, keepsIds }): LedgerRequest => {
    if (command.kind === 'post' || command.kind === 'void') {
      const payer = { kind: 'subject', id: `owner of ${payerId}` } as const;
      const order = { subject: payer.id, sourceId: payerId, endToEndId };
      const paymentId = by === 'producer' ? command.paymentId : paymentIdOf(order, signedAtS);
      const asked = { ...command, paymentId, holdId: holdIdOf(paymentId), debitAccountId: payerId };
      const signer = by === 'producer' ? ({ kind: 'producer', id: 'acme' } as const) : payer;
      if (by === 'nobody') return { command: asked };
      if (asked.kind === 'void') return { command: asked, evidence: cancelFor(paymentId, signer) };
      const transferId = transferIdOf(paymentId, captureIdOf(paymentId, asked));
      return { command: { ...asked, transferId }, evidence: captureFor(asked, signer) };
    }
    if (!takes(command) || by === 'nobody') return { command };
    if (by === 'invalid') return { command, evidence: { code: 'evidence.expired' } };
    if (by === 'producer') {
      const ordered = keepsIds || command.paymentId === undefined ? command : withIds(command);
      return { command: ordered, evidence: orderFor(ordered, 'acme', jti) };
    }
    const subject = by === 'owner' ? `owner of ${command.debitAccountId}` : 'thief';
    const isOrder = command.paymentId !== undefined && !(command.kind === 'transfer' && command.refund);
    const asked = keepsIds
      ? command
      : isOrder
        ? requestedIn(command, subject, endToEndId)
        : command.paymentId === undefined
          ? command
          : withIds(command);
    return { command: asked, evidence: requestFor(asked, subject, jti, { endToEndId }) };
  });
