import { repeat, sweep, type Pool, type Repeated } from '@tallystick/postgres';
import { EXPIRED_ENROLMENTS } from './enrolments.ts';
import { EXPIRED_RECORDS } from './oidc-records.ts';
import { EXPIRED_ATTEMPTS } from './sign-in-attempts.ts';

const SWEEP_INTERVAL_MS = 60_000;
const EXPIRED = [EXPIRED_RECORDS, EXPIRED_ATTEMPTS, EXPIRED_ENROLMENTS];

/**
 * Deletes expired rows periodically. Replicas sweep concurrently: a sweep skips rows that another one has locked.
 * @param onFault takes the error of a failed sweep; the next sweep runs as scheduled
 */
export function startSweeper(pool: Pool, onFault: (fault: unknown) => void): Repeated {
  return repeat(
    SWEEP_INTERVAL_MS,
    async (signal) => {
      for (const expired of EXPIRED) await sweep(pool, expired, signal);
    },
    onFault,
  );
}
