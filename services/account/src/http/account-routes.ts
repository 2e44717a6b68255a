import { CodedError, newId, operations } from '@tallystick/contracts';
import { nextCursorOf, rangeOf, type Edge, type WriteRequest } from '@tallystick/http';
import type { Send } from '@tallystick/messaging';
import type { Pool, Transaction } from '@tallystick/postgres';
import { carryOut, type AskedRequest } from '../app/carry-out.ts';
import { setAccountStatus } from '../app/freeze-accounts.ts';
import type { LedgerStore } from '../app/stores.ts';
import { openAccounts } from '../app/open-accounts.ts';
import { postedTransfer } from './posted-transfer.ts';
import { accountStore, findAccount, findAccountPage, trialBalance } from '../store/accounts.ts';
import { findEntryPage, LINE_NUMBER } from '../store/entry-list.ts';

/** Opens, shows and freezes accounts, transfers money between them, and computes the trial balance. */
export function accountRoutes(
  edge: Edge<Send>,
  pool: Pool,
  { ledgerStoreOf, nowMs }: { ledgerStoreOf: (tx: Transaction) => LedgerStore; nowMs: () => number },
): void {
  edge.write(operations.accountOpen, async (requests, tx, send) => {
    const asked = requests.map(({ subject, body: { currency }, traceContext }) => ({
      ownerId: subject,
      currency,
      options: { traceContext },
    }));
    const accounts = await openAccounts(accountStore(tx), send, asked, nowMs());
    return accounts.map((account) => ({ body: account }));
  });

  edge.read(operations.accountList, async ({ subject, query }) => {
    const page = await findAccountPage(pool, subject, rangeOf(query));
    return { body: { accounts: page.items, nextCursor: nextCursorOf(page) } };
  });

  edge.read(operations.accountGet, async ({ subject, params: { accountId } }) => {
    const account = await findAccount(pool, subject, accountId);
    if (account === undefined) throw new CodedError('resource.not_found');
    return { body: account };
  });

  for (const [operation, status] of [
    [operations.accountFreeze, 'frozen'],
    [operations.accountUnfreeze, 'open'],
  ] as const)
    edge.write(operation, async (requests, tx, send) => {
      const orders = requests.map(({ params: { accountId }, traceContext }) => ({
        accountId,
        options: { traceContext },
      }));
      const results = await setAccountStatus(accountStore(tx), send, status, orders, nowMs());
      return results.map((result) => (result instanceof CodedError ? result : { body: result }));
    });

  edge.read(operations.entryList, async ({ subject, params: { accountId }, query }) => {
    const range = rangeOf(query, LINE_NUMBER);
    if ((await findAccount(pool, subject, accountId)) === undefined)
      throw new CodedError('resource.not_found');
    const page = await findEntryPage(pool, accountId, query, range);
    return { body: { entries: page.items, nextCursor: nextCursorOf(page) } };
  });

  edge.write(operations.transferPost, async (requests, tx, send) => {
    const at = nowMs();
    const asked = requests.map(transferAsked);
    const store = ledgerStoreOf(tx);
    const results = carryOut(store, send, await store.load(asked, at), asked, at);
    return results.map((result) => {
      if (!result.ok) return new CodedError(result.code);
      return { body: postedTransfer(result.entry!) };
    });
  });

  edge.read(operations.trialBalance, async () => {
    const currencies = await trialBalance(pool);
    const balanced = currencies.every(
      ({ balancesMinor, entriesMinor, pendingMinor, holdsMinor }) =>
        balancesMinor === 0n && entriesMinor === 0n && pendingMinor === holdsMinor,
    );
    return { body: { currencies, balanced } };
  });
}

/** Builds a ledger request; the HTTP request, which the edge verified, is the evidence. */
function transferAsked({
  subject,
  body,
  caller: { proof },
  traceContext,
}: WriteRequest<typeof operations.transferPost>): AskedRequest {
  if (proof === undefined) throw new Error('a transfer came without a proof');
  return {
    command: { kind: 'transfer', transferId: newId('trf'), paymentId: undefined, refund: false, ...body },
    evidence: {
      kind: 'request',
      use: { iss: proof.keyThumbprint, jti: proof.jti, usableUntilS: proof.issuedAtS },
      subject,
      operation: operations.transferPost,
      params: {},
      body,
      signedAtS: proof.issuedAtS,
    },
    options: { traceContext },
  };
}
