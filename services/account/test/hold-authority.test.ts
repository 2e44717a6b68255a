import { describe, expect, test } from '@jest/globals';
import { captureIdOf, holdIdOf, newId, transferIdOf, transferIdOfOrder } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';

import type { Capturer, CommandOf, Hold } from '../src/domain/book.ts';
import { refusalOnHold } from '../src/domain/hold-authority.ts';
import { cancelFor, captureFor, orderFor, requestFor, withIds, type Signer } from './evidence-of.ts';
import { account, nowMs } from './ledger-arbitraries.ts';

const paymentId = newId('pay');
const payee: Signer = { kind: 'subject', id: 'usr_payee' };
const payer: Signer = { kind: 'subject', id: 'usr_payer' };
const shop: Signer = { kind: 'producer', id: 'shop' };
const stranger: Signer = { kind: 'subject', id: 'usr_stranger' };
const credit = account('acc_payee', { ownerId: payee.id });

const hold = (capturer: Capturer | undefined): Hold => ({
  holdId: holdIdOf(paymentId),
  debitAccountId: 'acc_payer',
  creditAccountId: 'acc_payee',
  amountMinor: 500n,
  currency: 'EUR',
  paymentId,
  authorizationId: undefined,
  capturer,
  postedMinor: 0n,
  status: 'open',
  expiresAtMs: nowMs + 1_000,
  placedAtMs: nowMs,
  endedAtMs: undefined,
});
const onHold = { holdId: holdIdOf(paymentId), debitAccountId: 'acc_payer', paymentId };
const capture = { amountMinor: 300n, final: false };
const transferId = transferIdOf(paymentId, captureIdOf(paymentId, capture));
const post: CommandOf<'post'> = { kind: 'post', ...onHold, ...capture, transferId };
const release: CommandOf<'void'> = { kind: 'void', ...onHold };

const byPayee: Capturer = { kind: 'payee' };
const byPayer: Capturer = { kind: 'subject', id: payer.id };
const byShop: Capturer = { kind: 'producer', id: shop.id };
const refusal = (
  command: CommandOf<'post' | 'void'>,
  capturer: Capturer | undefined,
  evidence: VerifiedEvidence | undefined,
) => refusalOnHold(command, hold(capturer), credit, evidence);

describe('a hold', () => {
  test.each([
    ['the payee', byPayee, payee],
    ['the customer who ordered the payment', byPayer, payer],
    ['the producer who ordered the payment', byShop, shop],
    ['the payee, if the previous release placed it', undefined, payee],
  ])('is posted and voided by %s, if that is the capturer', (_name, capturer, by) => {
    expect(refusal(post, capturer, captureFor(post, by))).toBeUndefined();
    expect(refusal(release, capturer, cancelFor(paymentId, by))).toBeUndefined();
  });

  test.each([
    ['the payer, if the payee captures', byPayee, payer],
    ['the payee, if the payer captures', byPayer, payee],
    ['the payee, if the producer captures', byShop, payee],
    ['a stranger', byPayee, stranger],
    ['another producer', byShop, { kind: 'producer', id: 'other' } as const],
    ['a customer with the name of the producer', byShop, { kind: 'subject', id: shop.id } as const],
    ['the payer, if the previous release placed it', undefined, payer],
  ])('is not posted by %s', (_name, capturer, by) => {
    expect(refusal(post, capturer, captureFor(post, by))).toBe('evidence.not_owner');
  });

  test('is voided by the payee whoever captures, and by nobody else', () => {
    for (const capturer of [byPayee, byPayer, byShop, { kind: 'automatic' } as const])
      expect(refusal(release, capturer, cancelFor(paymentId, payee))).toBeUndefined();
    expect(refusal(release, byPayee, cancelFor(paymentId, payer))).toBe('evidence.not_owner');
    expect(refusal(release, byPayee, cancelFor(paymentId, shop))).toBe('evidence.not_owner');
    expect(refusal(release, byPayer, cancelFor(paymentId, stranger))).toBe('evidence.not_owner');
  });

  test('is posted without evidence only in full and only if its order captures at once', () => {
    const full = { ...post, amountMinor: 500n, final: true, transferId: transferIdOfOrder(paymentId) };
    expect(refusal(full, { kind: 'automatic' }, undefined)).toBeUndefined();
    expect(refusal({ ...full, amountMinor: 499n }, { kind: 'automatic' }, undefined)).toBe(
      'evidence.mismatch',
    );
    expect(refusal({ ...full, final: false }, { kind: 'automatic' }, undefined)).toBe('evidence.mismatch');
    expect(refusal({ ...full, transferId: newId('trf') }, { kind: 'automatic' }, undefined)).toBe(
      'evidence.mismatch',
    );
    expect(refusal(full, byPayee, undefined)).toBe('evidence.invalid');
    expect(refusal(release, { kind: 'automatic' }, undefined)).toBe('evidence.invalid');
  });
});

describe('a capture of the capturer', () => {
  const signed = captureFor(post, payee);

  test.each([
    ['another amount', { amountMinor: 301n }],
    ['the release of the rest', { final: true }],
    ['another transfer id', { transferId: newId('trf') }],
    ['another payment', { paymentId: newId('pay') }],
  ])('does not permit %s', (_name, changes) => {
    expect(refusal({ ...post, ...changes }, byPayee, signed)).toBe('evidence.mismatch');
  });

  test('of another payment permits nothing', () => {
    const other = captureFor({ ...post, paymentId: newId('pay') }, payee);
    expect(refusal(post, byPayee, other)).toBe('evidence.mismatch');
  });

  test('has one transfer id for each name', () => {
    const named = newId('cap');
    const command = { ...post, transferId: transferIdOf(paymentId, named) };
    expect(refusal(command, byPayee, captureFor(post, payee, named))).toBeUndefined();
    expect(refusal(post, byPayee, captureFor(post, payee, named))).toBe('evidence.mismatch');
  });

  test('permits no cancellation, and a cancellation permits no capture', () => {
    expect(refusal(release, byPayee, signed)).toBe('evidence.mismatch');
    expect(refusal(post, byPayee, cancelFor(paymentId, payee))).toBe('evidence.mismatch');
  });

  test('is not replaced by the order of the payment', () => {
    const { authorizationId: _id, capturer: _capturer, ...placed } = hold(byShop);
    const command = withIds({ kind: 'hold', ...placed, authorizationId: undefined });
    expect(refusal(post, byShop, orderFor(command, shop.id))).toBe('evidence.kind_refused');
    expect(refusal(post, byPayer, requestFor(command, payer.id))).toBe('evidence.kind_refused');
  });
});
