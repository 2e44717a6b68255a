import type { World } from '@tallystick/chaos';
import { operations, type ServiceName } from '@tallystick/contracts';
import { CURRENCY, onDatabase } from '@tallystick/load';
import { OUTSIDE_PRODUCER } from '@tallystick/stack';

const DEPOSIT_MINOR = 4_200n;

/** What was changed over HTTP, which no topic asks for again. */
export interface HttpChanges {
  /** What of it is not as it was told to the client. */
  objections(lost: readonly ServiceName[]): Promise<string[]>;
}

/** Opens an account, brings money in, and grants and withdraws a mandate. */
export async function changeOverHttp(world: World): Promise<HttpChanges> {
  const { people, stack } = world;
  const { client } = people.payer;
  const { accountId } = (await client.call(operations.accountOpen, { body: { currency: CURRENCY } })).body;
  const outside = (await people.operator.call(operations.accountList)).body.accounts.find(
    ({ currency, kind }) => currency === CURRENCY && kind === 'outside_world',
  );
  await people.operator.call(operations.transferPost, {
    body: {
      debitAccountId: outside!.accountId,
      creditAccountId: accountId,
      amountMinor: DEPOSIT_MINOR,
      currency: CURRENCY,
    },
  });
  const { mandateId } = (
    await client.call(operations.mandateCreate, {
      body: {
        accountId,
        grantee: { kind: 'producer', id: OUTSIDE_PRODUCER },
        currency: CURRENCY,
        limits: { perPaymentMinor: 1n, perDayMinor: 1n, perMonthMinor: 1n },
      },
    })
  ).body;
  await client.call(operations.mandateWithdraw, { params: { mandateId } });
  return {
    async objections() {
      const [found] = await onDatabase(stack.postgres.account!, (query) =>
        query<{ posted: bigint; mandate: string | null }>(
          `SELECT a.posted_minor AS posted, (SELECT status FROM mandate WHERE mandate_id = $2) AS mandate
           FROM account a WHERE a.account_id = $1`,
          [accountId, mandateId],
        ),
      );
      return [
        ...(found === undefined ? [`the account ${accountId} that was opened over HTTP is gone`] : []),
        ...(found !== undefined && found.posted !== DEPOSIT_MINOR
          ? [`${accountId} has ${found.posted} and should have ${DEPOSIT_MINOR}`]
          : []),
        ...(found !== undefined && found.mandate !== 'withdrawn'
          ? [`the mandate that was withdrawn is ${found.mandate ?? 'gone'}`]
          : []),
      ];
    },
  };
}
