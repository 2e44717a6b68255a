import * as z from 'zod';
import { command, event } from '../definitions/message.ts';
import { capturer } from '../shapes/capturer.ts';
import { evidence } from '../shapes/evidence.ts';
import { id } from '../shapes/identifiers.ts';
import { authorityFacts, batchTime } from '../shapes/journal.ts';
import { amountMinor, amountMinorOrZero } from '../shapes/money.ts';
import { betweenAccounts } from '../shapes/between-accounts.ts';
import { ORDER_LIFETIME_S } from '../shapes/order-lifetime.ts';
import { rejection } from '../shapes/rejection.ts';
import { time } from '../shapes/time.ts';

const since = '2026-11-01';
const onHold = { holdId: id('hld'), debitAccountId: id('acc'), paymentId: id('pay') };
const holdFacts = { holdId: id('hld'), ...betweenAccounts, authorizationId: id('aut').optional() };
const holdOfExample = {
  holdId: 'hld_01890a5d-ac96-774b-bcce-b302099a8057',
  debitAccountId: 'acc_01890a5d-ac96-774b-bcce-b302099a8057',
  paymentId: 'pay_01890a5d-ac96-774b-bcce-b302099a8057',
};
const evidenceOfExample = { kind: 'order', envelope: 'text' };
const holdEvent = { key: 'debitAccountId', to: ['card', 'payment'] } as const;

export const holdPlace = command('account.hold.place', {
  from: ['payment', 'card'],
  to: 'account',
  summary: 'Reserve an amount on an account for one payee',
  key: 'debitAccountId',
  lifetimeS: ORDER_LIFETIME_S,
  outcomes: ['account.hold.placed', 'account.hold.rejected'],
  replay: 'state',
  current: { since, data: { ...holdFacts, expiresAt: time, evidence } },
});

export const holdPost = command('account.hold.post', {
  from: ['payment'],
  to: 'account',
  summary: 'Move a held amount, in full or in part, to the payee of the hold',
  key: 'debitAccountId',
  lifetimeS: ORDER_LIFETIME_S,
  outcomes: ['account.transfer.posted', 'account.transfer.rejected', 'account.hold.ended'],
  replay: 'state',
  current: {
    since,
    data: {
      ...onHold,
      transferId: id('trf'),
      amountMinor,
      final: z.boolean().meta({ description: 'Whether the remainder of the hold is released' }),
      evidence: evidence.optional().meta({
        description: "The capturer's order; absent if the payment's own order captures at once",
      }),
    },
    examples: [
      {
        ...holdOfExample,
        transferId: 'trf_01890a5d-ac96-774b-bcce-b302099a8057',
        amountMinor: 1250,
        final: false,
        evidence: evidenceOfExample,
      },
    ],
  },
});

export const holdVoid = command('account.hold.void', {
  from: ['payment'],
  to: 'account',
  summary: 'Release the remainder of a hold',
  key: 'debitAccountId',
  lifetimeS: ORDER_LIFETIME_S,
  outcomes: ['account.hold.ended', 'account.hold.void_rejected'],
  replay: 'none',
  current: {
    since,
    data: {
      ...onHold,
      evidence: evidence.optional().meta({ description: 'The order of the capturer or the payee' }),
    },
    examples: [{ ...holdOfExample, evidence: evidenceOfExample }],
  },
});

export const holdRequestStatus = command('account.hold.request_status', {
  from: ['payment', 'card'],
  to: 'account',
  summary: 'Tell the outcome of a hold again; a hold that was not placed in time is refused',
  key: 'debitAccountId',
  outcomes: ['account.hold.placed', 'account.hold.rejected', 'account.hold.ended'],
  replay: 'none',
  current: { since: '2026-11-29', data: holdFacts },
});

export const holdPlaced = event('account.hold.placed', {
  ...holdEvent,
  summary: 'An amount was reserved',
  replay: 'state',
  current: {
    since,
    data: { ...holdFacts, expiresAt: time, placedAt: batchTime, capturer, ...authorityFacts },
  },
});

export const holdRejected = event('account.hold.rejected', {
  ...holdEvent,
  summary: 'An amount was not reserved',
  replay: 'state',
  current: { since, data: { ...holdFacts, ...rejection } },
});

export const holdEnded = event('account.hold.ended', {
  ...holdEvent,
  summary: 'A hold was voided, has expired or was posted for the last time; its remainder is released',
  replay: 'state',
  current: {
    since,
    data: {
      ...holdFacts,
      how: z.enum(['posted', 'voided', 'expired']),
      postedMinor: amountMinorOrZero,
      releasedMinor: amountMinorOrZero,
      endedAt: batchTime,
    },
  },
});

export const holdVoidRejected = event('account.hold.void_rejected', {
  to: ['payment'],
  summary: 'A hold could not be voided',
  key: 'debitAccountId',
  replay: 'state',
  current: { since, data: { ...onHold, ...rejection } },
});
