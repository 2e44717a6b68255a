import { expect, test } from '@jest/globals';
import { measurePeer } from '../src/peers/measure-peer.ts';
import { PeerRefusal, type PeerTransfer } from '../src/peers/peer.ts';

const ANSWER_MS = 10;

/** Books in this process, which answer after some milliseconds and refuse one transfer of four. */
function books() {
  const balances = new Map<string, number>();
  const posted: PeerTransfer[] = [];
  return {
    balances,
    posted,
    parts: [{ name: 'books', pid: process.pid }],
    openAccounts: async (count: number) => Array.from({ length: count }, (_, at) => `account-${at}`),
    fund: async (to: string, amountMinor: number) => void balances.set(to, amountMinor),
    async transfer(transfer: PeerTransfer) {
      await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
      posted.push(transfer);
      if (posted.length % 4 === 0) throw new PeerRefusal('no');
    },
    stop: async () => {},
  };
}

const load = {
  accounts: 20,
  clients: 5,
  seconds: 1,
  limitPerSecond: 1_000,
  postgres: { name: 'postgres', pid: null },
};

test('counts transfers in the books and refusals apart, by clients that wait for each answer', async () => {
  const ledger = books();
  const figures = await measurePeer('books', ledger, load);
  // Five clients of ten milliseconds each: 500 answers a second at most, three of four in the books.
  expect(figures.transfers_per_second).toBeGreaterThan(10);
  expect(figures.transfers_per_second).toBeLessThanOrEqual(400);
  expect(figures.refused).toBeGreaterThan(0);
  expect(figures.p50_ms).toBeGreaterThanOrEqual(ANSWER_MS - 1);
  expect(figures.ratio_to_limit).toBeCloseTo(figures.transfers_per_second / 1_000, 2);
});

test('payers are funded, and each transfer goes from one to a merchant under a unique reference', async () => {
  const ledger = books();
  await measurePeer('books', ledger, load);
  expect(ledger.balances.size).toBe(18);
  expect(new Set(ledger.posted.map(({ reference }) => reference)).size).toBe(ledger.posted.length);
  for (const { from, to } of ledger.posted) {
    expect(ledger.balances.has(from)).toBe(true);
    expect(ledger.balances.has(to)).toBe(false);
  }
});

test('an error that is no refusal ends the measurement', async () => {
  const gone = { ...books(), transfer: () => Promise.reject(new Error('connection refused')) };
  await expect(measurePeer('books', gone, load)).rejects.toThrow('connection refused');
});
