import { readFile } from 'node:fs/promises';
import { scopesFor } from '@tallystick/contracts';
import { ApiClient, clientCredentials, newDpopKey, refreshAccess, signIn } from '@tallystick/demo';
import { CUSTOMER_CLIENT, OPERATOR_CLIENT, type StackFile } from '@tallystick/stack';

const CUSTOMER_SCOPE = ['openid offline_access', ...scopesFor('customer')].join(' ');

/** A customer who stays signed in: an access token lives for ten minutes only. */
export interface SignedIn {
  client: ApiClient;
  refresh(): Promise<void>;
}

/** The actors of the load: one customer pays, another is paid, the operator brings in money. */
export interface People {
  payer: SignedIn;
  merchant: SignedIn;
  operator: ApiClient;
}

/** Signs in the people. The first two customers of the stack file are the payer and the merchant. */
export async function signPeopleIn(stack: StackFile): Promise<People> {
  const [first, second] = stack.customers;
  if (first === undefined || second === undefined)
    throw new Error('the stack file names fewer than two customers');
  const [payer, merchant, operator] = await Promise.all([
    signInCustomer(stack, first),
    signInCustomer(stack, second),
    signInOperator(stack),
  ]);
  return { payer, merchant, operator };
}

async function signInCustomer(
  { services }: StackFile,
  { email, password }: StackFile['customers'][number],
): Promise<SignedIn> {
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
  const client = new ApiClient(services as ApiClient['services'], granted.accessToken, dpopKey);
  let refreshToken = granted.refreshToken!;
  return {
    client,
    async refresh() {
      const fresh = await refreshAccess({
        authUrl: services.auth!,
        clientId: CUSTOMER_CLIENT,
        refreshToken,
        dpopKey,
      });
      client.accessToken = fresh.accessToken;
      refreshToken = fresh.refreshToken;
    },
  };
}

/** Signs in the operator by its client's key. */
export async function signInOperator({ clients, services }: StackFile): Promise<ApiClient> {
  const client = clients.find(({ client_id }) => client_id === OPERATOR_CLIENT);
  if (client?.privateJwk === undefined)
    throw new Error('the stack file names no operator with a private key');
  const dpopKey = await newDpopKey();
  const granted = await clientCredentials({
    authUrl: services.auth!,
    clientId: OPERATOR_CLIENT,
    privateJwk: JSON.parse(await readFile(client.privateJwk, 'utf8')) as never,
    scope: String(client['scope']),
    dpopKey,
  });
  return new ApiClient(services as ApiClient['services'], granted.accessToken, dpopKey);
}
