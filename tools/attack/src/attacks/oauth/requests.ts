import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { encode } from '../../forge/jws.ts';
import { OauthClient, openSignIn } from '../../http/oauth-client.ts';
import { CALLBACK } from '../../target/people.ts';
import type { World } from '../../target/world.ts';
import { patientBrowser } from '../../http/patient-browser.ts';

const AUTHORIZE = 'GET /oauth/authorize';

const clientOf = (world: World): OauthClient => new OauthClient(world, world.thief.client.dpopKey);

/** Opens the sign-in page by the request that the attacks change. */
const honest: Attack['control'] = async (world) => {
  const { url } = await openSignIn(clientOf(world), patientBrowser());
  return { held: url.pathname.startsWith('/login/'), shown: url.pathname };
};

/** Sends an authorization request; the client must get this error, and no code. */
function requestAttack(name: string, error: string, changes: Record<string, string | undefined>): Attack {
  return {
    name: `requests.${name}`,
    on: AUTHORIZE,
    control: honest,
    run: async (world) => verdict(error, await outcomeOf(clientOf(world).authorizeUrl(changes))),
  };
}

/** Returns the error at the client's address, or on a page. */
async function outcomeOf(url: URL): Promise<string> {
  const response = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
  const location = response.headers.get('location');
  if (location === null) {
    const page = await response.text();
    const error = /<dd>([a-z_]+)<\/dd>/.exec(page)?.[1];
    return `page ${response.status} ${error ?? ''}`.trim();
  }
  const target = new URL(location, url);
  if (target.origin === url.origin) return `goes on to ${target.pathname.split('/')[1]}`;
  const answer = target.searchParams.has('error')
    ? target.searchParams
    : new URLSearchParams(target.hash.slice(1));
  const place = location.startsWith(CALLBACK) ? '' : `at ${target.origin} `;
  return `${place}${answer.get('error') ?? 'no error'}`;
}

const requests: Attack[] = [
  requestAttack('no-pkce', 'invalid_request', {
    code_challenge: undefined,
    code_challenge_method: undefined,
  }),
  requestAttack('plain-pkce', 'invalid_request', { code_challenge_method: 'plain' }),
  requestAttack('short-challenge', 'invalid_request', { code_challenge: 'x' }),
  ...['token', 'id_token', 'code token', 'code id_token', 'none'].map((type) =>
    requestAttack(`response-type-${type.replace(' ', '-')}`, 'unsupported_response_type', {
      response_type: type,
      nonce: 'n',
    }),
  ),
  requestAttack('scope-of-operators', 'invalid_scope', { scope: 'openid ledger:read' }),
  requestAttack('another-resource', 'invalid_target', { resource: 'https://api.example' }),
  requestAttack('request-object', 'request_not_supported', {
    request: `${encode({ alg: 'none' })}.${encode({ redirect_uri: 'https://evil.example' })}.`,
  }),
  requestAttack('request-uri', 'request_uri_not_supported', { request_uri: 'http://127.0.0.1:9/request' }),
  requestAttack('pushed-request-of-nobody', 'invalid_request_uri', {
    request_uri: 'urn:ietf:params:oauth:request_uri:guessed',
  }),
  requestAttack('registration', 'registration_not_supported', {
    registration: '{"redirect_uris":["https://evil.example"]}',
  }),
  requestAttack('without-signing-in', 'login_required', { prompt: 'none' }),
  requestAttack('unknown-client', 'page 400 invalid_client', { client_id: 'nobody' }),
  requestAttack('client-of-operators', 'page 400 invalid_redirect_uri', { client_id: 'treasury' }),
  requestAttack('client-id-sql', 'page 400 invalid_client', { client_id: "' OR '1'='1" }),
  requestAttack('client-id-nul', 'page 400 invalid_client', { client_id: 'a\0b' }),
  ...['state', 'nonce', 'login_hint', 'ui_locales'].map((name) =>
    requestAttack(`${name.replace('_', '-')}-nul`, 'invalid_request', { [name]: 'a\0b' }),
  ),
];

/** Addresses to which no code may go: near the registered one, or of another scheme. */
const redirects: Record<string, string | undefined> = {
  'of-another-site': 'https://evil.example/callback',
  absent: undefined,
  'with-the-callback-as-prefix': `${CALLBACK}.evil.example`,
  'with-a-longer-path': `${CALLBACK}/evil`,
  'with-dot-segments': `${CALLBACK}/../evil`,
  'with-encoded-dot-segments': `${CALLBACK}%2f..%2fevil`,
  'with-user': 'http://127.0.0.1@evil.example/callback',
  'with-a-backslash': 'http://127.0.0.1\\@evil.example/callback',
  'with-the-host-as-subdomain': 'http://127.0.0.1.evil.example/callback',
  'with-a-query': `${CALLBACK}?next=https://evil.example`,
  'with-a-fragment': `${CALLBACK}#fragment`,
  'with-a-trailing-slash': `${CALLBACK}/`,
  'in-capitals': CALLBACK.toUpperCase(),
  'with-a-space': `${CALLBACK} `,
  'with-a-line-break': `${CALLBACK}\r\nLocation: https://evil.example`,
  'with-nul': `${CALLBACK}\0`,
  'with-another-scheme': CALLBACK.replace('http:', 'https:'),
  javascript: 'javascript:alert(1)',
  data: 'data:text/html,<script>alert(1)</script>',
  'without-a-scheme': '//evil.example/callback',
  'of-this-server': '/login',
  'with-a-decimal-address': 'http://2130706433/callback',
};

const openRedirects: Attack[] = Object.entries(redirects).map(([name, redirect_uri]) => ({
  name: `requests.redirect-${name}`,
  on: AUTHORIZE,
  control: honest,
  run: async (world): Promise<Verdict> => {
    const seen = await outcomeOf(clientOf(world).authorizeUrl({ redirect_uri }));
    return verdict(
      redirect_uri === undefined ? 'page 400 invalid_request' : 'page 400 invalid_redirect_uri',
      seen,
    );
  },
}));

/** A pushed request (RFC 9126) has the same limits. */
const pushed: Attack[] = Object.entries({
  'another-redirect-uri': ['400 invalid_request', { redirect_uri: 'https://evil.example/' }],
  'no-pkce': ['400 invalid_request', { code_challenge: undefined, code_challenge_method: undefined }],
  'scope-of-operators': ['400 invalid_scope', { scope: 'ledger:read' }],
  'client-of-operators': ['401 invalid_client', { client_id: 'treasury' }],
} as const).map(([name, [expected, changes]]) => ({
  name: `requests.pushed-${name}`,
  on: 'POST /oauth/par',
  run: async (world) => {
    const client = clientOf(world);
    const parameters = Object.fromEntries(client.authorizeUrl(changes).searchParams);
    const { status, code } = await client.post('par', parameters);
    return verdict(expected, `${status} ${code}`);
  },
}));

/** Attacks by authorization requests. */
export const requestAttacks: readonly Attack[] = [...requests, ...openRedirects, ...pushed];
