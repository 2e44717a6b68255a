import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@tallystick/contracts';
import fc from 'fast-check';

import type { Book, LedgerCommand } from '../src/domain/book.ts';
import { decide, type LedgerRequest, type State } from '../src/domain/decide.ts';
import { transferOf } from '../src/domain/entry.ts';
import { HOLD_LIFETIME_MAX_MS } from '../src/domain/ledger.ts';
import { mandateKey } from '../src/domain/mandate.ts';
import { startAccountWorld, type AccountWorld } from './account-world.ts';
import { account, brokenRules } from './ledger-arbitraries.ts';
import {
  ann,
  anns,
  annsCard,
  carls,
  nowMs,
  orders,
  payees,
  seen,
  shop,
  signEverything,
  steps,
  type SignedOrder,
  type SignedStep,
} from './signed-wishes.ts';

/**
 * A payment service and a card service in the hands of an attacker. They hold their own keys and everything that passed
 * through them, and send the ledger any commands in any order. What the ledger carries out is compared with what the
 * owners signed, by rules that share no code with the ledger.
 */

let world: AccountWorld;
beforeAll(async () => {
  world = await startAccountWorld();
  await signEverything(world);
});
afterAll(() => world.stop());

function newState(): State {
  const limits = { perPaymentMinor: 1_000n, perDayMinor: 2_000n, perMonthMinor: 2_000n };
  const grantees = [
    { kind: 'producer', id: shop },
    { kind: 'card', id: annsCard },
  ] as const;
  const mandates = grantees.map((grantee) => ({
    mandateId: `mdt_${grantee.id}`,
    accountId: anns,
    ownerId: ann,
    grantee,
    currency: 'EUR' as const,
    limits,
    status: 'active' as const,
    grantedAtMs: 0,
  }));
  const accounts = [...payees].map(([accountId, ownerId]) =>
    account(accountId, { ownerId, postedMinor: 5_000n }),
  );
  accounts.push(account('outside', { minimumBalanceMinor: null, postedMinor: -15_000n }));
  return {
    book: {
      accounts: new Map(accounts.map((one) => [one.accountId, one])),
      holds: new Map(),
      entries: new Map(),
      paid: new Map(),
    },
    mandates: new Map(mandates.map((one) => [mandateKey(one.accountId, one.grantee), one])),
    usage: new Map(),
    usedEvidence: new Set(),
    wishes: new Set(),
  };
}

/** A change that the attacker makes to a command: it takes a field from another command, or invents a value. */
function changed(
  command: LedgerCommand,
  from: LedgerCommand,
  field: string,
  invented: boolean,
): LedgerCommand {
  const mixed: Record<string, unknown> = { ...command };
  const other = from as unknown as Record<string, unknown>;
  if (!(field in mixed)) return command;
  if (field === 'amountMinor') mixed[field] = invented ? (command.kind === 'void' ? 1n : 999n) : other[field];
  else if (field === 'final' || field === 'refund') mixed[field] = mixed[field] !== true;
  else if (field === 'authorizationId') mixed[field] = invented ? newId('aut') : other[field];
  else if (invented || other[field] === undefined) mixed[field] = inventedId(field);
  else mixed[field] = other[field];
  return Object.values(mixed).includes(undefined) && !('authorizationId' in mixed)
    ? command
    : (mixed as unknown as LedgerCommand);
}

function inventedId(field: string): string {
  if (field === 'holdId') return newId('hld');
  if (field === 'transferId') return newId('trf');
  return field === 'paymentId' ? newId('pay') : carls;
}

const fields = [
  'holdId',
  'transferId',
  'debitAccountId',
  'creditAccountId',
  'amountMinor',
  'paymentId',
  'final',
  'refund',
  'authorizationId',
];
interface Move {
  at: number;
  which: number;
  evidenceAt: number | undefined;
  changes: { field: string; from: number; invented: boolean }[];
  isBare: boolean;
}

const change = fc.record({ field: fc.constantFrom(...fields), from: fc.nat(), invented: fc.boolean() });
const move: fc.Arbitrary<Move> = fc.record({
  at: fc.nat(),
  which: fc.nat(),
  evidenceAt: fc.option(fc.nat(), { nil: undefined, freq: 4 }),
  changes: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Move['changes']>([]) },
    { weight: 1, arbitrary: fc.array(change, { minLength: 1, maxLength: 2 }) },
  ),
  isBare: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
});
/** The attacker concentrates on one payment, whose steps follow one another, and mixes in all others. */
const attack = fc.record({
  focus: fc.nat(),
  batches: fc.array(
    fc.array(fc.tuple(move, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 12 }),
    {
      minLength: 1,
      maxLength: 8,
    },
  ),
});

const pick = <Item>(items: readonly Item[], at: number): Item => items[at % items.length]!;

function requestOf({ at, which, evidenceAt, changes, isBare }: Move, among: typeof seen): LedgerRequest {
  const base = pick(among, at);
  let command = pick(base.commands, which);
  for (const { field, from, invented } of changes)
    command = changed(command, pick(pick(seen, from).commands, from), field, invented);
  if (isBare) return { command };
  return { command, evidence: evidenceAt === undefined ? base.evidence : pick(seen, evidenceAt).evidence };
}

