import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { services } from '@tallystick/contracts';
import { unsentMessages } from '../src/unsent-messages.ts';

const root = mkdtempSync(join(tmpdir(), 'unsent-messages-'));
const file = join(root, 'sent-messages');
const testOf = (service: string): string => join(root, 'services', service, 'test', 'one.test.ts');

beforeAll(() => {
  for (const service of services) {
    mkdirSync(join(root, 'services', service, 'test'), { recursive: true });
    writeFileSync(testOf(service), '');
  }
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a message that no test saw its service send', () => {
  test('is named with its version, for a service of which every test file ran', () => {
    writeFileSync(file, 'card card.tokenized@2\n');
    const unsent = unsentMessages({ file, testFiles: [testOf('card')], root });
    expect(unsent).toContain('card card.tokenized@1');
    expect(unsent).not.toContain('card card.tokenized@2');
    expect(unsent.every((line) => line.startsWith('card '))).toBe(true);
  });

  test('is not named if some test file did not run, or if none noted anything', () => {
    expect(unsentMessages({ file, testFiles: [], root })).toEqual([]);
    expect(unsentMessages({ file: join(root, 'absent'), testFiles: [testOf('auth')], root })).toEqual([]);
  });
});
