import { generateKeyPairSync } from 'node:crypto';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { beforeAll, expect, test } from '@jest/globals';
import { command, event, id, newId, superseded, type MessageDefinition } from '@tallystick/contracts';
import { claimed, importSigningKey, Keyring, type SigningKey } from '@tallystick/security';
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import * as z from 'zod';

import { sealAll, type Sealer } from '../src/publish/seal-all.ts';

const sunset = '2027-12-01';
const deprecated = { since: '2026-11-28', sunset, use: 2 };
const data = { accountId: id('acc'), holder: z.strictObject({ name: z.string() }) };
const example = { accountId: 'acc_01890a5d-ac96-774b-bcce-b302099a8057', name: 'Ann' };
const earlier = {
  1: superseded({
    since: '2026-11-01',
    deprecated,
    data: { accountId: id('acc'), name: z.string() },
    up: ({ accountId, name }) => ({ accountId, holder: { name } }),
    down: ({ accountId, holder }: { accountId: string; holder: { name: string } }) => ({
      accountId,
      name: holder.name,
    }),
    examples: [example],
  }),
};
const current = { since: '2026-11-28', data };
const common = {
  summary: 'An account was named',
  key: 'accountId',
  replay: 'none',
  current,
  earlier,
} as const;
const named = event('account.named', { ...common, to: ['payment'] });
const nameIt = command('account.name', { ...common, from: ['card'], to: 'account', outcomes: [] });

const toldToClients = event('account.renamed', { ...common, to: ['client'] });

let sealer: Sealer;
let signingKey: SigningKey;
beforeAll(async () => {
  const privateJwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  signingKey = await importSigningKey(privateJwk as never);
  sealer = {
    issuer: 'account',
    signingKey: () => signingKey,
    keyring: await Keyring.create({ trustAnchors: [] }),
    topicPrefix: '',
    nowMs: Date.now,
  };
});

async function claimsOf(definition: MessageDefinition, nowMs = Date.now()) {
  const payload = { accountId: newId('acc'), holder: { name: 'Ann' } };
  const wanted = [{ definition, data: payload, options: { traceContext: ROOT_CONTEXT } }];
  const sent = await sealAll(wanted, { ...sealer, nowMs: () => nowMs });
  return sent.map(({ record }) => claimed(record.value));
}

test('writes an event in each version that still has readers, under one jti', async () => {
  const [first, second, ...more] = await claimsOf(named);
  expect(more).toEqual([]);
  expect([first, second]).toMatchObject([
    { version: 1, data: { name: 'Ann' } },
    { version: 2, data: { holder: { name: 'Ann' } } },
  ]);
  expect(first!['jti']).toBe(second!['jti']);
});

test('writes no event in a version past its sunset', async () => {
  expect(await claimsOf(named, Date.parse(sunset))).toMatchObject([{ version: 2 }]);
});

test('writes a command in its newest version alone', async () => {
  expect(await claimsOf(nameIt)).toMatchObject([{ version: 2, data: { holder: { name: 'Ann' } } }]);
});

test('shares a signature between messages to services, and signs a message to clients as a plain JWS', async () => {
  const keyring = Object.assign(Object.create(sealer.keyring) as Keyring, {
    find: () => ({ certificate: { batch: true } }),
  });
  const payload = { accountId: newId('acc'), holder: { name: 'Ann' } };
  const wanted = [nameIt, toldToClients, nameIt].map((definition) => ({
    definition,
    data: payload,
    options: { traceContext: ROOT_CONTEXT },
  }));
  const records = (await sealAll(wanted, { ...sealer, keyring })).map(({ record }) => String(record.value));
  const algorithms = records.map((jws) => decodeProtectedHeader(jws).alg);
  const batch = 'urn:tallystick:jws:merkle-ed25519-v1';
  expect(algorithms).toEqual([batch, 'Ed25519', 'Ed25519', batch]);
  const verified = await compactVerify(records[2]!, await importJWK(signingKey.publicJwk, 'Ed25519'));
  expect(JSON.parse(new TextDecoder().decode(verified.payload))).toMatchObject({
    iss: 'account',
    version: 2,
  });
});
