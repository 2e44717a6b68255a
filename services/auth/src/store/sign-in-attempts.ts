import { createHash } from 'node:crypto';
import type { Pool, Sweep } from '@tallystick/postgres';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import {
  ACCOUNT_LOCK_OUT,
  ACCOUNT_SLOW_DOWN,
  ADDRESS_LOCK_OUT,
  UNKNOWN_NAMES_AUDITED,
  type GuessingLimit,
} from '../domain/guessing-limits.ts';

/** The account whose attempts are counted. */
export interface CountedAccount {
  kind: 'customer' | 'operator' | 'device' | 'name';
  id: string;
}

/** A limit: a pause of an account, its lock, or the lock of a network. */
export type SignInLimit = 'paused' | 'locked' | 'network_locked';

/** A refused attempt. */
export interface Throttled {
  waitS: number;
  /**
   * The limit that begins to hold with this attempt, to be audited; `undefined` if it held before, or if it is that of
   * one more unknown name from the network.
   */
  begins: SignInLimit | undefined;
}

/** Counts sign-in attempts by account and by address, in Postgres, so that all replicas count together. */
export interface SignInAttempts {
  /**
   * Counts an attempt before its password is verified, so that concurrent guesses are counted too.
   * @param account names the counted account: a person, a browser of a person, or an unknown name as typed
   * @returns undefined if the attempt may proceed
   */
  begin(account: CountedAccount, address: string): Promise<Throttled | undefined>;
  /** Clears the attempts at the account, and this one of the address. */
  succeeded(account: CountedAccount, address: string): Promise<void>;
}

/** Counts attempts in the table `sign_in_attempt`. */
export function createSignInAttempts(pool: Pool): SignInAttempts {
  const limiter = (keyPrefix: string, limit: GuessingLimit): RateLimiterPostgres =>
    new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      tableName: 'sign_in_attempt',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix,
      points: limit.failures,
      duration: limit.windowS,
      blockDuration: limit.refusedForS,
    });
  const slowDown = limiter('slow', ACCOUNT_SLOW_DOWN);
  const lockOut = limiter('lock', ACCOUNT_LOCK_OUT);
  const byAddress = limiter('addr', ADDRESS_LOCK_OUT);

  const unknownNames = limiter('told', UNKNOWN_NAMES_AUDITED);
  const isToAudit = async (limit: SignInLimit, { kind }: CountedAccount, address: string): Promise<boolean> =>
    kind !== 'name' || limit === 'network_locked' || (await consume(unknownNames, address)) === undefined;

  return {
    async begin(counted, address) {
      const account = accountKey(counted);
      for (const [limit, counter, key] of [
        ['paused', slowDown, account],
        ['locked', lockOut, account],
        ['network_locked', byAddress, address],
      ] as const) {
        const refusal = await consume(counter, key);
        if (refusal !== undefined)
          return {
            waitS: refusal.waitS,
            begins: refusal.isFirst && (await isToAudit(limit, counted, address)) ? limit : undefined,
          };
      }
      return undefined;
    },

    async succeeded(counted, address) {
      const account = accountKey(counted);
      await Promise.all([slowDown.delete(account), lockOut.delete(account), byAddress.reward(address)]);
    },
  };
}

export const EXPIRED_ATTEMPTS: Sweep = {
  text: `DELETE FROM sign_in_attempt WHERE key IN (
           SELECT key FROM sign_in_attempt WHERE expire <= extract(epoch FROM now()) * 1000
           ORDER BY expire LIMIT $1 FOR UPDATE SKIP LOCKED)`,
};

/** Names are hashed: the typed text may be anything, even a password. */
function accountKey({ kind, id }: CountedAccount): string {
  return createHash('sha256').update(`${kind}\n${id}`).digest('base64url');
}

async function consume(
  limiter: RateLimiterPostgres,
  key: string,
): Promise<{ waitS: number; isFirst: boolean } | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    // The count is taken in one statement, so one attempt of a window has the first number above the limit.
    return {
      waitS: Math.ceil(refusal.msBeforeNext / 1000),
      isFirst: refusal.consumedPoints === limiter.points + 1,
    };
  }
}
