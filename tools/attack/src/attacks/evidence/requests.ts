import type { Evidence } from '@tallystick/contracts';
import type { Attack } from '../../attack.ts';
import { newEndToEndId, orderOf } from '../../kafka/order.ts';
import type { World } from '../../target/world.ts';
import { holdAttack, holdFor, requestOf } from './hold.ts';

/** The body of the victim's order with manual capture, from the safe to the till. */
const orderBody = ({ accounts }: World): string =>
  JSON.stringify({
    source: { kind: 'account', accountId: accounts.safe },
    payee: { kind: 'account', accountId: accounts.till },
    amountMinor: 900,
    currency: 'EUR',
    capture: 'manual',
    capturedBy: 'payee',
    endToEndId: newEndToEndId(),
  });

/** Makes an attack by a request as evidence, for a hold from the safe to the thief. */
function requestAttack(name: string, code: string, make: (world: World) => Promise<Evidence>): Attack {
  return holdAttack(`request-${name}`, code, async (world) => holdFor(orderOf(world), await make(world)));
}

/** Holds by a thief of the payment service's key, with the request of a customer as evidence. */
export const requestEvidenceAttacks: readonly Attack[] = [
  requestAttack('for-another-payee', 'evidence.mismatch', (world) =>
    requestOf(world, world.victim.client, 'payment.create', '/v2/payments', orderBody(world)),
  ),
  requestAttack('of-another-customer', 'ledger.account_not_found', (world) =>
    requestOf(world, world.thief.client, 'payment.create', '/v2/payments', orderBody(world)),
  ),
  requestAttack('with-another-body', 'evidence.invalid', async (world) => ({
    ...(await requestOf(world, world.victim.client, 'payment.create', '/v2/payments', orderBody(world))),
    body: orderBody(world).replace(world.accounts.till, world.accounts.loot),
  })),
  requestAttack('for-another-operation', 'evidence.invalid', async (world) => ({
    ...(await requestOf(world, world.victim.client, 'payment.create', '/v2/payments', orderBody(world))),
    operation: 'account.transfer',
  })),
  requestAttack('for-a-read', 'evidence.invalid', (world) =>
    requestOf(world, world.victim.client, 'account.list', '/v1/accounts', '', 'GET'),
  ),
  requestAttack('for-an-unknown-operation', 'evidence.invalid', (world) =>
    requestOf(world, world.victim.client, 'payment.steal', '/v2/payments', orderBody(world)),
  ),
  requestAttack('for-a-transfer', 'evidence.invalid', (world) =>
    requestOf(
      world,
      world.victim.client,
      'account.transfer',
      '/v1/transfers',
      JSON.stringify({
        debitAccountId: world.accounts.safe,
        creditAccountId: world.accounts.loot,
        amountMinor: 900,
        currency: 'EUR',
      }),
    ),
  ),
  requestAttack('with-the-proof-of-the-thief', 'evidence.invalid', async (world) => ({
    ...(await requestOf(world, world.thief.client, 'payment.create', '/v2/payments', orderBody(world))),
    accessToken: world.victim.client.accessToken,
  })),
  requestAttack('with-the-token-of-another', 'evidence.invalid', async (world) => ({
    ...(await requestOf(world, world.victim.client, 'payment.create', '/v2/payments', orderBody(world))),
    accessToken: world.thief.client.accessToken,
  })),
  requestAttack('on-a-path-in-capitals', 'evidence.invalid', (world) =>
    requestOf(world, world.victim.client, 'payment.create', '/v2/PAYMENTS', orderBody(world)),
  ),
];
