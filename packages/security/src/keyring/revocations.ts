import type { RevocationClaims, RevocationKind } from '@tallystick/contracts';

/** The claims that a revocation of a token names. */
export interface RevocableToken {
  sub: string;
  client_id: string;
  iat: number;
  /** The sign-in that the token ends with. */
  sid?: string | undefined;
  /** The consent behind the token. */
  grant_id?: string | undefined;
}

/** Number of revocations from which expired ones are dropped. */
const PRUNE_FROM = 1_000;

/** The revocations in force, as auth published them. Each is dropped once no token that it ends can still be used. */
export class Revocations {
  readonly #inForce = new Map<string, RevocationClaims>();
  readonly #now: () => number;
  #pruneFrom = PRUNE_FROM;

  /** @param now returns the time in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds a revocation; an older one of the same tokens changes nothing. */
  add(revocation: RevocationClaims): void {
    if (revocation.exp * 1_000 <= this.#now()) return;
    const key = keyOf(revocation.kind, revocation.id);
    const known = this.#inForce.get(key);
    if (known !== undefined && known.iat >= revocation.iat) return;
    this.#inForce.set(key, revocation);
    if (this.#inForce.size >= this.#pruneFrom) this.#prune();
  }

  /** Returns whether a token was revoked, at any time of its use. */
  covers({ sub, client_id, iat, sid, grant_id }: RevocableToken): boolean {
    if (this.#inForce.size === 0) return false;
    return (
      (grant_id !== undefined && this.#inForce.has(keyOf('grant', grant_id))) ||
      (sid !== undefined && this.#inForce.has(keyOf('session', sid))) ||
      this.#isBefore('client', client_id, iat) ||
      this.#isBefore('customer', sub, iat)
    );
  }

  #isBefore(kind: RevocationKind, id: string, iat: number): boolean {
    const revoked = this.#inForce.get(keyOf(kind, id));
    return revoked !== undefined && iat <= revoked.iat;
  }

  #prune(): void {
    const nowS = this.#now() / 1_000;
    for (const [key, { exp }] of this.#inForce) if (exp <= nowS) this.#inForce.delete(key);
    this.#pruneFrom = Math.max(PRUNE_FROM, this.#inForce.size * 2);
  }
}

function keyOf(kind: RevocationKind, id: string): string {
  return `${kind} ${id}`;
}
