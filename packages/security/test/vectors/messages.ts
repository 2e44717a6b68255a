import { messages, ENVELOPE_TYP, outcomesOf } from '@tallystick/contracts';

import type { SigningKey } from '../../src/index.ts';
import { rawJws } from '../raw-jws.ts';
import { nowS } from '../trust.ts';

export const uuid = (last: number): string => `01890a5d-ac96-774b-bcce-${String(last).padStart(12, '0')}`;

export const paymentId = `pay_${uuid(1)}`;
export const anotherPaymentId = `pay_${uuid(2)}`;
export const accountId = `acc_${uuid(3)}`;
export const payeeAccountId = `acc_${uuid(4)}`;
export const tokenizationId = `tok_${uuid(5)}`;

/** An order to pay in version 1, in JSON form. */
export const order = {
  paymentId,
  source: { kind: 'account', accountId },
  payeeAccountId,
  amountMinor: 1250,
  currency: 'EUR',
  endToEndId: 'INVOICE-1',
};

const { payeeAccountId: payeeV1, ...terms } = order;
/** The same order in version 2. */
export const orderV2 = { ...terms, payee: { kind: 'account', accountId: payeeV1 } };

/** The same order as handlers see it: lifted to the newest version, its amount as `bigint`. */
export const handledOrder = {
  paymentId,
  source: order.source,
  payee: { kind: 'account', accountId: payeeAccountId },
  amountMinor: 1250n,
  currency: 'EUR',
  capture: 'automatic',
  endToEndId: 'INVOICE-1',
};

/** Claims of a command that passes every check. */
export const command = {
  iss: 'acme',
  aud: messages.paymentCreate.topic as string,
  sub: paymentId,
  jti: uuid(10),
  iat: nowS - 5,
  exp: nowS + 295,
  type: messages.paymentCreate.type as string,
  version: 1,
  txn: uuid(11),
  data: order as unknown,
};

/** Claims of an event that passes every check. */
export const event = {
  iss: 'payment',
  aud: outcomesOf('acme'),
  sub: paymentId,
  jti: uuid(12),
  iat: nowS - 5,
  type: messages.paymentCaptured.type as string,
  version: 1,
  txn: uuid(11),
  data: {
    paymentId,
    endToEndId: 'INVOICE-1',
    payeeAccountId,
    amountMinor: 1250,
    currency: 'EUR',
    capturedMinor: 1250,
    refundedMinor: 0,
  } as unknown,
};

/** Claims of a command whose payload is confidential. */
export const confidentialCommand = {
  ...command,
  aud: messages.cardTokenize.topic as string,
  sub: tokenizationId,
  type: messages.cardTokenize.type as string,
  data: { tokenizationId, number: '4111111111111111' } as unknown,
};

export const headerOf = ({ alg, kid }: SigningKey): Record<string, unknown> => ({
  alg,
  typ: ENVELOPE_TYP,
  kid,
});

/** Signs an envelope with `key` whose claims and header contain the given changes. */
export function sealed(
  key: SigningKey,
  claims: object | string = command,
  header: Record<string, unknown> = {},
): Promise<string> {
  return rawJws({ ...headerOf(key), ...header }, claims, key);
}