/** Returns what the ledger carried out without the owner's order, or twice. */
function stolen({ holds, entries }: Book): string[] {
  const found: string[] = [];
  const touched = new Map<SignedOrder, Set<string>>();
  const orderOf = (paymentId: string | undefined): SignedOrder | undefined => {
    const order = orders.find(({ paymentIds }) => paymentIds.includes(paymentId ?? ''));
    if (order === undefined) found.push(`nobody ordered ${paymentId}`);
    else touched.set(order, (touched.get(order) ?? new Set()).add(paymentId!));
    return order;
  };
  const signed = (kind: SignedStep['kind'], paymentId: string, order: SignedOrder): SignedStep[] =>
    steps.filter((one) => one.kind === kind && one.paymentId === paymentId && mayStep(one, order));
  /** How often a payment moved an amount, as a payment or as a refund. */
  const times = new Map<string, number>();
  const moved = new Map<string, bigint>();
  for (const hold of holds.values()) {
    const order = orderOf(hold.paymentId);
    if (order === undefined) continue;
    if (hold.debitAccountId !== order.payer || hold.creditAccountId !== order.payee)
      found.push(`${hold.holdId} is between other accounts`);
    if (hold.amountMinor !== order.amountMinor) found.push(`${hold.holdId} is for another amount`);
    if (hold.expiresAtMs - hold.placedAtMs > HOLD_LIFETIME_MAX_MS)
      found.push(`${hold.holdId} lasts too long`);
    if (hold.status === 'voided' && signed('cancel', hold.paymentId, order).length === 0)
      found.push(`${hold.holdId} was voided`);
  }
  for (const entry of entries.values()) {
    const { debitAccountId, creditAccountId, amountMinor } = transferOf(entry)!;
    const order = orderOf(entry.paymentId);
    if (order === undefined) continue;
    const paymentId = entry.paymentId!;
    const [from, to] = entry.refund ? [order.payee, order.payer] : [order.payer, order.payee];
    if (debitAccountId !== from || creditAccountId !== to) found.push(`${entry.entryId} is between others`);
    const kind = entry.refund ? 'refund' : 'capture';
    const key = `${kind} ${paymentId} ${amountMinor}`;
    times.set(key, (times.get(key) ?? 0) + 1);
    const isAtOnce = kind === 'capture' && order.capturedBy === undefined;
    const allowed = isAtOnce
      ? Number(amountMinor === order.amountMinor)
      : signed(kind, paymentId, order).filter((one) => one.amountMinor === amountMinor).length;
    if (times.get(key)! > allowed) found.push(`${key}: ${times.get(key)} times, ${allowed} signed`);
    if (kind === 'capture') moved.set(paymentId, (moved.get(paymentId) ?? 0n) + amountMinor);
  }
  for (const [paymentId, sum] of moved)
    if (sum > orderOf(paymentId)!.amountMinor) found.push(`${paymentId} moved ${sum}`);
  for (const [{ initiator }, ids] of touched)
    if (ids.size > 1) found.push(`an order of ${initiator} was carried out ${ids.size} times`);
  return found;
}

/** Returns whether the signer may take a step, as the order says. */
function mayStep({ kind, by }: SignedStep, { payee, capturedBy, initiator }: SignedOrder): boolean {
  const payeeId = payees.get(payee);
  if (kind === 'refund') return by === payeeId;
  const capturer = capturedBy === 'payee' ? payeeId : initiator;
  return by === capturer || (kind === 'cancel' && by === payeeId);
}

/** Returns how much of Ann's mandates is held or moved, by rules that share no code with the ledger. */
function usedOf({ holds, entries }: Book): bigint {
  let sum = 0n;
  for (const hold of holds.values())
    if (hold.debitAccountId === anns && hold.counted !== undefined)
      sum += hold.status === 'open' ? hold.amountMinor : hold.postedMinor;
  for (const entry of entries.values()) {
    const { debitAccountId, amountMinor } = transferOf(entry)!;
    const order = orders.find(({ paymentIds }) => paymentIds.includes(entry.paymentId ?? ''));
    const isByShop = order?.initiator === shop && entry.holdId === undefined && !entry.refund;
    if (debitAccountId === anns && isByShop) sum += amountMinor;
  }
  return sum;
}

test('hostile payment and card services move nothing that its owner did not order, and nothing twice', () => {
  const carriedOut = new Map<string, number>();
  fc.assert(
    fc.property(attack, ({ focus, batches }) => {
      const state = newState();
      const { paymentIds } = pick(orders, focus);
      const focused = seen.filter(({ commands }) =>
        commands.some((one) => 'paymentId' in one && paymentIds.includes(one.paymentId ?? '')),
      );
      batches.forEach((moves, at) => {
        const requests = moves.map(([one, far]) => requestOf(one, far === 0 ? seen : focused));
        const { results } = decide(state, requests, nowMs + at);
        results.forEach((result, one) => {
          const { kind } = requests[one]!.command;
          if (result.ok && result.again !== true) carriedOut.set(kind, (carriedOut.get(kind) ?? 0) + 1);
        });
      });
      expect(stolen(state.book)).toEqual([]);
      const month = new Date(nowMs).toISOString().slice(0, 7);
      const used = [...state.usage].filter(([key]) => key.endsWith(` ${month}`));
      expect(used.reduce((sum, [, minor]) => sum + minor, 0n)).toBe(usedOf(state.book));
      const outside = state.book.accounts.get('outside')!;
      expect(outside.postedMinor).toBe(-15_000n);
      expect(brokenRules(state.book).filter((rule) => !rule.startsWith('sequence'))).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
  // The attacker also sends what was ordered: otherwise nothing would have been tried.
  for (const kind of ['hold', 'transfer', 'post', 'void'])
    expect([kind, (carriedOut.get(kind) ?? 0) > 100]).toEqual([kind, true]);
}, 120_000);
