import { createHash, randomBytes } from 'node:crypto';
import {
  AuthorizationError,
  generateDpopKey,
  importDpopKey,
  type DpopKey,
  type OAuthClient,
  type PendingSignIn,
  type PublicJwk,
  type Tokens,
} from '@tallystick/client';
import { CodedError, personScopes, powers } from '@tallystick/contracts';
import { isTransient, transaction, type Pool } from '@tallystick/postgres';
import {
  decryptField,
  encryptField,
  verifyAccessToken,
  type AccessToken,
  type Keyring,
  type KeySet,
} from '@tallystick/security';
import {
  deleteSession,
  findSession,
  noteUse,
  putPending,
  putSession,
  resealSession,
  takePending,
} from '../store/sessions.ts';

/** An access token is refreshed when it has less time left than this. */
const REFRESHED_BEFORE_END_MS = 60_000;

/** Sessions that a process remembers. */
const KNOWN_MAX = 1_000;

/** The scopes that the console asks for; a person gets those that the roles give. */
const SCOPE = ['openid', ...personScopes(powers)].join(' ');

/** An operator who is signed in. */
export interface SignedIn {
  /** `opr_…` */
  operatorId: string;
  name: string;
  roles: readonly string[];
  scopes: ReadonlySet<string>;
  /** Confidential. */
  accessToken: string;
  key: DpopKey;
}

export interface SessionsOptions {
  pool: Pool;
  keyring: Keyring;
  issuer: string;
  clientId: string;
  /** Reads the metadata of auth when it is first needed. */
  oauth: () => Promise<OAuthClient>;
  redirectUri: string;
  /** The keys that encrypt tokens at rest. */
  keys: () => KeySet;
  nowMs: () => number;
}

type PrivateJwk = PublicJwk & { d?: string };
interface PendingContent {
  pending: PendingSignIn;
  key: PrivateJwk;
  returnTo: string;
}
interface SessionContent {
  tokens: Tokens;
  key: PrivateJwk;
}

