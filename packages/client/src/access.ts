import type { DpopKey } from './dpop-key.ts';

/** The access of a client: a token, and the key that it is bound to. */
export interface Access {
  readonly key: DpopKey;
  /**
   * Returns a valid access token.
   * @param refused a token that the server called expired: another one is needed
   */
  token(refused?: string): Promise<string>;
}

/** Access with a token from elsewhere, which is not renewed. */
export function fixedAccess(token: string, key: DpopKey): Access {
  return { key, token: () => Promise.resolve(token) };
}
