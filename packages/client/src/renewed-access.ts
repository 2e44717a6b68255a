import type { Access } from './access.ts';
import type { DpopKey } from './dpop-key.ts';
import type { Tokens } from './tokens.ts';

/** How long before its end a token is renewed, in milliseconds: a service verifies it later than it is sent. */
const RENEWED_BEFORE_END_MS = 30_000;

/** Access whose token is renewed before it ends, once for all calls that wait for it. */
export class RenewedAccess implements Access {
  readonly key: DpopKey;
  readonly #renew: (tokens: Tokens | undefined) => Promise<Tokens>;
  #tokens: Tokens | undefined;
  #renewal: Promise<Tokens> | undefined;

  /** @param renew gets the next tokens; it never runs twice at once */
  constructor(key: DpopKey, renew: (tokens: Tokens | undefined) => Promise<Tokens>, tokens?: Tokens) {
    this.key = key;
    this.#renew = renew;
    this.#tokens = tokens;
  }

  /** The present tokens; `undefined` before the first ones. */
  get tokens(): Tokens | undefined {
    return this.#tokens;
  }

  async token(refused?: string): Promise<string> {
    const tokens = this.#tokens;
    const isUsable =
      tokens !== undefined &&
      tokens.accessToken !== refused &&
      Date.now() < tokens.expiresAtMs - RENEWED_BEFORE_END_MS;
    return isUsable ? tokens.accessToken : (await this.renew()).accessToken;
  }

  /** Renews the tokens now, or waits for the renewal that runs. */
  async renew(): Promise<Tokens> {
    this.#renewal ??= this.#run().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #run(): Promise<Tokens> {
    this.#tokens = await this.#renew(this.#tokens);
    return this.#tokens;
  }
}
