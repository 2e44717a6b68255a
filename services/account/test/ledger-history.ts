import { captureIdOf, newId, transferIdOf } from '@tallystick/contracts';
import type { Pool } from '@tallystick/postgres';

import type { LedgerRequest } from '../src/domain/decide.ts';
import { captureFor, requestedIn, requestFor, type TakingCommand } from './evidence-of.ts';

/** Rounds of {@link runLedger}: four messages each. */
export const ROUNDS = 260;

export interface Parties {
  outside: string;
  /** Has a minimum balance of zero, and never more money than the round needs. */
  payer: string;
  payee: string;
}

/** Carries out commands in one batch, and expects each to succeed. */
export type RunBatch = (requests: readonly LedgerRequest[]) => Promise<void>;

/**
 * Funds the payer, holds the whole amount and captures it, in many rounds. Each hold needs the transfer directly before
 * it. Each step of a round is a batch, and every fifth round is one batch.
 */
export async function runLedger({ outside, payer, payee }: Parties, runBatch: RunBatch): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const amountMinor = BigInt(100 + round);
    const endToEndId = `ROUND-${round}`;
    const facts = { amountMinor, currency: 'EUR' } as const;
    const fund: TakingCommand = {
      kind: 'transfer',
      transferId: newId('trf'),
      debitAccountId: outside,
      creditAccountId: payer,
      paymentId: undefined,
      refund: false,
      ...facts,
    };
    const asked: TakingCommand & { kind: 'hold' } = {
      kind: 'hold',
      holdId: '',
      debitAccountId: payer,
      creditAccountId: payee,
      paymentId: '',
      authorizationId: undefined,
      expiresAtMs: Date.now() + 86_400_000,
      ...facts,
    };
    const owner = `owner of ${payer}`;
    const hold = requestedIn(asked, owner, endToEndId);
    const { holdId, paymentId } = hold;
    const transferId = transferIdOf(paymentId, captureIdOf(paymentId, { amountMinor, final: true }));
    const debit = { holdId, debitAccountId: payer, paymentId };
    const post = { kind: 'post', ...debit, transferId, amountMinor, final: true } as const;
    const evidenceOf = (command: LedgerRequest['command']): LedgerRequest['evidence'] => {
      if (command.kind === 'hold') return requestFor(command, owner, newId('pay'), { endToEndId });
      if (command.kind === 'post') return captureFor(command, { kind: 'subject', id: owner });
      return requestFor(fund, `owner of ${outside}`, newId('pay'));
    };
    const run = (...commands: LedgerRequest['command'][]): Promise<void> =>
      runBatch(commands.map((command) => ({ command, evidence: evidenceOf(command) })));
    if (round % 5 === 0) await run(fund, hold, post);
    else {
      await run(fund);
      await run(hold);
      await run(post);
    }
  }
}

/** Reads the visible state of a ledger. */
export async function books(pool: Pool): Promise<unknown[]> {
  const shown = [
    'SELECT account_id, posted_minor, pending_minor, sequence, posted_at FROM account ORDER BY account_id',
    'SELECT hold_id, posted_minor, status, placed_at, ended_at, expires_at FROM hold ORDER BY hold_id',
    `SELECT entry_id, debit_account_id, credit_account_id, amount_minor, currency, debit_sequence, credit_sequence,
            payment_id, hold_id, refund, posted_at
     FROM journal_entry ORDER BY entry_id`,
    'SELECT * FROM journal_line ORDER BY account_id, sequence',
  ];
  const found = await Promise.all(shown.map((statement) => pool.query(statement)));
  return found.map(({ rows }) => rows as unknown);
}
