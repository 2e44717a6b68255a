import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { operations } from '@tallystick/contracts';
import { ApiClient } from '@tallystick/demo';
import { importSigningKey, makeProof } from '@tallystick/security';
import { verdict, type Attack } from '../../attack.ts';
import { otherSignature, withSignature } from '../../forge/jws.ts';
import { ask, shown } from '../../http/ask.ts';
import { OauthClient } from '../../http/oauth-client.ts';
import { httpAttack, refusal, refusedWith, routeOf } from '../../http/refused.ts';
import { newEndToEndId } from '../../kafka/order.ts';
import type { World } from '../../target/world.ts';

const pay = operations.createPayment;

/** A payment order over HTTP that would empty the safe; its account is one of nobody, so that an accident pays nothing. */
const orderBody = (accountId: string, payeeId: string): string =>
  JSON.stringify({
    source: { kind: 'account', accountId },
    payee: { kind: 'account', accountId: payeeId },
    amountMinor: 1,
    currency: 'EUR',
    endToEndId: newEndToEndId(),
  });

/** Attacks by proofs over another body, and by proofs used before. */
export const proofBodyAttacks: readonly Attack[] = [
  httpAttack(
    'proofs.body-exchanged',
    pay,
    'dpop.digest_mismatch',
    async ({ victim: { client }, accounts }) => {
      const signedBody = orderBody(accounts.safe, accounts.purse);
      const sentBody = orderBody(accounts.safe, accounts.loot);
      const proof = (url: string) =>
        makeProof(client.dpopKey, {
          method: 'POST',
          url,
          accessToken: client.accessToken,
          body: signedBody,
          nowMs: Date.now(),
        });
      return ask(client, pay, { body: sentBody, proof });
    },
  ),
  httpAttack(
    'proofs.body-not-covered',
    pay,
    'dpop.digest_mismatch',
    async ({ victim: { client }, accounts }) => {
      const proof = (url: string) =>
        makeProof(client.dpopKey, {
          method: 'POST',
          url,
          accessToken: client.accessToken,
          nowMs: Date.now(),
        });
      return ask(client, pay, { body: orderBody(accounts.safe, accounts.loot), proof });
    },
  ),
  httpAttack(
    'proofs.body-with-one-space-more',
    pay,
    'dpop.digest_mismatch',
    async ({ victim: { client }, accounts }) => {
      const body = orderBody(accounts.safe, accounts.loot);
      const proof = (url: string) =>
        makeProof(client.dpopKey, {
          method: 'POST',
          url,
          accessToken: client.accessToken,
          body,
          nowMs: Date.now(),
        });
      return ask(client, pay, { body: `${body} `, proof });
    },
  ),
  replayAttack('proofs.replayed', 1),
  {
    name: 'proofs.replayed-with-the-other-signature-of-ecdsa',
    on: routeOf(operations.accountOpen, 1),
    run: async (world) => {
      const client = await nistClient(world);
      const url = `${client.services.account}/v1/accounts`;
      const body = '{"currency":"EUR"}';
      const { accessToken } = client;
      const proof = await makeProof(client.dpopKey, {
        method: 'POST',
        url,
        accessToken,
        body,
        nowMs: Date.now(),
      });
      const first = await ask(client, operations.accountOpen, { body, proof });
      if (first.status !== 201) return { held: false, shown: `the first: ${shown(first)}` };
      const other = withSignature(proof, otherSignature);
      return refusedWith(await ask(client, operations.accountOpen, { body, proof: other }), 'dpop.replayed');
    },
  },
  replayAttack('proofs.replayed-ten-times-at-once', 10),
  {
    name: 'proofs.replayed-under-another-idempotency-key',
    on: routeOf(pay, 2),
    run: async ({ victim: { client }, accounts }) => {
      const body = orderBody(accounts.purse, accounts.till);
      let proof = '';
      const first = await ask(client, pay, {
        body,
        proof: async (url) =>
          (proof = await makeProof(client.dpopKey, {
            method: 'POST',
            url,
            accessToken: client.accessToken,
            body,
            nowMs: Date.now(),
          })),
      });
      if (first.status !== 202) return { held: false, shown: `the first: ${shown(first)}` };
      return verdict(
        refusal('dpop.replayed'),
        shown(await ask(client, pay, { body, proof, idempotencyKey: randomUUID() })),
      );
    },
  },
];

/** Opens an account with a proof, then sends the same request again, some times at once: only one may be opened. */
function replayAttack(name: string, copies: number): Attack {
  const open = operations.accountOpen;
  return {
    name,
    on: routeOf(open, 1),
    run: async ({ victim: { client } }) => {
      const proof = await makeProof(client.dpopKey, {
        method: 'POST',
        url: `${client.services.account}/v1/accounts`,
        accessToken: client.accessToken,
        body: '{"currency":"EUR"}',
        nowMs: Date.now(),
      });
      const send = () => ask(client, open, { body: '{"currency":"EUR"}', proof });
      const first = copies === 1 ? [await send()] : [];
      const rest = await Promise.all(Array.from({ length: copies }, send));
      const seen = [...first, ...rest].map(shown);
      const opened = seen.filter((one) => one === '201').length;
      const others = new Set(seen.filter((one) => one !== '201'));
      return verdict(
        'one 201, then 401 dpop.replayed',
        `${opened === 1 ? 'one' : opened} 201, then ${[...others].join(', ')}`,
      );
    },
  };
}

/** Signs the victim in with a client whose key is on P-256. */
async function nistClient(world: World): Promise<ApiClient> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' }) as Parameters<typeof importSigningKey>[0];
  const client = new OauthClient(world, await importSigningKey(jwk));
  const { text } = await client.exchange(await client.code(world.victim));
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  return new ApiClient(world.victim.client.services, token, client.key);
}
