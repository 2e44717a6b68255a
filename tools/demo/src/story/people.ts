import { scopesFor } from '@tallystick/contracts';
import type { StackFile } from '@tallystick/stack';
import type { Narrator } from '../narrator.ts';
import { Operators } from '../operators.ts';
import { signInCustomer } from '../sign-in-customer.ts';
import type { World } from '../world.ts';

type People = Pick<World, 'customer' | 'merchant' | 'operators' | 'access'>;

const CUSTOMER_SCOPE = ['openid offline_access', ...scopesFor('customer')].join(' ');

/** Signs in the people of the story: two customers through the code flow, the operators by their clients' keys. */
export async function signEverybodyIn(stack: StackFile, narrator: Narrator): Promise<People> {
  const [customer, merchant] = await Promise.all(
    ['customer@example.com', 'merchant@example.com'].map(async (email) => {
      const { client, access, dpopKeyId } = await signInCustomer(
        stack,
        stack.customers.find((one) => one.email === email)!,
        CUSTOMER_SCOPE,
      );
      narrator.check(
        `${email} signs in and consents; the token is bound to the client's key`,
        boundTo(client.accessToken) === dpopKeyId,
      );
      return { client, access };
    }),
  );
  const operators = await Operators.signIn(stack);
  narrator.check(
    'each client of operators gets a token by client credentials, with a signed assertion and no shared secret',
    true,
  );
  return {
    customer: customer!.client,
    merchant: merchant!.client,
    operators,
    access: customer!.access,
  };
}

/** Returns the thumbprint of the key that a token is bound to (RFC 9449 §6.1). */
function boundTo(accessToken: string): string | undefined {
  const claims = Buffer.from(accessToken.split('.')[1]!, 'base64url').toString();
  return (JSON.parse(claims) as { cnf?: { jkt?: string } }).cnf?.jkt;
}
