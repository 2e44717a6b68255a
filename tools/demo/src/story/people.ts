import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { scopesFor } from '@tallystick/contracts';
import { importSigningKey } from '@tallystick/security';
import { CUSTOMER_CLIENT, OPERATOR_CLIENT, type StackFile } from '@tallystick/stack';
import { ApiClient } from '../api-client.ts';
import type { Narrator } from '../narrator.ts';
import { clientCredentials, signIn } from '../sign-in.ts';
import type { World } from '../world.ts';

type People = Pick<World, 'customer' | 'merchant' | 'operator' | 'refreshToken'>;

const CUSTOMER_SCOPE = ['openid offline_access', ...scopesFor('customer')].join(' ');

/** Generates a key for DPoP, known only to the client. */
export async function newDpopKey(): ReturnType<typeof importSigningKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return importSigningKey(privateKey.export({ format: 'jwk' }) as Parameters<typeof importSigningKey>[0]);
}

/** Signs in the people of the story: two customers through the code flow, the operator by its client's key. */
export async function signEverybodyIn(stack: StackFile, narrator: Narrator): Promise<People> {
  const { services } = stack;
  const [customer, merchant] = await Promise.all(
    ['customer@example.com', 'merchant@example.com'].map(async (email) => {
      const { password } = stack.customers.find((one) => one.email === email)!;
      const dpopKey = await newDpopKey();
      const granted = await signIn({
        authUrl: services.auth!,
        clientId: CUSTOMER_CLIENT,
        redirectUri: 'http://127.0.0.1/callback',
        email,
        password,
        scope: CUSTOMER_SCOPE,
        dpopKey,
      });
      narrator.check(
        `${email} signs in and consents; the token is bound to the client's key`,
        granted.dpopJkt === dpopKey.kid,
      );
      return {
        client: new ApiClient(services as ApiClient['services'], granted.accessToken, dpopKey),
        refreshToken: granted.refreshToken,
      };
    }),
  );
  const client = stack.clients.find(({ client_id }) => client_id === OPERATOR_CLIENT)!;
  const dpopKey = await newDpopKey();
  const granted = await clientCredentials({
    authUrl: services.auth!,
    clientId: OPERATOR_CLIENT,
    privateJwk: JSON.parse(await readFile(client.privateJwk!, 'utf8')) as never,
    scope: String(client['scope']),
    dpopKey,
  });
  narrator.check(
    'the operator gets a token by client credentials, with a signed assertion and no shared secret',
    true,
  );
  return {
    customer: customer!.client,
    merchant: merchant!.client,
    operator: new ApiClient(services as ApiClient['services'], granted.accessToken, dpopKey),
    refreshToken: customer!.refreshToken!,
  };
}
