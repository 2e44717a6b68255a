import { randomUUID } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { newId, newJti, operations, type ErrorCode } from '@tallystick/contracts';
import { makeProof } from '@tallystick/security';
import { verdict, type Attack } from '../../attack.ts';
import { answerOf, ask, decided, shown, type Answer, type Asked } from '../../http/ask.ts';
import { acceptedWith, httpAttack, refusal, refusedWith, routeOf } from '../../http/refused.ts';
import type { World } from '../../target/world.ts';

const open = operations.accountOpen;
const HONEST = '{"currency":"EUR"}';

/** Opens an account with the honest body. */
const honest: Attack['control'] = async ({ victim }) =>
  acceptedWith(await ask(victim.client, open, { body: HONEST }));

/** Opens an account with other bytes or headers. */
function bodyAttack(name: string, code: ErrorCode, asked: Asked): Attack {
  const send = ({ victim }: World): Promise<Answer> => ask(victim.client, open, { body: HONEST, ...asked });
  return httpAttack(`bodies.${name}`, open, code, send, honest);
}

const BOMB = Buffer.alloc(50_000_000, 0x20);

/** Opens an account with a body in another encoding, as bytes. */
function encodedAttack(name: string, code: ErrorCode, encoding: string, bytes: () => Buffer): Attack {
  const send = ({ victim: { client } }: World): Promise<Answer> =>
    decided(async () => {
      const url = `${client.services.account}/v1/accounts`;
      const { accessToken } = client;
      const proof = await makeProof(client.dpopKey, { method: 'POST', url, accessToken, nowMs: Date.now() });
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          Authorization: `DPoP ${accessToken}`,
          DPoP: proof,
          'Content-Type': 'application/json',
          'Content-Encoding': encoding,
          'Idempotency-Key': randomUUID(),
        },
        body: new Uint8Array(bytes()),
      });
      return answerOf(response);
    });
  return httpAttack(`bodies.${name}`, open, code, send, honest);
}

const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;

const sizes: Attack[] = [
  bodyAttack('of-33-kb', 'request.too_large', { body: JSON.stringify({ currency: 'a'.repeat(33_000) }) }),
  bodyAttack('of-10-mb', 'request.too_large', { body: JSON.stringify({ currency: 'a'.repeat(10_000_000) }) }),
  encodedAttack('gzip-bomb', 'request.too_large', 'gzip', () => gzipSync(BOMB)),
  encodedAttack('deflate-bomb', 'request.too_large', 'deflate', () => deflateSync(BOMB)),
  encodedAttack('brotli-bomb', 'request.too_large', 'br', () => brotliCompressSync(BOMB)),
  encodedAttack('gzip-in-gzip', 'request.content_encoding', 'gzip, gzip', () => gzipSync(gzipSync(BOMB))),
  encodedAttack('broken-gzip', 'request.invalid', 'gzip', () => Buffer.from('not gzip')),
  encodedAttack('unknown-encoding', 'request.content_encoding', 'zstd-evil', () => Buffer.from(HONEST)),
];

