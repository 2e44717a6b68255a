import { applicationOf, decode, grant, invite, signJws, type World } from '@tallystick/attack';
import { authority, operations, powerOf, type OperationDefinition, type Role } from '@tallystick/contracts';
import { ApiClient, newDpopKey } from '@tallystick/demo';
import { DOCS_CLIENT, POWERLESS_PRODUCER } from '@tallystick/stack';
import type { DocumentedRequest } from './documented.ts';
import { paid, payeeConsent, substitutesOf, type Scene } from './scene.ts';
import { substitute, type Substitutes } from './substitute.ts';

type Prepare = (scene: Scene) => Promise<Substitutes>;

/** The object that replaces the one of an example's path, by the name of the parameter. */
const objects: Record<string, (scene: Scene) => string | Promise<string>> = {
  accountId: ({ payerAccountId }) => payerAccountId,
  mandateId: ({ world, payerAccountId }) => grant(world.victim, payerAccountId),
  cardId: ({ world }) => world.objects['cardId']!,
  paymentId: ({ world }) => world.objects['paymentId']!,
  captureId: ({ world }) => world.objects['captureId']!,
  refundId: ({ world }) => world.objects['refundId']!,
  proposalId: ({ world }) => world.objects['proposalId']!,
  consentId: payeeConsent,
  customerId: ({ world }) => world.thief.id,
  operatorId: ({ world }) => world.objects['operatorId']!,
  // The other clients call the other examples.
  clientId: () => DOCS_CLIENT,
  kid: ({ world }) => world.objects['kid']!,
};

/** What the documented request of an operation needs, beyond the objects above. */
const preparations: Record<string, Prepare> = {
  'payment.capture': async (scene) => ({ paymentId: await paid(scene, 'manual') }),
  'payment.cancel': async (scene) => ({ paymentId: await paid(scene, 'manual') }),
  'payment.refund': async (scene) => ({ paymentId: await paid(scene, 'automatic') }),
  // Only the external account brings money in.
  'account.transfer.propose': async ({ world }) => {
    const { accounts } = (await world.operators.call(operations.accountList)).body;
    return { debitAccountId: accounts.find(({ currency }) => currency === 'EUR')!.accountId };
  },
  'auth.producer.register': registration,
  'auth.producer.revoke': async () => ({ producerId: POWERLESS_PRODUCER }),
};

/** A key is registered under the code of an enrolment, with a proof by the key itself. */
async function registration({ world }: Scene): Promise<Substitutes> {
  const key = await newDpopKey();
  const producerId = `example-${key.kid
    .slice(0, 8)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '0')}`;
  const code = await invite(world.operators, producerId, []);
  const proof = await applicationOf({ producerId, key, code, permissions: [] });
  return { producerId, publicJwk: key.publicJwk, proof };
}

/** Puts real objects into a documented request. Whatever names no object is sent as it is documented. */
export async function prepareRequest(
  { operation, params, body }: DocumentedRequest,
  scene: Scene,
): Promise<{ params: Record<string, string>; body: unknown }> {
  const own = (await preparations[operation.id]?.(scene)) ?? {};
  const shared = substitutesOf(scene, scene.world.objects['paymentId']!);
  const inPath: Record<string, unknown> = {};
  for (const name of Object.keys(params)) inPath[name] = await objects[name]?.(scene);
  return {
    params: substitute(params, { ...shared, ...inPath, ...own }),
    body: substitute(body, { ...shared, ...own }),
  };
}

/** Operations that end the access of the customer or the mandates of the third party: their examples come last. */
const ENDINGS: ReadonlySet<string> = new Set(['consentId', 'partyId', 'customerId']);

/** Whether the example of an operation must follow all others. */
export function endsAccess({ params }: DocumentedRequest): boolean {
  return Object.keys(params).some((name) => ENDINGS.has(name));
}

/** Returns a client that may send the documented request: by the roles of the operation, or by its scope. */
export async function callerOf(operation: OperationDefinition, world: World): Promise<ApiClient> {
  const { victim, thief, operators } = world;
  const roles: readonly Role[] = (authority as Record<string, readonly Role[]>)[operation.id] ?? [];
  if (operation.id === operations.transferApprove.id) return secondOperator(world);
  if (operation.id === operations.consentWithdraw.id) return thief.client;
  const scopesOfVictim = String(decode(victim.client.accessToken, 1)['scope']).split(' ');
  const isOfCustomers = scopesOfVictim.includes(operation.scope);
  if (!isOfCustomers || operation.id === operations.transferPropose.id)
    return operators.with(powerOf(operation.scope)!);
  const isOfPayee = ['capturer', 'payee'].some((role) => roles.includes(role as Role));
  return isOfPayee && !roles.includes('payer') ? thief.client : victim.client;
}

/** A second client of operators that brings money in. The system has one, so its token is dated by auth's key. */
async function secondOperator({ operators, authKeys }: World): Promise<ApiClient> {
  const { services, dpopKey, accessToken } = operators.with('treasury');
  const claims = {
    ...decode(accessToken, 1),
    sub: 'second-treasury',
    client_id: 'second-treasury',
    scope: operations.transferApprove.scope,
  };
  return new ApiClient(services, await signJws(decode(accessToken, 0), claims, authKeys.token), dpopKey);
}
