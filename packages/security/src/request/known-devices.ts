import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a browser is known after a sign-in, in milliseconds. */
export const DEVICE_KNOWN_MS = 180 * 86_400_000;
const ID_BYTES = 16;

/**
 * Recognizes browsers in which a customer signed in before (OWASP device cookies). Attempts there are counted apart, so
 * nobody can shut a customer out by guessing elsewhere.
 */
export class KnownDevices {
  readonly #secrets: () => readonly string[];

  /** @param secrets returns the secrets of cookies: the first signs, all verify */
  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  /** Returns the value of the cookie for a browser in which the customer signed in. */
  issue(customerId: string): string {
    const id = randomBytes(ID_BYTES).toString('base64url');
    return `${id}.${mac(this.#secrets()[0]!, customerId, id).toString('base64url')}`;
  }

  /** Returns the id of a browser that this customer used before; `undefined` if the cookie is not of this customer. */
  find(cookie: string | undefined, customerId: string): string | undefined {
    const [id, given, ...rest] = cookie?.split('.') ?? [];
    if (id === undefined || given === undefined || rest.length > 0) return undefined;
    const shown = Buffer.from(given, 'base64url');
    const isGenuine = this.#secrets().some((secret) => {
      const expected = mac(secret, customerId, id);
      return shown.length === expected.length && timingSafeEqual(shown, expected);
    });
    return isGenuine ? id : undefined;
  }
}

function mac(secret: string, customerId: string, id: string): Buffer {
  return createHmac('sha256', secret).update(`device\n${customerId}\n${id}`).digest();
}
