import { scopesFor } from '@tallystick/contracts';
import { ApiClient, newDpopKey, signIn } from '@tallystick/demo';
import { CUSTOMER_CLIENT, type StackFile } from '@tallystick/stack';
import type { Person } from './world.ts';

/** The redirect URI of the customers' client. */
export const CALLBACK = 'http://127.0.0.1/callback';
/** All scopes that a customer can give the client. */
export const CUSTOMER_SCOPE = ['openid offline_access', ...scopesFor('customer')].join(' ');

/** Signs a customer of the stack file in, with every scope. */
export async function signPersonIn(
  { services }: StackFile,
  { id, email, password }: StackFile['customers'][number],
): Promise<Person> {
  const dpopKey = await newDpopKey();
  const { tokens } = await signIn({
    authUrl: services.auth!,
    clientId: CUSTOMER_CLIENT,
    redirectUri: CALLBACK,
    email,
    password,
    scope: CUSTOMER_SCOPE,
    dpopKey,
  });
  const client = new ApiClient(services, tokens.accessToken, dpopKey);
  return { id: String(id), email, password, client, refreshToken: tokens.refreshToken! };
}
