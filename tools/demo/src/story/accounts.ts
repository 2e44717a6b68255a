import { formatAmount, operations } from '@tallystick/contracts';
import { THIRD_PARTY } from '@tallystick/stack';
import type { World } from '../world.ts';

/** Returns the balance of one of a person's accounts. */
export async function balanceOf(
  world: World,
  who: 'customer' | 'merchant',
): Promise<{ posted: bigint; available: bigint }> {
  const accountId = who === 'customer' ? world.customerAccountId : world.merchantAccountId;
  const { body } = await world[who].call(operations.accountGet, { params: { accountId } });
  return { posted: body.postedMinor, available: body.availableMinor };
}

/** Opens an account for each customer and transfers money from an external account. */
export async function openAndFund(world: World): Promise<void> {
  const { narrator, customer, merchant, operators } = world;
  const [mine, theirs] = await Promise.all([
    customer.call(operations.accountOpen, { body: { currency: 'EUR' } }),
    merchant.call(operations.accountOpen, { body: { currency: 'EUR' } }),
  ]);
  world.customerAccountId = mine.body.accountId;
  world.merchantAccountId = theirs.body.accountId;
  narrator.tell(`customer's account ${world.customerAccountId}`);
  narrator.tell(`merchant's account ${world.merchantAccountId}`);
  narrator.tell(`GET ${customer.services.account}/v1/accounts/${world.customerAccountId}`);

  const outside = (await operators.call(operations.accountList)).body.accounts.find(
    ({ currency }) => currency === 'EUR',
  );
  if (outside === undefined) throw new Error('the treasury has no external account in EUR');
  const { body: transfer } = await operators.call(operations.transferPost, {
    body: {
      debitAccountId: outside.accountId,
      creditAccountId: world.customerAccountId,
      amountMinor: 100_000n,
      currency: 'EUR',
    },
  });
  const { posted } = await balanceOf(world, 'customer');
  narrator.check(
    `${formatAmount(transfer.amountMinor, 'EUR')} arrive from an external account`,
    posted === 100_000n,
    transfer.transferId,
  );
}

/** Grants a third party a mandate to debit the customer's account, within limits. */
export async function grantMandate(world: World, producerId = THIRD_PARTY): Promise<void> {
  const { narrator, customer } = world;
  const { body } = await customer.call(operations.mandateCreate, {
    body: {
      accountId: world.customerAccountId,
      grantee: { kind: 'producer', id: producerId },
      currency: 'EUR',
      limits: { perPaymentMinor: 10_000n, perDayMinor: 20_000n, perMonthMinor: 50_000n },
    },
  });
  narrator.check(
    `${producerId} may debit the account: 100.00 EUR a payment, 200.00 a day, 500.00 a month`,
    body.status === 'active',
    body.mandateId,
  );
  narrator.tell(`GET ${customer.services.account}/v1/mandates`);
}
