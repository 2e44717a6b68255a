import { coreServices, type CoreServiceName } from '@tallystick/contracts';
import { until } from '@tallystick/stack';
import { verdict, type Attack } from '../../attack.ts';
import { statusesIn, sendRaw } from '../../http/raw.ts';
import type { World } from '../../target/world.ts';

const DECIDED_WITHIN_MS = 15_000;

/** Operations of each service that answer 401 without a token: one to read, and one to write. */
const routes: Record<CoreServiceName, { path: string; writePath: string; hasItems: boolean }> = {
  auth: { path: '/v1/producers', writePath: '/v1/producers/acme/enrolments', hasItems: false },
  account: { path: '/v1/accounts', writePath: '/v1/accounts', hasItems: true },
  card: { path: '/v1/cards', writePath: '/v1/cards', hasItems: true },
  payment: { path: '/v2/payments', writePath: '/v2/payments', hasItems: true },
};

/** Where bytes are sent. */
interface Place {
  service: CoreServiceName;
  host: string;
  path: string;
  writePath: string;
}

/** Bytes that no HTTP library sends, and the statuses of the answers, of which a hidden request would add one. */
interface Case {
  name: string;
  expected: string;
  bytes: (at: Place) => string;
}

function raw(name: string, expected: string, bytes: (at: Place) => string): Case {
  return { name, expected, bytes };
}

/** A second request that must never be seen as one: it would be answered with 401. */
const hidden = ({ path }: Place): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;

const post = ({ host, writePath }: Place, headers: string, body: string): string =>
  `POST ${writePath} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n\r\n${body}`;
