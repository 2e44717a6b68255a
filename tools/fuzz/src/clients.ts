import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { scopesFor } from '@tallystick/contracts';
import { clientCredentials, signIn } from '@tallystick/demo';
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
    return signIn({ authUrl, clientId: CUSTOMER_CLIENT, redirectUri, email, password, scope, dpopKey });
  }, scopes);
  const ofOperators = stack.clients.flatMap(({ client_id: clientId, privateJwk, ...client }) => {
    if (!isPower(clientId) || privateJwk === undefined) return [];
    const scope = String(client['scope']);
    return withKey(async (dpopKey) => {
      const key = JSON.parse(await readFile(privateJwk, 'utf8')) as never;
      return clientCredentials({ authUrl, clientId, privateJwk: key, scope, dpopKey });
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
