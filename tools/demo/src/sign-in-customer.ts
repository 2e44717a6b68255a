import type { RenewedAccess } from '@tallystick/client';
import { CUSTOMER_CLIENT, type StackFile } from '@tallystick/stack';
import { ApiClient } from './api-client.ts';
import { newDpopKey } from './dpop-key.ts';
import { signIn } from './sign-in.ts';

/** A customer of a stack who is signed in. */
export interface SignedInCustomer {
  client: ApiClient;
  /** Renews the access token, which lives for ten minutes only. */
  access: RenewedAccess;
  /** The key id to which the client's tokens are bound. */
  dpopKeyId: string;
}

/**
 * Signs a customer in through the code flow, with a new DPoP key.
 * @param scope the scopes to ask for, separated by spaces
 */
export async function signInCustomer(
  { services }: Pick<StackFile, 'services'>,
  { email, password }: Pick<StackFile['customers'][number], 'email' | 'password'>,
  scope: string,
): Promise<SignedInCustomer> {
  const dpopKey = await newDpopKey();
  const { tokens, access } = await signIn({
    authUrl: services.auth!,
    clientId: CUSTOMER_CLIENT,
    redirectUri: 'http://127.0.0.1/callback',
    email,
    password,
    scope,
    dpopKey,
  });
  const client = new ApiClient(services as ApiClient['services'], tokens.accessToken, dpopKey);
  return { client, access, dpopKeyId: dpopKey.kid };
}
