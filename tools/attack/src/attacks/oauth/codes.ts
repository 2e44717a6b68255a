import { operations } from '@tallystick/contracts';
import { ApiClient, newDpopKey } from '@tallystick/demo';
import { makeProof } from '@tallystick/security';
import { CUSTOMER_CLIENT, until } from '@tallystick/stack';
import { verdict, type Attack } from '../../attack.ts';
import { decode } from '../../forge/jws.ts';
import { answerOf, ask, shown, type Answer } from '../../http/ask.ts';
import { OauthClient } from '../../http/oauth-client.ts';
import { CALLBACK } from '../../target/people.ts';
import type { World } from '../../target/world.ts';

const TOKEN = 'POST /oauth/token';
const GRANT = '400 invalid_grant';
const REVOKED_WITHIN_MS = 2_000;

const newClient = async (world: World): Promise<OauthClient> => new OauthClient(world, await newDpopKey());

/** Exchanges a code as every attack here does but for one change. */
const honest: Attack['control'] = async (world) => {
  const client = await newClient(world);
  return verdict('200', shown(await client.exchange(await client.code(world.victim))));
};

/** Takes the code of a sign-in of the victim and uses it in another way. */
function codeAttack(
  name: string,
  use: (code: string, client: OauthClient, world: World) => Promise<Answer>,
  expected = GRANT,
): Attack {
  return {
    name: `codes.${name}`,
    on: TOKEN,
    control: honest,
    run: async (world) => {
      const client = await newClient(world);
      const code = await client.code(world.victim, { dpop_jkt: client.key.kid });
      return verdict(expected, shown(await use(code, client, world)));
    },
  };
}

const codes: Attack[] = [
  codeAttack('by-another-key', async (code, client) => client.exchange(code, {}, await newDpopKey())),
  codeAttack('without-a-proof', (code, client) => client.exchange(code, {}, null)),
  codeAttack('with-another-verifier', (code, client) =>
    client.exchange(code, { code_verifier: 'x'.repeat(43) }),
  ),
  codeAttack('with-the-challenge-as-verifier', (code, client) =>
    client.exchange(code, { code_verifier: client.authorizeUrl().searchParams.get('code_challenge')! }),
  ),
  codeAttack('without-a-verifier', (code, client) => client.exchange(code, { code_verifier: undefined })),
  codeAttack('for-another-redirect-uri', (code, client) =>
    client.exchange(code, { redirect_uri: 'https://evil.example/callback' }),
  ),
  codeAttack(
    'without-a-redirect-uri',
    (code, client) => client.exchange(code, { redirect_uri: undefined }),
    '400 invalid_request',
  ),
  codeAttack(
    'by-a-client-without-its-key',
    (code, client) => client.exchange(code, { client_id: 'treasury' }),
    '401 invalid_client',
  ),
  codeAttack(
    'by-an-unknown-client',
    (code, client) => client.exchange(code, { client_id: 'nobody' }),
    '401 invalid_client',
  ),
  codeAttack('as-a-refresh-token', (code, client) => client.refresh(code)),
  codeAttack('altered', (code, client) =>
    client.exchange(`${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}`),
  ),
  ...Object.entries({ sql: "' OR '1'='1", nul: 'a\0b', 'long-text': 'a'.repeat(20_000), empty: '' }).map(
    ([name, text]) =>
      codeAttack(
        `guessed-${name}`,
        (_code, client) => client.exchange(text),
        name === 'empty' ? '400 invalid_request' : GRANT,
      ),
  ),
  {
    name: 'codes.replayed',
    on: TOKEN,
    control: honest,
    run: async (world) => {
      const client = await newClient(world);
      const code = await client.code(world.victim);
      const first = await client.exchange(code);
      const second = shown(await client.exchange(code));
      // The tokens of a stolen code end too (RFC 6749 §4.1.2).
      const rest = shown(await client.refresh(refreshTokenIn(first)));
      return verdict(
        `${GRANT}, also for its tokens`,
        rest === second ? `${second}, also for its tokens` : `${second}, ${rest}`,
      );
    },
  },
  {
    name: 'codes.used-five-times-at-once',
    on: TOKEN,
    control: honest,
    run: async (world) => {
      const client = await newClient(world);
      const code = await client.code(world.victim);
      const answers = await Promise.all(Array.from({ length: 5 }, () => client.exchange(code)));
      return verdict(
        'one 200',
        `${answers.filter(({ status }) => status === 200).length === 1 ? 'one' : 'not one'} 200`,
      );
    },
  },
];

/** Takes a refresh token of the victim and uses it in another way. */
function refreshAttack(
  name: string,
  use: (token: string, client: OauthClient, world: World) => Promise<Answer>,
  expected = GRANT,
): Attack {
  return {
    name: `codes.refresh-${name}`,
    on: TOKEN,
    control: honest,
    run: async (world) => {
      const client = await newClient(world);
      const token = refreshTokenIn(await client.exchange(await client.code(world.victim)));
      return verdict(expected, shown(await use(token, client, world)));
    },
  };
}

/**
 * Uses a refresh token of the victim again; the grace for a lost answer has not ended.
 * @param replay returns the answer, and the refresh token that worked until then
 */
function replayAttack(
  name: string,
  replay: (client: OauthClient, first: string) => Promise<{ replayed: Answer; latest: string }>,
): Attack {
  return {
    name: `codes.refresh-${name}`,
    on: TOKEN,
    control: honest,
    run: async (world) => {
      const client = await newClient(world);
      const first = refreshTokenIn(await client.exchange(await client.code(world.victim)));
      const { replayed, latest } = await replay(client, first);
      const [answer, family] = [shown(replayed), shown(await client.refresh(latest))];
      return verdict(
        `${GRANT}, and the family ends`,
        family === answer ? `${answer}, and the family ends` : `${answer}, ${family}`,
      );
    },
  };
}

