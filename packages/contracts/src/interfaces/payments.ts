import * as z from 'zod';
import { operation, supersededOperation } from '../definitions/operation.ts';
import { nextCursor } from '../shapes/cursor.ts';
import { paymentListQuery } from '../shapes/payment-list.ts';
import {
  answeredV1,
  commandsPayment,
  onePayment,
  readsPayment,
  writesPayment,
} from '../shapes/payment-operation.ts';
import { capturedBy, liftPaymentOrder, paymentOrder, paymentOrderV1 } from '../shapes/payment-order.ts';
import {
  lowerPayment,
  PAYMENT_V1,
  PAYMENT_V2,
  paymentResource,
  paymentResourceV1,
  paymentStatuses,
  paymentV1Deprecated,
} from '../shapes/payment-resource.ts';
import { orderExampleV1, orderExampleV2 } from '../shapes/payment-order-examples.ts';

const nothing = z.strictObject({});

export const createPayment = operation('payment.create', {
  ...writesPayment,
  path: '/payments',
  location: '/payments/{paymentId}',
  summary: 'Pay from one of your accounts or cards',
  errors: ['payment.end_to_end_id_reused', 'payment.id_reused', 'ledger.account_not_found'],
  current: {
    since: PAYMENT_V2,
    body: z.strictObject({ ...paymentOrder, capturedBy: capturedBy.default('payee') }),
    response: paymentResource,
    examples: [orderExampleV2],
  },
  earlier: {
    1: supersededOperation({
      since: PAYMENT_V1,
      deprecated: paymentV1Deprecated,
      body: z.strictObject(paymentOrderV1),
      response: paymentResourceV1,
      up: liftPaymentOrder('payee'),
      down: lowerPayment,
      examples: [orderExampleV1],
    }),
  },
});

export const cancelPayment = operation('payment.cancel', {
  ...writesPayment,
  path: '/payments/{paymentId}/cancellation',
  location: '/payments/{paymentId}',
  summary: 'Release the amount of a payment that is not captured',
  params: onePayment,
  errors: commandsPayment,
  current: { since: PAYMENT_V2, response: paymentResource },
  earlier: { 1: answeredV1(nothing) },
});

export const getPayment = operation('payment.get', {
  ...readsPayment,
  path: '/payments/{paymentId}',
  summary: 'Show a payment that you made or received',
  params: onePayment,
  errors: ['payment.not_found'],
  current: { since: PAYMENT_V2, response: paymentResource },
  earlier: { 1: answeredV1(nothing) },
});

export const listPayments = operation('payment.list', {
  ...readsPayment,
  path: '/payments',
  summary: 'List the payments that you made or received, newest first',
  query: paymentListQuery(paymentStatuses),
  current: { since: PAYMENT_V2, response: z.object({ payments: z.array(paymentResource), nextCursor }) },
  earlier: {
    1: supersededOperation({
      since: PAYMENT_V1,
      deprecated: paymentV1Deprecated,
      response: z.object({ payments: z.array(paymentResourceV1), nextCursor }),
      down: ({
        payments,
        ...rest
      }: {
        payments: z.output<typeof paymentResource>[];
        nextCursor?: string;
      }) => ({
        ...rest,
        payments: payments.map(lowerPayment),
      }),
    }),
  },
});
