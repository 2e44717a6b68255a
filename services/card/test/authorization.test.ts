import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

import {
  followHold,
  holdSteps,
  outcomesSoFar,
  type Authorization,
  type HoldEvent,
} from '../src/domain/authorization.ts';
import { authorizationDiagram } from './authorization-diagram.ts';

const requested: Authorization = {
  authorizationId: 'aut_1',
  cardId: 'crd_1',
  paymentId: 'pay_1',
  payeeAccountId: 'acc_2',
  debitAccountId: 'acc_1',
  holdId: 'hld_1',
  amountMinor: 50n,
  clearedMinor: 0n,
  currency: 'EUR',
  status: 'requested',
  code: undefined,
  requestedAtMs: 0,
};

const events: Record<HoldEvent['kind'], HoldEvent> = {
  placed: { kind: 'placed' },
  rejected: { kind: 'rejected', code: 'ledger.insufficient_funds' },
  ended: { kind: 'ended', postedMinor: 30n },
};

/** The state and the published outcomes after each event of the hold in each state. */
const outcomes: Record<Authorization['status'], Record<HoldEvent['kind'], string>> = {
  requested: {
    placed: 'approved: approved',
    rejected: 'declined: declined',
    ended: 'ended: approved, ended',
  },
  approved: { placed: 'approved: ', rejected: 'approved: ', ended: 'ended: ended' },
  declined: { placed: 'declined: ', rejected: 'declined: ', ended: 'ended: ended' },
  ended: { placed: 'ended: ', rejected: 'ended: ', ended: 'ended: ' },
};

const cells = (Object.keys(holdSteps) as Authorization['status'][]).flatMap((status) =>
  (Object.keys(events) as HoldEvent['kind'][]).map((kind) => [kind, status, outcomes[status][kind]] as const),
);

test.each(cells)('a hold event %s in the authorization state %s gives: %s', (kind, status, wanted) => {
  const authorization = { ...requested, status };
  const published = followHold(authorization, events[kind]);
  expect(`${authorization.status}: ${published.join(', ')}`).toBe(wanted);
});

test('the table matches the diagram in the documents', () => {
  const page = readFileSync(new URL('../../../docs/card-states.md', import.meta.url), 'utf8');
  expect(page).toContain(authorizationDiagram(requested));
});

test('an authorization stores the reason of a rejected hold, and the cleared amount of an ended one', () => {
  const declined = { ...requested };
  followHold(declined, events.rejected);
  expect(declined.code).toBe('ledger.insufficient_funds');
  const ended = { ...requested };
  followHold(ended, events.ended);
  expect(ended.clearedMinor).toBe(30n);
});

test.each([
  ['requested', undefined, []],
  ['approved', undefined, ['approved']],
  ['ended', undefined, ['approved', 'ended']],
  ['declined', 'card.expired', ['declined']],
] as const)(
  'a repeated request for an authorization that is %s gets its outcome again',
  (status, code, wanted) => {
    expect(outcomesSoFar({ ...requested, status, code })).toEqual(wanted);
  },
);
