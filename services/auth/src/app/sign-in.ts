import { auditOf } from '@tallystick/audit';
import { AUDIT_DONE, AUDIT_NOBODY } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import type { KnownDevices } from '@tallystick/security';
import { findPersonByEmail } from '../store/people.ts';
import { createDecoyHash, verifyPassword } from './passwords.ts';
import type { CountedAccount, SignInAttempts, SignInLimit } from '../store/sign-in-attempts.ts';
import { canonicalEmail } from '../domain/email.ts';
import type { People } from '../domain/people.ts';

export type SignInOutcome =
  | {
      kind: 'signed-in';
      personId: string;
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
 * Signs customers and operators in by password. A wrong name and a wrong password take the same work and get the same answer, and
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
   * @param attempt.people the kind of people that the client signs in; nobody else has a name there
   * @param attempt.address network of the person's browser, for the limits
   * @param attempt.deviceCookie by which the browser may be known
   */
  async signIn({
    people,
    email,
    password,
    address,
    deviceCookie,
  }: {
    people: People;
    email: string;
    password: string;
    address: string;
    deviceCookie?: string | undefined;
  }): Promise<SignInOutcome> {
    const { db, attempts, devices } = this.#options;
    const person = await findPersonByEmail(db, people, email);
    const device = person && devices.find(deviceCookie, person.id);
    const account = countedAs(email, person && { kind: nounOf[people], id: person.id }, device);
    const throttled = await attempts.begin(account, address);
    if (throttled !== undefined) {
      const { waitS, begins } = throttled;
      // One entry for each limit and its time: whoever guesses on cannot fill the audit.
      if (begins !== undefined) await this.#auditLimit(person?.id, address, begins);
      return { kind: 'wait', waitS };
    }
    const matches = await verifyPassword(person?.passwordHash ?? this.#decoyHash, password);
    const isAllowed = person !== undefined && person.disabledAt === undefined && matches;
    await this.#audit(person?.id, isAllowed ? AUDIT_DONE : 'sign_in.wrong');
    if (!isAllowed) return { kind: 'wrong' };
    await attempts.succeeded(account, address);
    return { kind: 'signed-in', personId: person.id, deviceCookie: devices.issue(person.id) };
  }

  async #auditLimit(personId: string | undefined, network: string, limit: SignInLimit): Promise<void> {
    const { db, nowMs } = this.#options;
    const decision = {
      actor: personId ?? AUDIT_NOBODY,
      action: 'auth.sign_in.throttle',
      object: network,
      outcome: `sign_in.${limit}`,
    };
    await db.query(auditOf([{ ...decision, atMs: nowMs() }]));
  }

  /** The name that was typed is not kept: it may be a password. */
  async #audit(personId: string | undefined, outcome: string): Promise<void> {
    const { db, nowMs } = this.#options;
    const decision = {
      actor: personId ?? AUDIT_NOBODY,
      action: 'auth.sign_in',
      object: personId,
      outcome,
    };
    await db.query(auditOf([{ ...decision, atMs: nowMs() }]));
  }
}

const nounOf = { customers: 'customer', operators: 'operator' } as const;

/** Returns the account to count: one person has one counter however the name is typed, and a known browser its own. */
function countedAs(
  email: string,
  person: CountedAccount | undefined,
  deviceId: string | undefined,
): CountedAccount {
  if (deviceId !== undefined) return { kind: 'device', id: deviceId };
  return person ?? { kind: 'name', id: canonicalEmail(email) };
}
