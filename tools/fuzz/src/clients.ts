import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OAuthClient } from '@tallystick/client';
import { scopesFor } from '@tallystick/contracts';
import { signIn } from '@tallystick/demo';
import { importSigningKey, type SigningKey } from '@tallystick/security';
import { CUSTOMER_CLIENT, isPower, type StackFile } from '@tallystick/stack';

/** A signed-in client, for the program that signs the requests. */
export interface FuzzClient {
  scopes: readonly string[];
  token: string;
  /** The private key of its proofs. */
  jwk: object;
}

/** Signs a customer in, and each client of operators. */
export async function signInAll(stack: StackFile): Promise<FuzzClient[]> {
  const authUrl = stack.services['auth']!;
  const [customer] = stack.customers;
  if (customer === undefined) throw new Error('the stack file names no customer');
  const scopes = scopesFor('customer');
  const ofCustomer = withKey(async (dpopKey) => {
    const { email, password } = customer;
    const scope = ['openid', 'offline_access', ...scopes].join(' ');
    const redirectUri = 'http://127.0.0.1/callback';
    const person = { email, password, scope, dpopKey };
    return (await signIn({ authUrl, clientId: CUSTOMER_CLIENT, redirectUri, ...person })).tokens;
  }, scopes);
  const ofOperators = stack.clients.flatMap(({ client_id: clientId, privateJwk, ...client }) => {
    if (!isPower(clientId) || privateJwk === undefined) return [];
    const scope = String(client['scope']);
    return withKey(async (dpopKey) => {
      const key = JSON.parse(await readFile(privateJwk, 'utf8')) as object;
      const oauth = await OAuthClient.discover({ issuer: authUrl, clientId, privateJwk: key });
      return oauth.clientCredentials(scope, dpopKey);
    }, scope.split(' '));
  });
  return Promise.all([ofCustomer, ...ofOperators]);
}

async function withKey(
  grant: (dpopKey: SigningKey) => Promise<{ accessToken: string }>,
  scopes: readonly string[],
): Promise<FuzzClient> {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const { accessToken: token } = await grant(await importSigningKey(jwk as never));
  return { scopes, token, jwk };
}