const contents: Attack[] = [
  bodyAttack('nested-10000-levels', 'request.not_json', { body: deep }),
  bodyAttack('with-proto', 'request.not_json', { body: '{"currency":"EUR","__proto__":{"admin":true}}' }),
  bodyAttack('with-escaped-proto', 'request.not_json', { body: '{"currency":"EUR","\\u005f_proto__":{}}' }),
  bodyAttack('with-constructor', 'request.invalid', {
    body: '{"currency":"EUR","constructor":{"prototype":{}}}',
  }),
  bodyAttack('not-json', 'request.not_json', { body: '{currency:EUR}' }),
  bodyAttack('single-quotes', 'request.not_json', { body: "{'currency':'EUR'}" }),
  bodyAttack('xml', 'request.not_json', {
    body: '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  }),
  bodyAttack('list', 'request.invalid', { body: '[{"currency":"EUR"}]' }),
  bodyAttack('null', 'request.invalid', { body: 'null' }),
  bodyAttack('byte-order-mark', 'request.not_json', { body: `\uFEFF\uFEFF${HONEST}` }),
  bodyAttack('sql', 'request.invalid', { body: `{"currency":"EUR'; DROP TABLE account; --"}` }),
  bodyAttack('nul', 'request.invalid', { body: '{"currency":"EUR\\u0000"}' }),
  bodyAttack('as-a-form', 'request.media_type', {
    body: 'currency=EUR',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  }),
  bodyAttack('as-text', 'request.media_type', { headers: { 'Content-Type': 'text/plain' } }),
  bodyAttack('utf-7', 'request.media_type', {
    headers: { 'Content-Type': 'application/json; charset=utf-7' },
  }),
  bodyAttack('utf-16', 'request.media_type', {
    headers: { 'Content-Type': 'application/json; charset="utf-16"' },
  }),
];

const keys: Attack[] = [
  bodyAttack('key-missing', 'idempotency.key_missing', { idempotencyKey: null }),
  bodyAttack('key-too-long', 'request.invalid', { idempotencyKey: 'a'.repeat(256) }),
  bodyAttack('key-with-a-space', 'request.invalid', { idempotencyKey: 'a b' }),
  bodyAttack('key-with-latin-1', 'request.invalid', { idempotencyKey: 'caf\u00e9' }),
  reuse('another-body', ({ victim }, key) =>
    ask(victim.client, open, { body: '{"currency":"USD"}', idempotencyKey: key }),
  ),
  reuse('another-operation', ({ victim }, key) =>
    ask(victim.client, operations.transferPost, {
      body: JSON.stringify({
        debitAccountId: newId('acc'),
        creditAccountId: newId('acc'),
        amountMinor: 1,
        currency: 'EUR',
      }),
      idempotencyKey: key,
    }),
  ),
  {
    name: 'bodies.key-of-another-customer',
    on: routeOf(open, 1),
    run: async ({ victim, thief }) => {
      const idempotencyKey = newJti();
      const first = await ask(victim.client, open, { body: HONEST, idempotencyKey });
      const second = await ask(thief.client, open, { body: HONEST, idempotencyKey });
      const isReplayed = second.headers.has('idempotency-replayed') || second.text === first.text;
      return verdict(
        '201, an own account',
        `${shown(second)}, ${isReplayed ? "the victim's" : 'an own'} account`,
      );
    },
  },
  {
    name: 'bodies.key-used-ten-times-at-once',
    on: routeOf(open, 1),
    run: async ({ victim }) => {
      const idempotencyKey = newJti();
      const all = Array.from({ length: 10 }, () =>
        ask(victim.client, open, { body: HONEST, idempotencyKey }),
      );
      const answers = (await Promise.all(all)).filter(({ code }) => code !== 'idempotency.in_progress');
      const accounts = new Set(answers.map(({ text }) => text));
      return verdict('one account', accounts.size === 1 ? 'one account' : `${accounts.size} accounts`);
    },
  },
];

/** Uses an idempotency key again for another request of the same customer. */
function reuse(name: string, again: (world: World, key: string) => Promise<Answer>): Attack {
  return {
    name: `bodies.key-for-${name}`,
    on: routeOf(open, 1),
    run: async (world) => {
      const idempotencyKey = newJti();
      const first = await ask(world.victim.client, open, { body: HONEST, idempotencyKey });
      if (first.status !== 201) return { held: false, shown: `the first: ${shown(first)}` };
      return refusedWith(await again(world, idempotencyKey), 'idempotency.key_reused');
    },
  };
}

/** Text that parts of an operation's address must refuse. */
const addresses: Attack[] = Object.entries({
  sql: "acc_' OR 1=1 --",
  nul: 'acc_\0',
  'a-path': '../../trial-balance',
  'a-long-text': 'a'.repeat(1_000),
  'an-id-of-another-kind': newId('usr'),
  'capitals-of-an-id': newId('acc').toUpperCase(),
}).map(([name, accountId]) => ({
  name: `bodies.address-${name}`,
  on: routeOf(operations.accountGet, 1),
  run: async ({ victim }) => {
    const answer = await ask(victim.client, operations.accountGet, { params: { accountId } });
    return verdict(refusal('request.invalid'), shown(answer));
  },
}));

const cursors: Attack[] = Object.entries({
  sql: "x' OR 1=1 --",
  nul: '%00',
  'a-list': 'a&cursor=b',
  'a-long-text': 'A'.repeat(4_000),
  'base64-of-sql': Buffer.from("1' OR '1'='1").toString('base64url'),
}).map(([name, cursor]) =>
  httpAttack(`bodies.cursor-${name}`, operations.listPayments, 'request.invalid', ({ victim }) =>
    ask(victim.client, operations.listPayments, {
      query: `cursor=${name === 'sql' ? encodeURIComponent(cursor) : cursor}`,
    }),
  ),
);

const limits: Attack[] = ['0', '-1', '201', '1e9', 'NaN', '1;DROP'].map((limit) =>
  httpAttack(`bodies.limit-${limit}`, operations.listPayments, 'request.invalid', ({ victim }) =>
    ask(victim.client, operations.listPayments, { query: `limit=${encodeURIComponent(limit)}` }),
  ),
);

/** Attacks by the content of a request: size, encoding, form, text, and its idempotency key. */
export const bodyAttacks: readonly Attack[] = [
  ...sizes,
  ...contents,
  ...keys,
  ...addresses,
  ...cursors,
  ...limits,
];
