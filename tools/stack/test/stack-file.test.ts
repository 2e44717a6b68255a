import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import {
  readStackFile,
  removeStackFile,
  stackFilePath,
  writeStackFile,
  type StackFile,
} from '../src/index.ts';
import { KeyMaker } from '../src/system/keys.ts';

const directory = mkdtempSync(join(tmpdir(), 'stack-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const url = (port: number) => `http://127.0.0.1:${port}`;
const database = (name: string) => `postgres://${name}:secret@127.0.0.1:5432/${name}`;
const content: StackFile = {
  kafka: {
    brokers: ['127.0.0.1:9092'],
    user: { username: 'stack', passwordFile: join(directory, 'users', 'stack') },
  },
  authority: join(directory, 'ca.crt'),
  services: { auth: url(1), account: url(2), card: url(3), payment: url(4) },
  trustAnchors: join(directory, 'keys', 'anchors.json'),
  serviceKeys: {
    auth: join(directory, 'keys', 'auth.json'),
    account: join(directory, 'keys', 'account.json'),
    card: join(directory, 'keys', 'card.json'),
    payment: join(directory, 'keys', 'payment.json'),
  },
  producers: [
    {
      id: 'demo',
      kid: 'k',
      privateJwk: join(directory, 'keys', 'demo.json'),
      permissions: [{ topic: 'payment.commands.v1', types: ['payment.create'] }],
    },
  ],
  clients: [{ client_id: 'shop', scope: 'payments' }],
  customers: [{ email: 'ada@example.com', password: 'p', accounts: ['acc_1'] }],
  operators: [{ id: 'opr_1', email: 'olivia@example.com', password: 'p', name: 'Olivia', roles: ['reader'] }],
  traces: { otlp: url(4318), jaeger: null },
  postgres: {
    auth: database('auth'),
    account: database('account'),
    card: database('card'),
    payment: database('payment'),
  },
};

describe('the stack file', () => {
  const path = stackFilePath(directory);

  test('is read as written, by its owner only, with paths relative to it', () => {
    writeStackFile(path, content);
    expect(readStackFile(path)).toEqual(content);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const stored = JSON.parse(readFileSync(path, 'utf8')) as StackFile;
    expect(stored.trustAnchors).toBe(join('keys', 'anchors.json'));
    expect(stored.producers[0]?.privateJwk).toBe(join('keys', 'demo.json'));
  });

  test('can be moved together with the files that it names', () => {
    const moved = join(directory, 'moved');
    mkdirSync(moved);
    writeStackFile(join(moved, 'stack.json'), { ...content, trustAnchors: 'anchors.json' });
    expect(readStackFile(join(moved, 'stack.json')).trustAnchors).toBe(join(moved, 'anchors.json'));
  });

  test('names the keys of a stack in a relative folder', () => {
    const keys = new KeyMaker(relative(process.cwd(), join(directory, 'keys')));
    const trustAnchors = keys.secret('anchors.json', '{}');
    writeStackFile(path, { ...content, trustAnchors });
    expect(readStackFile(path).trustAnchors).toBe(join(directory, 'keys', 'anchors.json'));
    writeStackFile(path, content);
  });

  test('is neither written nor read in another form', () => {
    const incomplete = { ...content, services: { auth: url(1) } } as unknown as StackFile;
    expect(() => writeStackFile(path, incomplete)).toThrow(/account/);
    expect(readStackFile(path)).toEqual(content);
  });

  test('is removed after the stack; a reader then says what to do', () => {
    removeStackFile(path);
    expect(existsSync(path)).toBe(false);
    expect(() => readStackFile(path)).toThrow('start a stack with npm run stack');
  });
});
