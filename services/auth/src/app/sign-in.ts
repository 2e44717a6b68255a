import { auditOf } from '@tallystick/audit';
import { AUDIT_DONE, AUDIT_NOBODY } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import type { KnownDevices } from '@tallystick/security';
import { findCustomerByEmail } from '../store/customers.ts';
import { createDecoyHash, verifyPassword } from './passwords.ts';
import type { CountedAccount, SignInAttempts, SignInLimit } from '../store/sign-in-attempts.ts';
import { canonicalEmail } from '../domain/email.ts';

export type SignInOutcome =
  | {
      kind: 'signed-in';
      customerId: string;
      /** The cookie by which this browser is known from now on. */
      deviceCookie: string;
    }
  /** Wrong name or wrong password; the response does not reveal which. */
  | { kind: 'wrong' }
  | { kind: 'wait'; waitS: number };

export interface SignInOptions {
  db: Queryable;
  attempts: SignInAttempts;
  devices: KnownDevices;
  nowMs: () => number;
}

/**
 * Signs customers in by password. A wrong name and a wrong password take the same work and get the same answer, and
 * both count towards the limits. Each checked password is audited, and each limit as it begins to hold.
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

  /**
   * @param attempt.address network of the customer's browser, for the limits
   * @param attempt.deviceCookie by which the browser may be known
   */
  async signIn({
    email,
    password,
    address,
    deviceCookie,
  }: {
    email: string;
    password: string;
    address: string;
    deviceCookie?: string | undefined;
  }): Promise<SignInOutcome> {
    const { db, attempts, devices } = this.#options;
    const customer = await findCustomerByEmail(db, email);
    const account = countedAs(email, customer?.id, customer && devices.find(deviceCookie, customer.id));
    const throttled = await attempts.begin(account, address);
    if (throttled !== undefined) {
      const { waitS, begins } = throttled;
      // One entry for each limit and its time: whoever guesses on cannot fill the audit.
      if (begins !== undefined) await this.#auditLimit(customer?.id, address, begins);
      return { kind: 'wait', waitS };
    }
    const matches = await verifyPassword(customer?.passwordHash ?? this.#decoyHash, password);
    const isAllowed = customer !== undefined && customer.disabledAt === undefined && matches;
    await this.#audit(customer?.id, isAllowed ? AUDIT_DONE : 'sign_in.wrong');
    if (!isAllowed) return { kind: 'wrong' };
    await attempts.succeeded(account, address);
    return { kind: 'signed-in', customerId: customer.id, deviceCookie: devices.issue(customer.id) };
  }

  async #auditLimit(customerId: string | undefined, network: string, limit: SignInLimit): Promise<void> {
    const { db, nowMs } = this.#options;
    const decision = {
      actor: customerId ?? AUDIT_NOBODY,
      action: 'auth.sign_in.throttle',
      object: network,
      outcome: `sign_in.${limit}`,
    };
    await db.query(auditOf([{ ...decision, atMs: nowMs() }]));
  }

  /** The name that was typed is not kept: it may be a password. */
  async #audit(customerId: string | undefined, outcome: string): Promise<void> {
    const { db, nowMs } = this.#options;
    const decision = {
      actor: customerId ?? AUDIT_NOBODY,
      action: 'auth.sign_in',
      object: customerId,
      outcome,
    };
    await db.query(auditOf([{ ...decision, atMs: nowMs() }]));
  }
}

/** Returns the account to count: one customer has one counter however the name is typed, and a known browser its own. */
function countedAs(
  email: string,
  customerId: string | undefined,
  deviceId: string | undefined,
): CountedAccount {
  if (deviceId !== undefined) return { kind: 'device', id: deviceId };
  return customerId === undefined
    ? { kind: 'name', id: canonicalEmail(email) }
    : { kind: 'customer', id: customerId };
}
