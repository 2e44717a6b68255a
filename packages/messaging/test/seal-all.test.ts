import { generateKeyPairSync } from 'node:crypto';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { beforeAll, expect, test } from '@jest/globals';
import { command, event, id, newId, superseded, type MessageDefinition } from '@tallystick/contracts';
import { claimed, importSigningKey, Keyring } from '@tallystick/security';
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

let sealer: Sealer;
beforeAll(async () => {
  const privateJwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const signingKey = await importSigningKey(privateJwk as never);
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

test('an event is written in each version that is still read, under one jti', async () => {
  const [first, second, ...more] = await claimsOf(named);
  expect(more).toEqual([]);
  expect([first, second]).toMatchObject([
    { version: 1, data: { name: 'Ann' } },
    { version: 2, data: { holder: { name: 'Ann' } } },
  ]);
  expect(first!['jti']).toBe(second!['jti']);
});

test('an event is no longer written in a version past its sunset', async () => {
  expect(await claimsOf(named, Date.parse(sunset))).toMatchObject([{ version: 2 }]);
});

test('a command is written in its newest version alone', async () => {
  expect(await claimsOf(nameIt)).toMatchObject([{ version: 2, data: { holder: { name: 'Ann' } } }]);
});