/**
 * The sessions of operators in the browser. The cookie has a random id; the database has its digest and, encrypted, the
 * tokens and the key that they are bound to.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  /** What was last read of sessions, by their digests, for the time in which Postgres does not answer. */
  readonly #known = new Map<string, SessionContent>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /**
   * Begins a sign-in at auth.
   * @param returnTo local path of the page that is shown afterwards
   * @returns the id for the browser's cookie, and where the browser goes
   * @throws AuthorizationUnavailableError if auth does not answer
   */
  async begin(returnTo: string): Promise<{ id: string; url: string }> {
    const { oauth, redirectUri, pool } = this.#options;
    const key = await generateDpopKey('ES256', { extractable: true });
    const pending = await (await oauth()).beginSignIn({ redirectUri, scope: SCOPE, key });
    const id = newSessionId();
    const content: PendingContent = { pending, key: await exportKey(key), returnTo };
    await putPending(pool, digestOf(id), this.#seal('pending_sign_in', id, content));
    return { id, url: pending.url };
  }

  /**
   * Ends a sign-in and begins a session.
   * @param callback the address at which the browser came back
   * @returns the id for the session's cookie; `undefined` if the sign-in is unknown, used or too old
   * @throws AuthorizationError if the operator declined or auth refuses
   */
  async end(id: string, callback: string): Promise<{ id: string; returnTo: string } | undefined> {
    const { oauth, pool, nowMs } = this.#options;
    const sealed = await takePending(pool, digestOf(id));
    if (sealed === undefined) return undefined;
    const { pending, key, returnTo } = this.#open('pending_sign_in', id, sealed) as PendingContent;
    const tokens = await (await oauth()).endSignIn(pending, callback, await importDpopKey(key));
    const { subject } = await this.#verify(tokens, nowMs());
    const sessionId = newSessionId();
    const content: SessionContent = { tokens, key };
    await putSession(pool, digestOf(sessionId), {
      operatorId: subject,
      sealed: this.#seal('session', sessionId, content),
    });
    return { id: sessionId, returnTo };
  }

  /**
   * Finds who is signed in. The access token is verified at each request, so a revocation counts here as it does in every
   * service. While Postgres does not answer, a session that this process knows goes on until its access token ends.
   * @param isUse whether this request keeps the session from ending; a live part of a page does not
   * @returns `undefined` if the session has ended
   * @throws CodedError `service.unavailable` without a fresh snapshot of keys
   * @throws AuthorizationUnavailableError if a refresh is due and auth does not answer
   */
  async find(id: string, isUse: boolean): Promise<SignedIn | undefined> {
    const { pool, nowMs } = this.#options;
    const known = this.#known.get(nameOf(id));
    try {
      const sealed = await findSession(pool, digestOf(id));
      if (sealed === undefined) return this.#forget(id);
      const content = this.#open('session', id, sealed) as SessionContent;
      const isDue = content.tokens.expiresAtMs - nowMs() < REFRESHED_BEFORE_END_MS;
      const current = isDue ? await this.#refresh(id) : content;
      const signedIn = await this.#signedIn(current);
      if (isUse) await noteUse(pool, digestOf(id));
      this.#know(id, current);
      return signedIn;
    } catch (error) {
      if (isTransient(error) && known !== undefined) return this.#withoutPostgres(known, error);
      if (!isEnded(error)) throw error;
      await this.drop(id);
      return undefined;
    }
  }

  /** Ends a session here. */
  async drop(id: string): Promise<void> {
    this.#forget(id);
    await deleteSession(this.#options.pool, digestOf(id));
  }

  async #withoutPostgres(known: SessionContent, fault: unknown): Promise<SignedIn> {
    try {
      return await this.#signedIn(known);
    } catch (error) {
      throw isEnded(error) ? fault : error;
    }
  }

  async #signedIn({ tokens, key }: SessionContent): Promise<SignedIn> {
    const token = await this.#verify(tokens, this.#options.nowMs());
    return {
      operatorId: token.subject,
      name: token.operator!.name,
      roles: token.operator!.roles,
      scopes: token.scopes,
      accessToken: tokens.accessToken,
      key: await importDpopKey(key),
    };
  }

  /** Remembers a session. If there are too many, the one that was used least recently is forgotten. */
  #know(id: string, content: SessionContent): void {
    this.#forget(id);
    this.#known.set(nameOf(id), content);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KNOWN_MAX) this.#known.delete(oldest!);
  }

  #forget(id: string): undefined {
    this.#known.delete(nameOf(id));
  }

  /** Refreshes the tokens of a session, once for all requests that wait for it. */
  async #refresh(id: string): Promise<SessionContent> {
    const { pool, oauth, nowMs } = this.#options;
    return transaction(pool, async (tx) => {
      const sealed = await findSession(tx, digestOf(id), true);
      if (sealed === undefined) throw new CodedError('token.expired');
      const { tokens, key } = this.#open('session', id, sealed) as SessionContent;
      // Another request may have refreshed them while this one waited for the lock.
      if (tokens.expiresAtMs - nowMs() >= REFRESHED_BEFORE_END_MS) return { tokens, key };
      const next = await (await oauth()).refresh(tokens, await importDpopKey(key));
      const content = { tokens: next, key };
      await resealSession(tx, digestOf(id), this.#seal('session', id, content));
      return content;
    });
  }

  async #verify({ accessToken }: Tokens, atMs: number): Promise<AccessToken> {
    const { keyring, issuer, clientId } = this.#options;
    const token = await verifyAccessToken(accessToken, { keyring, issuer, atMs });
    if (token.clientId !== clientId || token.operator === undefined || token.keyThumbprint === undefined)
      throw new CodedError('token.invalid', { detail: 'not the token of an operator of the console' });
    return token;
  }

  #seal(table: string, id: string, content: PendingContent | SessionContent): Buffer {
    return encryptField(this.#options.keys(), JSON.stringify(content), placeOf(table, id));
  }

  #open(table: string, id: string, sealed: Buffer): unknown {
    return JSON.parse(decryptField(this.#options.keys(), sealed, placeOf(table, id)));
  }
}

function nameOf(id: string): string {
  return digestOf(id).toString('base64url');
}

function placeOf(table: string, id: string): { table: string; column: string; rowId: string } {
  return { table, column: 'sealed', rowId: nameOf(id) };
}

/** Whether an error says that the person is no longer signed in. */
function isEnded(error: unknown): boolean {
  return (
    (error instanceof CodedError && error.code.startsWith('token.')) ||
    (error instanceof AuthorizationError && error.error === 'invalid_grant')
  );
}

function newSessionId(): string {
  return randomBytes(32).toString('base64url');
}

function digestOf(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}

async function exportKey(key: DpopKey): Promise<PrivateJwk> {
  const { d } = await crypto.subtle.exportKey('jwk', key.privateKey);
  return { ...key.publicJwk, d: d! };
}
