import { holdIdOf, messages, type DataOf, type Evidence } from '@tallystick/contracts';
import { publishRaw, sealAs, type ApiClient } from '@tallystick/demo';
import { makeProof } from '@tallystick/security';
import { verdict, type Attack } from '../../attack.ts';
import { orderOf } from '../../kafka/order.ts';
import type { Producer, World } from '../../target/world.ts';

/** The topic of the ledger's commands. */
export const LEDGER = 'account.commands.v1';
/** A command to place a hold. */
export type Hold = DataOf<typeof messages.holdPlace>;
type Order = DataOf<typeof messages.paymentCreate>;

/** Signs an order of a third party for a hold. @param changes of the order */
export async function order(world: World, changes: Partial<Order> = {}, by: Producer = world.producers.acme) {
  const terms = orderOf(world, { capture: 'manual', ...changes });
  const { value } = await sealAs(world, by.id, by.key, messages.paymentCreate, terms);
  return { terms, evidence: { kind: 'order', envelope: value } as const };
}

/** Returns the hold for which an order asks, as the payment service requests it. */
export function holdFor(
  { paymentId, amountMinor, currency, source, payee }: Order,
  evidence: Evidence,
): Hold {
  return {
    holdId: holdIdOf(paymentId),
    debitAccountId: (source as { accountId: string }).accountId,
    creditAccountId: payee.accountId,
    amountMinor,
    currency,
    paymentId,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    evidence,
  };
}

/** Places a hold with the payment service's key. @returns the outcome, with its code */
export async function place(world: World, hold: Hold): Promise<string> {
  const sealed = await sealAs(world, 'payment', world.serviceKeys.payment, messages.holdPlace, hold);
  await publishRaw(world, LEDGER, sealed.key, sealed.value);
  const event = await world.watch.events.next(
    ({ claims }) => claims.cause === sealed.claims.jti && claims.type.startsWith('account.hold.'),
    15_000,
  );
  return `${event.claims.type} ${(event.claims.data as { code?: string }).code ?? ''}`.trim();
}

/** Places the hold of an order from the purse, unchanged. */
export const honestHold: Attack['control'] = async (world) => {
  const { terms, evidence } = await order(world, {
    source: { kind: 'account', accountId: world.accounts.purse },
    payee: { kind: 'account', accountId: world.accounts.till },
    amountMinor: 1n,
  });
  return verdict('account.hold.placed', await place(world, holdFor(terms, evidence)));
};

/** Makes an attack by a thief of the payment service's key, on a hold. */
export function holdAttack(name: string, code: string, make: (world: World) => Promise<Hold>): Attack {
  return {
    name: `evidence.${name}`,
    on: LEDGER,
    control: honestHold,
    run: async (world) => verdict(`account.hold.rejected ${code}`, await place(world, await make(world))),
  };
}

/** Signs a request of a customer, as evidence. */
export async function requestOf(
  world: World,
  client: ApiClient,
  operation: string,
  path: string,
  body: string,
  method = 'POST',
) {
  const url = client.services[serviceAt(path)] + path;
  const { accessToken, dpopKey } = client;
  const proof = await makeProof(dpopKey, { method, url, accessToken, body, nowMs: Date.now() });
  return { kind: 'request', operation, accessToken, proof, body } as const;
}

function serviceAt(path: string): 'account' | 'card' | 'payment' {
  if (path.includes('cards')) return 'card';
  return path.includes('transfers') || path.includes('accounts') ? 'account' : 'payment';
}
