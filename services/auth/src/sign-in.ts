import type { Queryable } from '@tallystick/postgres';
import { findCustomerByEmail } from './store/customers.ts';
import { createDecoyHash, verifyPassword } from './store/passwords.ts';
import type { SignInAttempts } from './store/sign-in-attempts.ts';

export type SignInOutcome =
  | { kind: 'signed-in'; customerId: string }
  /** Wrong name or wrong password: nobody is told which. */
  | { kind: 'wrong' }
  | { kind: 'wait'; waitS: number };

export type SignIn = (attempt: {
  email: string;
  password: string;
  address: string;
}) => Promise<SignInOutcome>;

/**
 * Signs a customer in by password. A wrong name and a wrong password get the same answer after the same work, and both
 * count towards the limits.
 */
export async function createSignIn(db: Queryable, attempts: SignInAttempts): Promise<SignIn> {
  const decoyHash = await createDecoyHash();
  return async ({ email, password, address }) => {
    const waitS = await attempts.begin(email, address);
    if (waitS !== undefined) return { kind: 'wait', waitS };
    const customer = await findCustomerByEmail(db, email);
    const matches = await verifyPassword(customer?.passwordHash ?? decoyHash, password);
    if (customer === undefined || !matches) return { kind: 'wrong' };
    await attempts.succeeded(email, address);
    return { kind: 'signed-in', customerId: customer.id };
  };
}
