import { decide } from '@tallystick/account/domain/decide.ts';
import { aTransfer, bookInMemory } from './ledger-book.ts';
import { perCore, type Bench } from './rates.ts';

const ACCOUNTS = 1_000;
const BATCHES = [1, 100, 400, 8_000];

/** Measures the ledger's rules alone, in memory: authority, mandate, balances. */
export const decideBench: Bench = {
  name: 'decide',
  summary: "the ledger's rules alone, in memory: authority, mandate, balances",
  async run(use) {
    const size = { accounts: ACCOUNTS, hot: 0 };
    await use(
      BATCHES.map((batch) => ({
        name: `decide, ${batch} a batch`,
        unit: 'transfers/s/core',
        round: async () => {
          // Created in advance, so that only the decisions are measured.
          const batches = Array.from({ length: Math.ceil(8_000 / batch) }, () =>
            Array.from({ length: batch }, () => aTransfer(size)),
          );
          const state = bookInMemory(size);
          let at = 0;
          const round = perCore(() => {
            const requests = batches[at]!;
            at = (at + 1) % batches.length;
            if (at === 0) state.usedEvidence.clear();
            if (at === 0) state.book.entries.clear();
            const { results } = decide(state, requests, Date.now());
            if (!results.every(({ ok }) => ok)) throw new Error('a transfer was refused');
            return requests.length;
          });
          return round();
        },
      })),
    );
  },
};
