import type { RenewedAccess } from '@tallystick/client';
import { scopesFor } from '@tallystick/contracts';
import { Operators, signInCustomer, type ApiClient } from '@tallystick/demo';
import type { StackFile } from '@tallystick/stack';

const CUSTOMER_SCOPE = ['openid offline_access', ...scopesFor('customer')].join(' ');

/** A customer who stays signed in: an access token lives for ten minutes only. */
export interface SignedIn {
  client: ApiClient;
  access: RenewedAccess;
  refresh(): Promise<void>;
}

/** The actors of the load: one customer pays, another is paid, the operators bring in money. */
export interface People {
  payer: SignedIn;
  merchant: SignedIn;
  operators: Operators;
}

/** Signs in the people. The first two customers of the stack file are the payer and the merchant. */
export async function signPeopleIn(stack: StackFile): Promise<People> {
  const [first, second] = stack.customers;
  if (first === undefined || second === undefined)
    throw new Error('the stack file names fewer than two customers');
  const [payer, merchant, operators] = await Promise.all([
    signedIn(stack, first),
    signedIn(stack, second),
    Operators.signIn(stack),
  ]);
  return { payer, merchant, operators };
}

async function signedIn(stack: StackFile, customer: StackFile['customers'][number]): Promise<SignedIn> {
  const { client, access } = await signInCustomer(stack, customer, CUSTOMER_SCOPE);
  return {
    client,
    access,
    async refresh() {
      client.accessToken = (await access.renew()).accessToken;
    },
  };
}
