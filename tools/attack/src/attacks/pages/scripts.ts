import { CUSTOMER_ORIGIN } from '@tallystick/stack';
import { verdict, type Attack } from '../../attack.ts';
import type { World } from '../../target/world.ts';

/** Returns who may read the answer to a script's request, beside the headers of which no site may get any. */
async function readerOf(url: string, method: string, origin: string): Promise<string> {
  const asks = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' };
  const headers = { origin, ...(method === 'OPTIONS' && asks) };
  const response = await fetch(url, { method, redirect: 'manual', headers });
  await response.body?.cancel();
  const told = [...response.headers].filter(([name]) => name.startsWith('access-control-'));
  if (told.length === 0) return 'unreadable';
  const withCookies = response.headers.has('access-control-allow-credentials') ? ', with cookies' : '';
  return `readable by ${response.headers.get('access-control-allow-origin') ?? 'nobody'}${withCookies}`;
}

const ORIGIN_TARGETS: Record<string, (world: World) => string> = {
  'an-operation': ({ stack }) => `${stack.services.account}/v1/accounts`,
  'a-page': ({ stack }) => `${stack.services.auth}/oauth/authorize`,
  'the-token-endpoint': ({ stack }) => `${stack.services.auth}/oauth/token`,
  'the-keys': ({ stack }) => `${stack.services.auth}/oauth/jwks`,
};

/** Origins that resemble the one that a client registered. */
const ALIKE = {
  'of-another-port': CUSTOMER_ORIGIN.replace(/\d+$/, '5174'),
  'of-another-scheme': CUSTOMER_ORIGIN.replace('http:', 'https:'),
  'of-a-longer-name': `${CUSTOMER_ORIGIN}.evil.example`,
  'with-a-path': `${CUSTOMER_ORIGIN}/`,
  'of-a-sandbox': 'null',
  wildcard: '*',
};

/** The origin that a client registered may read an operation, and no cookie goes with it. */
const registeredOrigin: Attack['control'] = async (world) =>
  verdict(
    `readable by ${CUSTOMER_ORIGIN}`,
    await readerOf(ORIGIN_TARGETS['an-operation']!(world), 'OPTIONS', CUSTOMER_ORIGIN),
  );

function scriptAttack(name: string, target: string, method: string, origin: string): Attack {
  return {
    name: `pages.script-${name}-${method.toLowerCase()}-${target}`,
    on: `${method} ${target.replaceAll('-', ' ')}`,
    control: registeredOrigin,
    run: async (world) =>
      verdict('unreadable', await readerOf(ORIGIN_TARGETS[target]!(world), method, origin)),
  };
}

/** Requests by scripts of other sites, which must not read the answers. */
export const scriptAttacks: readonly Attack[] = Object.keys(ORIGIN_TARGETS).flatMap((target) => [
  ...['GET', 'POST', 'OPTIONS'].map((method) =>
    scriptAttack('of-another-site', target, method, 'https://evil.example'),
  ),
  ...Object.entries(ALIKE).map(([name, origin]) => scriptAttack(name, target, 'OPTIONS', origin)),
]);
