import {
  CLAIM_LENGTH_MAX,
  envelopeClaims,
  PRINTABLE_ASCII,
  VERSION_MAX,
  type EnvelopeClaims,
} from '@tallystick/contracts';

const OPTIONAL: ReadonlySet<string> = new Set(['exp', 'cause']);
const CLAIMS = Object.keys(envelopeClaims.shape);

/**
 * Returns whether parsed JSON matches {@link envelopeClaims}. It is about ten times as fast as the schema and runs for
 * each message; if it fails, the schema reports the faults.
 */
export function areEnvelopeClaims(payload: unknown): payload is EnvelopeClaims {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return false;
  const claims = payload as Record<string, unknown>;
  let known = 0;
  for (const name of CLAIMS) {
    if (!Object.hasOwn(claims, name)) {
      if (!OPTIONAL.has(name)) return false;
      continue;
    }
    known += 1;
    if (!isClaim(name as keyof EnvelopeClaims, claims[name])) return false;
  }
  return Object.keys(claims).length === known;
}

function isClaim(name: keyof EnvelopeClaims, value: unknown): boolean {
  if (name === 'data') return true;
  if (name === 'iat' || name === 'exp') return isWholeFrom(0, value);
  if (name === 'version') return isWholeFrom(1, value) && value <= VERSION_MAX;
  return typeof value === 'string' && value.length <= CLAIM_LENGTH_MAX[name] && PRINTABLE_ASCII.test(value);
}

function isWholeFrom(least: number, value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** Limits within which an envelope is accepted. */
export interface EnvelopePolicy {
  /** Maximum record value, in bytes. */
  valueBytesMax: number;
  /** Allowed clock skew, in seconds. */
  clockSkewS: number;
  /** Maximum time from `iat` to `exp` of a command, in seconds. */
  commandLifetimeMaxS: number;
  /** Maximum age of an event, in seconds; its `jti` is remembered for as long. */
  eventHorizonS: number;
}

export const defaultPolicy: EnvelopePolicy = {
  valueBytesMax: 262_144,
  clockSkewS: 30,
  commandLifetimeMaxS: 3_600,
  eventHorizonS: 7 * 86_400,
};
