import * as z from 'zod';
import { id } from '../identifiers.ts';
import { defineCommand, defineEvent } from '../message.ts';
import { amountMinor, amountMinorOrZero, currency } from '../money.ts';
import { captureMode, endToEndId, paymentSource, rejection } from './shapes.ts';

/** An order to pay, the same over Kafka and over HTTP. */
export const paymentOrder = {
  source: paymentSource,
  payeeAccountId: id('acc'),
  amountMinor,
  currency,
  capture: captureMode.default('automatic'),
  endToEndId,
};

const byPayment = (data: { paymentId: string }) => data.paymentId;

export const paymentCreate = defineCommand({
  type: 'payment.create',
  topic: 'payment.commands.v1',
  summary: 'Pay from an account that the producer has a mandate for',
  key: byPayment,
  data: { paymentId: id('pay'), ...paymentOrder },
});

export const paymentCapture = defineCommand({
  type: 'payment.capture',
  topic: 'payment.commands.v1',
  summary: 'Collect an authorized payment, or a part of it',
  key: byPayment,
  data: {
    paymentId: id('pay'),
    captureId: id('cap'),
    amountMinor,
    final: z.boolean().default(false).meta({ description: 'Whether the rest is released' }),
  },
});

export const paymentCancel = defineCommand({
  type: 'payment.cancel',
  topic: 'payment.commands.v1',
  summary: 'Release what of a payment is not captured',
  key: byPayment,
  data: { paymentId: id('pay') },
});

export const paymentRefund = defineCommand({
  type: 'payment.refund',
  topic: 'payment.commands.v1',
  summary: 'Give back a captured payment, or a part of it; needs a mandate on the payee account',
  key: byPayment,
  data: { paymentId: id('pay'), refundId: id('rfd'), amountMinor },
});

const facts = {
  paymentId: id('pay'),
  endToEndId: z.string(),
  payeeAccountId: id('acc'),
  amountMinor,
  currency,
  capturedMinor: amountMinorOrZero,
  refundedMinor: amountMinorOrZero,
};

const paymentEvent = <const Type extends string>(type: Type, summary: string) =>
  defineEvent({ type, topic: 'payment.events.v1', summary, key: byPayment, data: facts });

export const paymentAuthorized = paymentEvent('payment.authorized', 'The amount is held and may be captured');
export const paymentCaptured = paymentEvent(
  'payment.captured',
  'Money reached the payee, in whole or in part',
);
export const paymentCancelled = paymentEvent(
  'payment.cancelled',
  'The payment ended and what was held is released',
);
export const paymentRefunded = paymentEvent(
  'payment.refunded',
  'Money went back to the payer, in whole or in part',
);

export const paymentFailed = defineEvent({
  type: 'payment.failed',
  topic: 'payment.events.v1',
  summary: 'The payment ended and no money moved',
  key: byPayment,
  data: { ...facts, ...rejection },
});

export const paymentCommandRejected = defineEvent({
  type: 'payment.command_rejected',
  topic: 'payment.events.v1',
  summary: 'A command on a payment was refused; the payment is as it was',
  key: byPayment,
  data: { paymentId: id('pay'), command: z.string(), commandJti: z.string().optional(), ...rejection },
});
