import type { Queryable } from '@tallystick/postgres';
import { findCustomerByEmail } from '../store/customers.ts';
import { createDecoyHash, verifyPassword } from './passwords.ts';
import type { SignInAttempts } from '../store/sign-in-attempts.ts';

export type SignInOutcome =
  | { kind: 'signed-in'; customerId: string }
  /** Wrong name or wrong password; the response does not reveal which. */
  | { kind: 'wrong' }
  | { kind: 'wait'; waitS: number };

export interface SignInOptions {
  db: Queryable;
  attempts: SignInAttempts;
}

/**
 * Signs customers in by password. A wrong name and a wrong password take the same work and get the same answer, and
 * both count towards the limits.
 */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #decoyHash: string;

  private constructor(options: SignInOptions, decoyHash: string) {
    this.#options = options;
    this.#decoyHash = decoyHash;
  }

  static async create(options: SignInOptions): Promise<SignIn> {
    return new SignIn(options, await createDecoyHash());
  }

  /** @param attempt.address of the customer's browser, for the limits */
  async signIn({
    email,
    password,
    address,
  }: {
    email: string;
    password: string;
    address: string;
  }): Promise<SignInOutcome> {
    const { db, attempts } = this.#options;
    const waitS = await attempts.begin(email, address);
    if (waitS !== undefined) return { kind: 'wait', waitS };
    const customer = await findCustomerByEmail(db, email);
    const matches = await verifyPassword(customer?.passwordHash ?? this.#decoyHash, password);
    if (customer === undefined || customer.disabledAt !== undefined || !matches) return { kind: 'wrong' };
    await attempts.succeeded(email, address);
    return { kind: 'signed-in', customerId: customer.id };
  }
}