const get = ({ host }: Place, target: string, headers = ''): string =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n`;

const framing: readonly Case[] = [
  raw('two-content-lengths', '400', (at) =>
    post(at, `Content-Length: 2\r\nContent-Length: ${hidden(at).length + 2}`, `{}${hidden(at)}`),
  ),
  raw('two-equal-content-lengths', '400', (at) =>
    post(at, 'Content-Length: 2\r\nContent-Length: 2', `{}${hidden(at)}`),
  ),
  raw('content-length-list', '400', (at) => post(at, 'Content-Length: 2, 2', `{}${hidden(at)}`)),
  raw('length-and-chunks', '400', (at) =>
    post(at, 'Content-Length: 5\r\nTransfer-Encoding: chunked', `0\r\n\r\n${hidden(at)}`),
  ),
  raw('chunks-and-length', '400', (at) =>
    post(at, 'Transfer-Encoding: chunked\r\nContent-Length: 5', `0\r\n\r\n${hidden(at)}`),
  ),
  raw('two-transfer-encodings', '400', (at) =>
    post(at, 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', `0\r\n\r\n${hidden(at)}`),
  ),
  raw('obscured-transfer-encoding', '400', (at) =>
    post(at, 'Transfer-Encoding: xchunked', `0\r\n\r\n${hidden(at)}`),
  ),
  raw('negative-content-length', '400', (at) => post(at, 'Content-Length: -1', hidden(at))),
  raw('content-length-with-sign', '400', (at) => post(at, 'Content-Length: +2', `{}${hidden(at)}`)),
  raw('hexadecimal-content-length', '400', (at) => post(at, 'Content-Length: 0x2', `{}${hidden(at)}`)),
  raw('huge-content-length', '400', (at) => post(at, `Content-Length: ${'9'.repeat(40)}`, '{}')),
  raw('invalid-chunk-size', '400', (at) =>
    post(at, 'Transfer-Encoding: chunked\r\nConnection: close', `zz\r\n${hidden(at)}`),
  ),
  raw('negative-chunk-size', '400', (at) =>
    post(at, 'Transfer-Encoding: chunked\r\nConnection: close', `-1\r\n${hidden(at)}`),
  ),
  raw('bare-line-feeds', '400', (at) => `GET ${at.path} HTTP/1.1\nHost: ${at.host}\n\n`),
  raw('space-before-the-colon', '400', (at) => post(at, 'Content-Length : 2', `{}${hidden(at)}`)),
  raw('folded-header', '400', (at) =>
    post(at, 'X-Folded: a\r\n b: c\r\n\tTransfer-Encoding: chunked', hidden(at)),
  ),
  raw('nul-in-a-header', '400', (at) => get(at, at.path, 'X-Nul: a\0b\r\n')),
  raw('header-without-a-name', '400', (at) => get(at, at.path, ': value\r\n')),
  raw('no-host', '400', (at) => `GET ${at.path} HTTP/1.1\r\nConnection: close\r\n\r\n`),
  raw('http-2-preface', '400', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  raw('http-9.9', '400', (at) => `GET ${at.path} HTTP/9.9\r\nHost: ${at.host}\r\n\r\n`),
  raw('header-of-20-kb', '431', (at) => get(at, at.path, `X-Long: ${'a'.repeat(20_000)}\r\n`)),
  raw('target-of-20-kb', '431', (at) => get(at, `${at.path}?${'a'.repeat(20_000)}`)),
  raw('3000-headers', '431', (at) => get(at, at.path, 'X-Many: a\r\n'.repeat(3_000))),
];

const targets: readonly Case[] = [
  raw('absolute-target-of-another-host', '400', (at) => get(at, `http://evil.example${at.path}`)),
  raw('absolute-target-with-user', '400', (at) => get(at, `http://${at.host}@evil.example${at.path}`)),
  raw('authority-target', 'closed', (at) => `CONNECT ${at.host} HTTP/1.1\r\nHost: ${at.host}\r\n\r\n`),
  raw(
    'asterisk-target',
    '400',
    (at) => `OPTIONS * HTTP/1.1\r\nHost: ${at.host}\r\nConnection: close\r\n\r\n`,
  ),
  raw('target-without-slash', '400', (at) => get(at, at.path.slice(1))),
  raw('dot-segments', '404', (at) => get(at, `/v1/other/..${at.path.slice(3)}`)),
  raw('encoded-dot-segments', '404', (at) => get(at, `/v1/other/%2e%2e${at.path.slice(3)}`)),
  raw('path-of-a-file', '404', (at) => get(at, '/../../../../etc/passwd')),
  raw('encoded-path-of-a-file', '404', (at) => get(at, '/..%2f..%2f..%2fetc%2fpasswd')),
  raw('path-in-capitals', '404', (at) => get(at, at.path.toUpperCase())),
  raw('trailing-slash', '404', (at) => get(at, `${at.path}/`)),
  raw('encoded-slash', '404', (at) => get(at, at.path.replace(/(?<=.)\//, '%2F'))),
  raw('double-slash', '404', (at) => get(at, at.path.replaceAll('/', '//'))),
  raw('backslash', '404', (at) => get(at, at.path.replace(/(?<=.)\//, '\\'))),
  raw('path-parameter', '404', (at) => get(at, `${at.path};admin=true`)),
  raw('trace', '405', (at) => `TRACE ${at.path} HTTP/1.1\r\nHost: ${at.host}\r\nConnection: close\r\n\r\n`),
  raw(
    'unknown-method',
    '400',
    (at) => `STEAL ${at.path} HTTP/1.1\r\nHost: ${at.host}\r\nConnection: close\r\n\r\n`,
  ),
  raw('patch', '405', (at) => `PATCH ${at.path} HTTP/1.1\r\nHost: ${at.host}\r\nConnection: close\r\n\r\n`),
  raw('head', '401', (at) => `HEAD ${at.path} HTTP/1.1\r\nHost: ${at.host}\r\nConnection: close\r\n\r\n`),
  raw('method-override', '401', (at) => get(at, at.path, 'X-HTTP-Method-Override: DELETE\r\n')),
  raw('prototype-path', '404', (at) => get(at, '/v1/__proto__')),
];

/** Paths that other programs serve, or that a version could have. */
const UNLISTED = [
  '/metrics',
  '/debug',
  '/.env',
  '/.git/config',
  '/admin',
  '/v1',
  '/v0/accounts',
  '/v9/payments',
  '/internal',
  '/package.json',
];

const unlisted: readonly Case[] = UNLISTED.map((path) =>
  raw(`unlisted${path.replaceAll(/[/.]+/g, '-')}`, '404', (at) => get(at, path)),
);

/** Targets below a path with a parameter. */
const items: readonly Case[] = [
  raw('invalid-percent-encoding', '400', (at) => get(at, `${at.path}/%zz`)),
  raw('overlong-utf-8-slash', '400', (at) => get(at, `${at.path}/%c0%af`)),
];

/** Sends bytes, and again while the address is at its limit. @returns the statuses of the answers */
async function answersTo(world: World, { service }: Place, bytes: string): Promise<string> {
  let statuses = '';
  await until(async () => {
    statuses = statusesIn(await sendRaw(world, service, bytes));
    return statuses !== '429';
  }, DECIDED_WITHIN_MS);
  return statuses;
}

const placeOf = ({ stack }: World, service: CoreServiceName): Place => ({
  service,
  host: new URL(stack.services[service]!).host,
  ...routes[service],
});

/** Attacks below the level at which HTTP libraries send, on each service: framing and request targets. */
export const smugglingAttacks: readonly Attack[] = coreServices.flatMap((service) => {
  const control: Attack['control'] = async (world) => {
    const at = placeOf(world, service);
    const request = post(
      at,
      'Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close',
      '{}',
    );
    return verdict('401', await answersTo(world, at, request));
  };
  return [...framing, ...targets, ...unlisted, ...(routes[service].hasItems ? items : [])].map(
    ({ name, expected, bytes }): Attack => ({
      name: `wire.${service}-${name}`,
      on: `HTTP/1.1 of ${service}`,
      control,
      run: async (world) => {
        const at = placeOf(world, service);
        return verdict(expected, await answersTo(world, at, bytes(at)));
      },
    }),
  );
});
