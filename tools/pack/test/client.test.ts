import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { importDpopKey, thumbprintOf, type SignedRequest } from '@tallystick/client';
import { operations } from '@tallystick/contracts';
import { verifyProof } from '@tallystick/security';
import { ROOT } from '../src/packages.ts';
import { run } from '../src/run.ts';
import { installOutside, type OutsideProject } from './outside-project.ts';

const PACK_TIMEOUT_MS = 120_000;

let project: OutsideProject;
beforeAll(async () => {
  project = await installOutside('client');
}, PACK_TIMEOUT_MS);
afterAll(() => project.remove());

const origin = 'https://account.example';
const body = '{"currency":"EUR"}';
const token = 'an-access-token';
/** The rest of a program that prints a signed request with the private key of its proof. */
const signs = `
(async () => {
  const key = await generateDpopKey('Ed25519', { extractable: true });
  const parts = { origin: '${origin}', body: '${body}', idempotencyKey: 'order-1' };
  const request = await signRequest(operations.accountOpen, parts, { token: '${token}', key });
  const jwk = await crypto.subtle.exportKey('jwk', key.privateKey);
  console.log(JSON.stringify({ request, jwk }));
})();
`;
const names = '{ generateDpopKey, operations, signRequest }';

describe('the tarball of the client', () => {
  test.each([
    ['an ES module', 'program.mjs', `import ${names} from '@tallystick/client';${signs}`],
    ['a CommonJS module', 'program.cjs', `const ${names} = require('@tallystick/client');${signs}`],
  ])('signs a request in %s, as a service accepts it', async (_what, file, source) => {
    const told = JSON.parse(await project.runs(file, source)) as {
      request: SignedRequest;
      jwk: Parameters<typeof importDpopKey>[0];
    };
    const { url, method, headers } = told.request;
    const proof = await verifyProof(headers['DPoP']!, {
      method,
      url: origin + operations.accountOpen.path,
      accessToken: token,
      keyThumbprint: await thumbprintOf(await importDpopKey(told.jwk)),
      body,
      atMs: Date.now(),
      ageMaxS: 60,
    });
    expect(proof.url).toBe(url);
    expect(headers).toMatchObject({ Authorization: `DPoP ${token}`, 'Idempotency-Key': 'order-1' });
  });

  test('compiles the examples of its README, with the types of a browser', async () => {
    const readme = await readFile(
      join(project.directory, 'node_modules/@tallystick/client/README.md'),
      'utf8',
    );
    const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);
    expect(examples.length).toBeGreaterThan(0);
    expect(await project.compile(examples)).toBe('');
  });

  test('has types that refuse a wrong call', async () => {
    const complaints = await project.compile([
      `import { Client, operations } from '@tallystick/client';
       declare const client: Client;
       await client.call(operations.getPayment, {});
       await client.call(operations.accountOpen, { body: { currency: 'XYZ' } });
       for await (const amount of client.list(operations.listPayments)) amount.amountMinor satisfies number;`,
    ]);
    expect(complaints).toMatch(/source-0\.ts\(3,.*params/s);
    expect(complaints).toMatch(/source-0\.ts\(4,.*"XYZ"/s);
    expect(complaints).toMatch(/source-0\.ts\(5,.*bigint.*number/s);
  });

  test('names no workspace of this repository, and needs no build', async () => {
    const installed = join(project.directory, 'node_modules/@tallystick/client');
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({ dependencies: { zod: expect.any(String) } });
    expect(manifest).not.toHaveProperty('scripts');
    const files = await Promise.all(
      ['index.js', 'index.cjs', 'index.d.ts'].map((file) => readFile(join(installed, file), 'utf8')),
    );
    for (const text of files) expect(text).not.toMatch(/(from|require\()\s*["'](@tallystick\/|node:)/);
  });

  test('is in order for publint and for Are the types wrong?', async () => {
    expect(await run('publint', ['run', project.tarball, '--strict'], ROOT)).toContain('All good!');
    expect(await run('attw', [project.tarball], ROOT)).toContain('No problems found');
  });
});
