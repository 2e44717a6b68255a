import type { World } from '@tallystick/chaos';
import { newJti, operations } from '@tallystick/contracts';
import { CURRENCY, onDatabase } from '@tallystick/load';
import { THIRD_PARTY, POWERLESS_PRODUCER, until } from '@tallystick/stack';

const DEPOSIT_MINOR = 4_200n;
const REFUSED_MINOR = 5_000n;
const OUTCOME_WITHIN_MS = 15_000;

/** Changes made outside the continuing payments; no topic repeats their requests. */
export interface HttpChanges {
  /** Returns the changes that differ from the responses to their requests. */
  objections(): Promise<string[]>;
}

/**
 * Makes changes over HTTP: an account with money, a withdrawn mandate, a refused payment, a revoked producer key. The
 * payment is refused for lack of money, which arrives just afterwards.
 */
export async function changeOverHttp(world: World): Promise<HttpChanges> {
  const { people, parties, stack } = world;
  const { client } = people.payer;
  const accountId = (await client.call(operations.accountOpen, { body: { currency: CURRENCY } })).body
    .accountId;
  const outside = (await people.operators.call(operations.accountList)).body.accounts.find(
    ({ currency, kind }) => currency === CURRENCY && kind === 'external',
  );
  const deposit = () =>
    people.operators.call(operations.transferPost, {
      body: {
        debitAccountId: outside!.accountId,
        creditAccountId: accountId,
        amountMinor: DEPOSIT_MINOR,
        currency: CURRENCY,
      },
    });
  await deposit();
  const mandateId = await withdrawnMandate(world, accountId);
  const paymentId = await refusedPayment(world, accountId, parties.merchantAccountIds[0]!);
  await deposit();
  const kid = await revokedKey(world);
  return {
    async objections() {
      const [account] = await onDatabase(stack.postgres.account!, (query) =>
        query<{ posted: bigint | null; mandate: string | null; moved: bigint }>(
          `SELECT (SELECT posted_minor FROM account WHERE account_id = $1) AS posted,
                  (SELECT status FROM mandate WHERE mandate_id = $2) AS mandate,
                  (SELECT count(*) FROM journal_entry WHERE payment_id = $3) AS moved`,
          [accountId, mandateId, paymentId],
        ),
      );
      const status = await paymentStatus(world, paymentId);
      const [key] = await onDatabase(stack.postgres.auth!, (query) =>
        query<{ status: string }>('SELECT status FROM producer_key WHERE kid = $1', [kid]),
      );
      return [
        ...unless(account!.posted === 2n * DEPOSIT_MINOR, `${accountId} has ${account!.posted}`),
        ...unless(account!.mandate === 'withdrawn', `the withdrawn mandate is ${account!.mandate}`),
        ...unless(account!.moved === 0n, `the refused payment moved money`),
        ...unless(status === 'failed', `the refused payment is ${status ?? 'missing'}`),
        ...unless(key?.status === 'revoked', `the revoked key is ${key?.status ?? 'missing'}`),
      ];
    },
  };
}

function unless(holds: boolean, objection: string): string[] {
  return holds ? [] : [objection];
}

async function withdrawnMandate({ people }: World, accountId: string): Promise<string> {
  const { client } = people.payer;
  const { body } = await client.call(operations.mandateCreate, {
    body: {
      accountId,
      grantee: { kind: 'producer', id: THIRD_PARTY },
      currency: CURRENCY,
      limits: { perPaymentMinor: 1n, perDayMinor: 1n, perMonthMinor: 1n },
    },
  });
  await client.call(operations.mandateWithdraw, { params: { mandateId: body.mandateId } });
  return body.mandateId;
}

async function refusedPayment(world: World, accountId: string, payeeAccountId: string): Promise<string> {
  const { body } = await world.people.payer.client.call(operations.createPayment, {
    body: {
      source: { kind: 'account', accountId },
      payee: { kind: 'account', accountId: payeeAccountId },
      amountMinor: REFUSED_MINOR,
      currency: CURRENCY,
      capture: 'automatic',
      capturedBy: 'payee',
      endToEndId: newJti().replaceAll('-', ''),
    },
  });
  const isRefused = await until(
    async () => (await paymentStatus(world, body.paymentId)) === 'failed',
    OUTCOME_WITHIN_MS,
  );
  if (!isRefused) throw new Error(`${body.paymentId} was not refused within ${OUTCOME_WITHIN_MS} ms`);
  return body.paymentId;
}

async function revokedKey({ people, stack }: World): Promise<string> {
  const { kid } = stack.producers.find(({ id }) => id === POWERLESS_PRODUCER)!;
  await people.operators.call(operations.producerKeyRevoke, {
    params: { producerId: POWERLESS_PRODUCER, kid },
  });
  return kid;
}

async function paymentStatus({ stack }: World, paymentId: string): Promise<string | undefined> {
  const [row] = await onDatabase(stack.postgres.payment!, (query) =>
    query<{ status: string }>('SELECT status FROM payment WHERE payment_id = $1', [paymentId]),
  );
  return row?.status;
}
