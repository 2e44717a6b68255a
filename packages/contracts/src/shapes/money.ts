import * as z from 'zod';
import { currencies, type Currency } from './currencies.ts';

export const currency = z
  .enum(Object.keys(currencies) as [Currency, ...Currency[]])
  .meta({ description: 'ISO 4217 currency code', examples: ['EUR'] });

const wireAmount = (min: number) => z.int().min(min).max(Number.MAX_SAFE_INTEGER);

/** A positive amount in minor units: a JSON integer from 1 to 2^53-1 on the wire, a `bigint` in code. */
export const amountMinor = z
  .codec(wireAmount(1), z.bigint(), { decode: (amount) => BigInt(amount), encode: toWire })
  .meta({ description: 'Amount in minor units of the currency', examples: [1250] });

/** An amount in minor units that may be zero. */
export const amountMinorOrZero = z.codec(wireAmount(0), z.bigint(), {
  decode: (amount) => BigInt(amount),
  encode: toWire,
});

/** A balance in minor units; negative if the account's minimum balance allows it. */
export const balanceMinor = z.codec(wireAmount(Number.MIN_SAFE_INTEGER), z.bigint(), {
  decode: (amount) => BigInt(amount),
  encode: toWire,
});

/** Digits of an integer that a JSON number does not represent exactly. */
const wireDigits = z
  .string()
  .regex(/^-?[1-9][0-9]{15,39}$/, 'must be the digits of an integer beyond 2^53-1')
  .meta({ examples: ['9007199254740993'] });

/**
 * A balance or a sum of many amounts, in answers: a JSON integer up to 2^53-1 on either side of zero, and a string of its
 * digits beyond, so that every number can be shown and none is rounded.
 */
export const sumMinor = z.codec(z.union([wireAmount(Number.MIN_SAFE_INTEGER), wireDigits]), z.bigint(), {
  decode: (sum) => BigInt(sum),
  encode: (sum) => (Number.isSafeInteger(Number(sum)) ? Number(sum) : String(sum)),
});

function toWire(amount: bigint): number {
  const wire = Number(amount);
  if (!Number.isSafeInteger(wire))
    throw new RangeError('amount is beyond 2^53-1 and cannot be written as JSON');
  return wire;
}

/** Formats an amount for people: `1234n EUR` → `12.34 EUR`. */
export function formatAmount(amount: bigint, code: Currency): string {
  const places = currencies[code];
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  return `${sign}${whole}${places === 0 ? '' : `.${digits.slice(-places)}`} ${code}`;
}
