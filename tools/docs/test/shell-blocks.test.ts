import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { operations, type OperationDefinition } from '@tallystick/contracts';
import { exampleOrigins } from '@tallystick/interfaces';
import { TALLYSTICK } from '@tallystick/stack';
import { ROOT } from '../src/site/places.ts';
import { blocksOfDocuments, blocksOfReference } from './shown-blocks.ts';

jest.setTimeout(120_000);
const run = promisify(execFile);

const documents = blocksOfDocuments().filter(({ language }) => language === 'sh');
const reference = (await blocksOfReference()).filter(({ language }) => language === 'sh');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** A command of this repository in a block. */
interface Command {
  place: string;
  /** The words behind `tallystick`. */
  words: string[];
}

/** Lists the commands of this repository in a block: `npx tallystick …`, `npm run …` and `npm test …`. */
function commandsOf({ place, code }: { place: string; code: string }): Command[] {
  return code
    .replaceAll('\\\n', ' ')
    .split(/\n|&&|\|/)
    .flatMap((line) => {
      const text = line.replace(/(^|\s)#.*$/, '').replace('node runtime/admin.js', 'npx tallystick admin');
      const [, npx] = /npx tallystick (.*)$/.exec(text) ?? [];
      if (npx !== undefined) return [{ place, words: npx.trim().split(/\s+/) }];
      const [, script, rest = ''] = /npm (?:run )?([\w:]+)(?:\s+-- (.*))?$/.exec(text.trim()) ?? [];
      if (script === undefined || ['ci', 'install'].includes(script)) return [];
      const [program, ...words] = scripts[script]?.split(' ') ?? ['no script'];
      if (program !== 'tallystick') return program === 'no script' ? [{ place, words: [script] }] : [];
      return [{ place, words: [...words, ...rest.split(/\s+/).filter((word) => word !== '')] }];
    });
}

/** Returns the help of a command by its leading words, or `undefined` if there is none. */
async function helpOf(route: readonly string[]): Promise<string | undefined> {
  return run(TALLYSTICK, [...route, '--help']).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}

describe('the commands that the site shows', () => {
  test('are scripts that bash can read', async () => {
    const faults = await Promise.all(
      [...documents, ...reference].map(({ place, code }) =>
        run('bash', ['-n', '-c', code]).then(
          () => undefined,
          (error: unknown) => `${place}: ${(error as { stderr: string }).stderr}`,
        ),
      ),
    );
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('exist, with each of their flags', async () => {
    const commands = documents.flatMap(commandsOf);
    expect(commands.length).toBeGreaterThan(30);
    const helps = new Map<string, Promise<string | undefined>>();
    const helpFor = (route: readonly string[]): Promise<string | undefined> => {
      const name = route.join(' ');
      if (!helps.has(name)) helps.set(name, helpOf(route));
      return helps.get(name)!;
    };
    const faults: string[] = [];
    for (const { place, words } of commands) {
      // The first words that are no flag name the command; `admin release` is one, `pack client` is not.
      const route = words.slice(0, 2).filter((word) => /^[a-z0-9-]+$/.test(word) && !word.startsWith('-'));
      const help = (await helpFor(route)) ?? (await helpFor(route.slice(0, 1)));
      if (help === undefined) faults.push(`${place}: there is no command ${words.join(' ')}`);
      for (const flag of words.filter((word) => word.startsWith('--') && word !== '--help'))
        if (help?.includes(flag.split('=')[0]!) === false)
          faults.push(`${place}: ${route.join(' ')} has no ${flag}`);
    }
    expect(faults).toEqual([]);
  });
});

/** Prints its arguments instead of sending a request, so that the test sees what curl would get. */
const SHOW_ARGUMENTS = 'curl() { printf "%s\\0" "$@"; }; uuidgen() { echo order-1; };';

describe('the examples with curl', () => {
  test('send a body that the contract of their operation accepts', async () => {
    const all = Object.values<OperationDefinition>(operations);
    expect(reference.length).toBe(all.length);
    const sent = await Promise.all(
      reference.map(async ({ code }) => {
        const { stdout } = await run('bash', ['-c', `${SHOW_ARGUMENTS} TOKEN=t PROOF=p\n${code}`]);
        return stdout.split('\0').slice(0, -1);
      }),
    );
    for (const args of sent) {
      const url = args.find((one) => one.startsWith('https://'))!;
      const method = args.includes('--request') ? args[args.indexOf('--request') + 1]! : 'GET';
      const operation = all.find((one) => one.method === method && matches(one, url));
      expect(operation?.id ?? `no operation for ${method} ${url}`).toBe(operation?.id);
      const data = args.includes('--data-raw') ? args[args.indexOf('--data-raw') + 1]! : '{}';
      if (method === 'POST') operation!.body.decode(JSON.parse(data) as never);
      expect(args).toContain('Authorization: DPoP t');
      expect(args.some((one) => one.startsWith('Idempotency-Key: '))).toBe(operation!.idempotent);
    }
  });
});

function matches({ service, path }: OperationDefinition, url: string): boolean {
  const pattern = path.replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${exampleOrigins.of(service)}${pattern}$`).test(url);
}
