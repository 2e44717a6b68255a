import type { Random } from '@tallystick/chaos';
import { encode } from '../forge/jws.ts';

/** Changes a compact JWS. It may return the same text, which then counts as no mutation. */
export interface Mutator {
  name: string;
  /** @param others further genuine texts, for crossings */
  mutate(text: string, random: Random, others: readonly string[]): string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const STRANGE = ['=', '+', '/', '.', '..', ' ', '\n', '\0', '%2e', 'é', '\u{1F4B8}', '"', '{', '\uFEFF'];
/** Values that parsers and comparisons may stumble over. */
const NASTY: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e300,
  Number.MAX_SAFE_INTEGER,
  '',
  'none',
  'HS256',
  '\0',
  'a'.repeat(5_000),
  [],
  {},
  [[]],
  { toString: 1 },
  "' OR '1'='1",
  '../../etc/passwd',
  '__proto__',
];
const NAMES = [
  'jwk',
  'jku',
  'x5c',
  'crit',
  'b64',
  'zip',
  'admin',
  'constructor',
  'toJSON',
  'cnf',
  'aud',
  'exp',
  'iat',
];

const between = (random: Random, end: number): number => random.whole(0, end - 1);

/** Every mutator. A run picks one at random for each mutation, sometimes two. */
export const mutators: readonly Mutator[] = [
  {
    name: 'another character',
    mutate(text, random) {
      const at = between(random, text.length);
      return text.slice(0, at) + ALPHABET[between(random, ALPHABET.length)]! + text.slice(at + 1);
    },
  },
  {
    name: 'a strange character',
    mutate(text, random) {
      const at = between(random, text.length + 1);
      return text.slice(0, at) + random.pick(STRANGE) + text.slice(at + between(random, 2));
    },
  },
  {
    name: 'characters removed',
    mutate(text, random) {
      const at = between(random, text.length);
      return text.slice(0, at) + text.slice(at + 1 + between(random, 8));
    },
  },
  {
    name: 'cut',
    mutate: (text, random) => text.slice(0, between(random, text.length)),
  },
  {
    name: 'a piece twice',
    mutate(text, random) {
      const at = between(random, text.length);
      const end = at + between(random, 64);
      return text.slice(0, end) + text.slice(at);
    },
  },
  {
    name: 'a flipped bit',
    mutate: (text, random) =>
      onBytes(
        text,
        random,
        (bytes) => void (bytes[between(random, bytes.length)]! ^= 1 << between(random, 8)),
      ),
  },
  {
    name: 'bytes of zero or one',
    mutate: (text, random) =>
      onBytes(
        text,
        random,
        (bytes) =>
          void bytes.fill(
            random.pick([0x00, 0xff]),
            between(random, bytes.length),
            between(random, bytes.length),
          ),
      ),
  },
  {
    name: 'longer or shorter bytes',
    mutate(text, random) {
      const parts = text.split('.');
      const at = between(random, parts.length);
      const bytes = Buffer.from(parts[at]!, 'base64url');
      const length = between(random, bytes.length + 40);
      parts[at] = Buffer.concat([bytes, Buffer.alloc(40)])
        .subarray(0, length)
        .toString('base64url');
      return parts.join('.');
    },
  },
  {
    name: 'a value replaced',
    mutate: (text, random) =>
      onJson(text, random, (json) => ({ ...json, [random.pick(Object.keys(json))]: random.pick(NASTY) })),
  },
  {
    name: 'a member added',
    mutate: (text, random) =>
      onJson(text, random, (json) => ({ [random.pick(NAMES)]: random.pick(NASTY), ...json })),
  },
  {
    name: 'a member removed',
    mutate: (text, random) =>
      onJson(text, random, (json) => {
        const gone = random.pick(Object.keys(json));
        return Object.fromEntries(Object.entries(json).filter(([name]) => name !== gone));
      }),
  },
  {
    name: 'a number changed',
    mutate: (text, random) =>
      onText(text, random, (json) =>
        json.replace(/\d+/, (digits) =>
          random.pick([`${digits}0`, `-${digits}`, `${digits}.5`, '1e400', `${digits}e-1`, `0${digits}`]),
        ),
      ),
  },
  {
    name: 'members in another order',
    mutate: (text, random) =>
      onJson(text, random, (json) => Object.fromEntries(Object.entries(json).toReversed())),
  },
  {
    name: 'a name twice',
    mutate: (text, random) =>
      onText(text, random, (json) =>
        json.replace(
          /^\{("[^"]+"):/,
          (_all, name: string) => `{${name}:${JSON.stringify(random.pick(NASTY))},${name}:`,
        ),
      ),
  },
  {
    name: 'deep nesting',
    mutate: (text, random) => {
      const depth = 1 + between(random, 2_000);
      return onText(text, random, (json) =>
        json.replace('{', `{"x":${'['.repeat(depth)}${']'.repeat(depth)},`),
      );
    },
  },
  {
    name: 'a part of another text',
    mutate(text, random, others) {
      const parts = text.split('.');
      const at = between(random, parts.length);
      parts[at] = random.pick(others).split('.')[at] ?? '';
      return parts.join('.');
    },
  },
  {
    name: 'parts in another order',
    mutate(text, random) {
      const [header = '', payload = '', signature = ''] = text.split('.');
      return random
        .pick([
          [payload, header, signature],
          [header, signature, payload],
          [header, payload],
          [header, payload, signature, signature],
          [header, payload, ''],
          [text, text],
        ])
        .join('.');
    },
  },
  {
    name: 'within itself',
    mutate(text, random) {
      const [header, , signature] = text.split('.');
      return `${header}.${encode(random.pick([text, JSON.stringify(text)]))}.${signature}`;
    },
  },
];

/** Changes the bytes of a part. */
function onBytes(text: string, random: Random, change: (bytes: Buffer) => void): string {
  const parts = text.split('.');
  const at = between(random, parts.length);
  const bytes = Buffer.from(parts[at]!, 'base64url');
  if (bytes.length > 0) change(bytes);
  parts[at] = bytes.toString('base64url');
  return parts.join('.');
}

/** Changes the JSON text of the header or the payload. */
function onText(text: string, random: Random, change: (json: string) => string): string {
  const parts = text.split('.');
  const at = between(random, 2);
  parts[at] = encode(change(Buffer.from(parts[at] ?? '', 'base64url').toString()));
  return parts.join('.');
}

/** Changes the JSON of the header or the payload, or an object within it. */
function onJson(text: string, random: Random, change: (json: Record<string, unknown>) => object): string {
  return onText(text, random, (json) => {
    try {
      const parsed = JSON.parse(json) as Record<string, unknown>;
      const inner = Object.keys(parsed).filter(
        (name) => typeof parsed[name] === 'object' && parsed[name] !== null,
      );
      if (inner.length === 0 || random.chance(0.5)) return JSON.stringify(change(parsed));
      const name = random.pick(inner);
      return JSON.stringify({ ...parsed, [name]: change(parsed[name] as Record<string, unknown>) });
    } catch {
      // An earlier mutation left no JSON.
      return json;
    }
  });
}
