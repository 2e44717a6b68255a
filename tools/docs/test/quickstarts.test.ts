import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { prepareSandbox, walkThroughPages, type Sandbox } from '@tallystick/demo';
import {
  sourceFlags,
  startBackingServices,
  startSystem,
  type BackingServices,
  type System,
} from '@tallystick/stack';
import { environmentOfTestRun } from '@tallystick/stack/testing';
import { codeBlocksOf, fileOf } from '../src/pages/code-blocks.ts';
import { ROOT } from '../src/site/places.ts';

jest.setTimeout(90_000);
const START_TIMEOUT_MS = 180_000;

/** The folder in which a reader works: it has the libraries, and what `tallystick sandbox` writes. */
const workplace = mkdtempSync(join(tmpdir(), 'tallystick-quickstart-'));
let backing: BackingServices;
let system: System;
let sandbox: Sandbox;
beforeAll(async () => {
  const directory = join(workplace, '.tallystick');
  backing = await startBackingServices({
    directory,
    progress: () => {},
    env: environmentOfTestRun(),
  });
  system = await startSystem(backing, { directory, progress: () => {} });
  sandbox = await prepareSandbox(system.stackFile, 'my-shop');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'sandbox.json'), JSON.stringify(sandbox), { mode: 0o600 });
  writeFileSync(join(workplace, 'package.json'), JSON.stringify({ type: 'module' }));
  symlinkSync(join(ROOT, 'node_modules'), join(workplace, 'node_modules'));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await system.stop();
  await backing.stop();
  rmSync(workplace, { recursive: true, force: true });
}, START_TIMEOUT_MS);

/** Returns the program that a page shows under the name of a file. */
function shown(page: string, file: string): string {
  const blocks = codeBlocksOf(readFileSync(join(ROOT, page), 'utf8'));
  const block = blocks.find((one) => fileOf(one) === file);
  if (block === undefined) throw new Error(`${page} shows no ${file}`);
  return block.code;
}

interface Run {
  status: number | null;
  output: string;
}

/** Runs a program as the page says. @param onLine sees each line that it prints */
async function run(page: string, file: string, onLine: (line: string) => void = () => {}): Promise<Run> {
  writeFileSync(join(workplace, file), shown(page, file));
  const child = spawn(process.execPath, [...sourceFlags, file], { cwd: workplace });
  let output = '';
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  });
  const status = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  return { status, output };
}

describe('the quickstart over HTTP', () => {
  test('signs the customer in, pays, and shows the balance', async () => {
    const seen: Promise<unknown>[] = [];
    const { status, output } = await run('docs/start/http.md', 'pay.ts', (line) => {
      const [, url] = /^Open (\S+)$/.exec(line) ?? [];
      if (url !== undefined) seen.push(comeBack(url));
    });
    await Promise.all(seen);
    expect(output).toMatch(/^pay_\S+ captured 1250n$/m);
    expect(output).toMatch(new RegExp(`^${sandbox.payerAccountId} 98750n$`, 'm'));
    expect(status).toBe(0);
  });
});

/** Signs in as the customer of the sandbox, and visits the address to which the server sends the browser. */
async function comeBack(url: string): Promise<void> {
  const callback = await walkThroughPages(new URL(url), {
    ...sandbox.customer,
    isCallback: ({ pathname }) => pathname === '/callback',
  });
  await fetch(callback);
}

describe('a sandbox', () => {
  test('that is prepared again keeps the key of its third party', async () => {
    const again = await prepareSandbox(system.stackFile, 'my-shop', sandbox);
    expect(again.producer).toEqual(sandbox.producer);
    expect(again.payerAccountId).not.toBe(sandbox.payerAccountId);
  });

  test('refuses the id of a third party whose key it does not have', async () => {
    await expect(prepareSandbox(system.stackFile, 'my-shop')).rejects.toThrow('my-shop has a key already');
  });
});

describe('the quickstart over Kafka', () => {
  test('orders a payment with the key of a new third party, and gets its verified outcome', async () => {
    const { status, output } = await run('docs/start/kafka.md', 'order.ts');
    expect(output).toMatch(/^payment payment\.captured /m);
    expect(status).toBe(0);
  });

  test('signs an application for a certificate', async () => {
    const { status, output } = await run('docs/start/kafka.md', 'apply.ts');
    expect(JSON.parse(output)).toMatchObject({
      publicJwk: { kty: 'OKP', crv: 'Ed25519' },
      proof: expect.stringMatching(/^\S+\.\S+\.\S+$/),
    });
    expect(status).toBe(0);
  });
});
