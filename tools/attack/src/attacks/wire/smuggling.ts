import { until } from '@tallystick/stack';
import { verdict, type Attack } from '../../attack.ts';
import { statusesIn, sendRaw } from '../../http/raw.ts';
import type { World } from '../../target/world.ts';

const SERVICE = 'account';
const DECIDED_WITHIN_MS = 15_000;
const RAW = 'HTTP/1.1 of account';

/** A second request that must never be seen as one: it would be answered with 401. */
const HIDDEN = 'GET /v1/accounts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

/** Sends bytes; the answers must be exactly these statuses, of which a hidden request would add one. */
function rawAttack(name: string, expected: string, bytes: (host: string) => string): Attack {
  return {
    name: `wire.${name}`,
    on: RAW,
    control: answersOrdinarily,
    run: async (world) => verdict(expected, await answersTo(world, bytes(hostOf(world)))),
  };
}

async function answersOrdinarily(world: World): ReturnType<Attack['run']> {
  const request = `POST /v1/accounts HTTP/1.1\r\nHost: ${hostOf(world)}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
  return verdict('401', await answersTo(world, request));
}

/** Sends bytes, and again while the address is at its limit. @returns the statuses of the answers */
async function answersTo(world: World, bytes: string): Promise<string> {
  let statuses = '';
  await until(async () => {
    statuses = statusesIn(await sendRaw(world, SERVICE, bytes));
    return statuses !== '429';
  }, DECIDED_WITHIN_MS);
  return statuses;
}

const hostOf = ({ stack }: World): string => new URL(stack.services[SERVICE]!).host;

const post = (host: string, headers: string, body: string): string =>
  `POST /v1/accounts HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n\r\n${body}`;
const get = (target: string, host: string, headers = ''): string =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n`;

const framing: Attack[] = [
  rawAttack('two-content-lengths', '400', (host) =>
    post(host, `Content-Length: 2\r\nContent-Length: ${HIDDEN.length + 2}`, `{}${HIDDEN}`),
  ),
  rawAttack('two-equal-content-lengths', '400', (host) =>
    post(host, 'Content-Length: 2\r\nContent-Length: 2', `{}${HIDDEN}`),
  ),
  rawAttack('content-length-list', '400', (host) => post(host, 'Content-Length: 2, 2', `{}${HIDDEN}`)),
  rawAttack('length-and-chunks', '400', (host) =>
    post(host, 'Content-Length: 5\r\nTransfer-Encoding: chunked', `0\r\n\r\n${HIDDEN}`),
  ),
  rawAttack('chunks-and-length', '400', (host) =>
    post(host, 'Transfer-Encoding: chunked\r\nContent-Length: 5', `0\r\n\r\n${HIDDEN}`),
  ),
  rawAttack('two-transfer-encodings', '400', (host) =>
    post(host, 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', `0\r\n\r\n${HIDDEN}`),
  ),
  rawAttack('obscured-transfer-encoding', '400', (host) =>
    post(host, 'Transfer-Encoding: xchunked', `0\r\n\r\n${HIDDEN}`),
  ),
  rawAttack('negative-content-length', '400', (host) => post(host, 'Content-Length: -1', HIDDEN)),
  rawAttack('content-length-with-sign', '400', (host) => post(host, 'Content-Length: +2', `{}${HIDDEN}`)),
  rawAttack('hexadecimal-content-length', '400', (host) => post(host, 'Content-Length: 0x2', `{}${HIDDEN}`)),
  rawAttack('huge-content-length', '400', (host) => post(host, `Content-Length: ${'9'.repeat(40)}`, '{}')),
  rawAttack('invalid-chunk-size', '400', (host) =>
    post(host, 'Transfer-Encoding: chunked\r\nConnection: close', `zz\r\n${HIDDEN}`),
  ),
  rawAttack('negative-chunk-size', '400', (host) =>
    post(host, 'Transfer-Encoding: chunked\r\nConnection: close', `-1\r\n${HIDDEN}`),
  ),
  rawAttack('bare-line-feeds', '400', (host) => `GET /v1/accounts HTTP/1.1\nHost: ${host}\n\n`),
  rawAttack('space-before-the-colon', '400', (host) => post(host, 'Content-Length : 2', `{}${HIDDEN}`)),
  rawAttack('folded-header', '400', (host) =>
    post(host, 'X-Folded: a\r\n b: c\r\n\tTransfer-Encoding: chunked', HIDDEN),
  ),
  rawAttack('nul-in-a-header', '400', (host) => get('/v1/accounts', host, 'X-Nul: a\0b\r\n')),
  rawAttack('header-without-a-name', '400', (host) => get('/v1/accounts', host, ': value\r\n')),
  rawAttack('no-host', '400', () => 'GET /v1/accounts HTTP/1.1\r\nConnection: close\r\n\r\n'),
  rawAttack('http-2-preface', '400', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  rawAttack('http-9.9', '400', (host) => `GET /v1/accounts HTTP/9.9\r\nHost: ${host}\r\n\r\n`),
  rawAttack('header-of-20-kb', '431', (host) =>
    get('/v1/accounts', host, `X-Long: ${'a'.repeat(20_000)}\r\n`),
  ),
  rawAttack('target-of-20-kb', '431', (host) => get(`/v1/accounts?${'a'.repeat(20_000)}`, host)),
  rawAttack('3000-headers', '431', (host) => get('/v1/accounts', host, 'X-Many: a\r\n'.repeat(3_000))),
];

const targets: Attack[] = [
  rawAttack('absolute-target-of-another-host', '400', (host) => get('http://evil.example/v1/accounts', host)),
  rawAttack('absolute-target-with-user', '400', (host) =>
    get(`http://${host}@evil.example/v1/accounts`, host),
  ),
  rawAttack('authority-target', 'closed', (host) => `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  rawAttack(
    'asterisk-target',
    '400',
    (host) => `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  ),
  rawAttack('target-without-slash', '400', (host) => get('v1/accounts', host)),
  rawAttack('dot-segments', '404', (host) => get('/v1/cards/../accounts', host)),
  rawAttack('encoded-dot-segments', '404', (host) => get('/v1/cards/%2e%2e/accounts', host)),
  rawAttack('path-of-a-file', '404', (host) => get('/../../../../etc/passwd', host)),
  rawAttack('encoded-path-of-a-file', '404', (host) => get('/..%2f..%2f..%2fetc%2fpasswd', host)),
  rawAttack('path-in-capitals', '404', (host) => get('/V1/ACCOUNTS', host)),
  rawAttack('trailing-slash', '404', (host) => get('/v1/accounts/', host)),
  rawAttack('encoded-slash', '404', (host) => get('/v1%2Faccounts', host)),
  rawAttack('double-slash', '404', (host) => get('//v1//accounts', host)),
  rawAttack('backslash', '404', (host) => get('/v1\\accounts', host)),
  rawAttack('path-parameter', '404', (host) => get('/v1/accounts;admin=true', host)),
  rawAttack(
    'trace',
    '404',
    (host) => `TRACE /v1/accounts HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  ),
  rawAttack(
    'unknown-method',
    '400',
    (host) => `STEAL /v1/accounts HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  ),
  rawAttack(
    'patch',
    '404',
    (host) => `PATCH /v1/accounts HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  ),
  rawAttack(
    'head',
    '401',
    (host) => `HEAD /v1/accounts HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  ),
  rawAttack('method-override', '401', (host) =>
    get('/v1/accounts', host, 'X-HTTP-Method-Override: DELETE\r\n'),
  ),
  rawAttack('invalid-percent-encoding', '400', (host) => get('/v1/accounts/%zz', host)),
  rawAttack('overlong-utf-8-slash', '400', (host) => get('/v1/accounts/%c0%af', host)),
  rawAttack('prototype-path', '404', (host) => get('/v1/__proto__', host)),
];

/** Attacks below the level at which HTTP libraries send: framing and request targets. */
export const smugglingAttacks: readonly Attack[] = [...framing, ...targets];
