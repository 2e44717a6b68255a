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
 * Whether parsed JSON fits {@link envelopeClaims}, told some ten times as fast: each message is asked. The schema says
 * what is wrong where it does not.
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
  /** Largest record value, in bytes. */
  valueBytesMax: number;
  /** How far clocks may differ, in seconds. */
  clockSkewS: number;
  /** Longest time from `iat` to `exp` of a command, in seconds. */
  commandLifetimeMaxS: number;
  /** Age past which an event is refused, in seconds; for as long its `jti` is remembered. */
  eventHorizonS: number;
}

export const defaultPolicy: EnvelopePolicy = {
  valueBytesMax: 262_144,
  clockSkewS: 30,
  commandLifetimeMaxS: 3_600,
  eventHorizonS: 7 * 86_400,
};