const refreshTokens: Attack[] = [
  refreshAttack('by-another-key', async (token, client) => client.refresh(token, {}, await newDpopKey())),
  refreshAttack('without-a-proof', (token, client) => client.refresh(token, {}, null)),
  refreshAttack(
    'with-more-scopes',
    (token, client) => client.refresh(token, { scope: 'ledger:read' }),
    '400 invalid_scope',
  ),
  refreshAttack('as-a-code', (token, client) => client.exchange(token)),
  refreshAttack(
    'by-a-client-without-its-key',
    (token, client) => client.refresh(token, { client_id: 'support' }),
    '401 invalid_client',
  ),
  refreshAttack('access-token-instead', (_token, client, { victim }) =>
    client.refresh(victim.client.accessToken),
  ),
  refreshAttack('nul', (_token, client) => client.refresh('a\0b')),
  refreshAttack('after-its-revocation', async (token, client) => {
    await client.post('revoke', { client_id: CUSTOMER_CLIENT, token });
    return client.refresh(token);
  }),
  replayAttack('replayed-by-another-key', async (client, first) => {
    const latest = refreshTokenIn(await client.refresh(first));
    return { replayed: await client.refresh(first, {}, await newDpopKey()), latest };
  }),
  replayAttack('replayed-after-its-successor', async (client, first) => {
    const second = refreshTokenIn(await client.refresh(first));
    const latest = refreshTokenIn(await client.refresh(second));
    return { replayed: await client.refresh(first), latest };
  }),
];

/** A token in use whose consent the customer withdraws: every service must refuse it within two seconds. */
const withdrawn: Attack = {
  name: 'codes.access-token-of-a-withdrawn-consent',
  on: 'GET /v1/accounts',
  control: honest,
  run: async (world) => {
    const client = await newClient(world);
    const { access_token: token } = JSON.parse(
      (await client.exchange(await client.code(world.victim))).text,
    ) as {
      access_token: string;
    };
    const stolen = new ApiClient(world.victim.client.services, token, client.key);
    const first = shown(await ask(stolen, operations.accountList));
    if (first !== '200') return { held: false, shown: `before: ${first}` };
    const consentId = String(decode(token, 1)['grant_id']);
    await world.victim.client.call(operations.consentWithdraw, { params: { consentId } });
    let seen = '';
    await until(async () => {
      seen = shown(await ask(stolen, operations.accountList));
      return seen !== '200';
    }, REVOKED_WITHIN_MS);
    return verdict('401 token.revoked', seen);
  },
};

/** Attacks on the proof at the token endpoint. */
function tokenProofAttack(
  name: string,
  change: { method?: string; url?: string; nowMs?: number },
  expected = '400 invalid_dpop_proof',
): Attack {
  return {
    name: `codes.proof-${name}`,
    on: TOKEN,
    control: honest,
    run: async (world) => {
      const client = await newClient(world);
      const code = await client.code(world.victim);
      const url = `${client.url}/oauth/token`;
      const proof = await makeProof(client.key, { method: 'POST', url, nowMs: Date.now(), ...change });
      return verdict(expected, shown(await answerOf(await exchangeWith(client, code, proof))));
    },
  };
}

function exchangeWith(client: OauthClient, code: string, proof: string, origin?: string): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: client.verifier,
    client_id: CUSTOMER_CLIENT,
  });
  const headers = { DPoP: proof, ...(origin !== undefined && { origin }) };
  return fetch(`${client.url}/oauth/token`, { method: 'POST', headers, body });
}

const tokenProofs: Attack[] = [
  tokenProofAttack('of-another-method', { method: 'GET' }),
  tokenProofAttack('of-another-url', { url: 'https://evil.example/oauth/token' }),
  tokenProofAttack('old', { nowMs: Date.now() - 3_600_000 }),
  tokenProofAttack('of-the-future', { nowMs: Date.now() + 3_600_000 }),
  {
    name: 'codes.exchanged-by-a-script-of-another-site',
    on: TOKEN,
    control: honest,
    run: async (world) => {
      const client = await newClient(world);
      const code = await client.code(world.victim);
      const proof = await makeProof(client.key, {
        method: 'POST',
        url: `${client.url}/oauth/token`,
        nowMs: Date.now(),
      });
      const response = await exchangeWith(client, code, proof, 'https://evil.example');
      const reader = response.headers.get('access-control-allow-origin') ?? 'nobody';
      return verdict(
        '400 invalid_request, read by nobody',
        `${shown(await answerOf(response))}, read by ${reader}`,
      );
    },
  },
  {
    name: 'codes.proof-replayed',
    on: TOKEN,
    control: honest,
    run: async (world) => {
      const client = await newClient(world);
      const [first, second] = [await client.code(world.victim), await client.code(world.victim)];
      const url = `${client.url}/oauth/token`;
      const proof = await makeProof(client.key, { method: 'POST', url, nowMs: Date.now() });
      await exchangeWith(client, first, proof);
      return verdict(GRANT, shown(await answerOf(await exchangeWith(client, second, proof))));
    },
  },
];

/** Attacks by codes, refresh tokens and proofs at the token endpoint. */
export const codeAttacks: readonly Attack[] = [...codes, ...refreshTokens, withdrawn, ...tokenProofs];

function refreshTokenIn({ text }: Answer): string {
  return String((JSON.parse(text) as { refresh_token?: unknown }).refresh_token);
}
