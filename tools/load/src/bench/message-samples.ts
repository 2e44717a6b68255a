import { newId, type DataOf, type messages } from '@tallystick/contracts';

/** Returns a sample order to pay with new ids. */
export function anOrder(): DataOf<typeof messages.paymentCreate> {
  return {
    paymentId: newId('pay'),
    source: { kind: 'account', accountId: newId('acc') },
    payee: { kind: 'account', accountId: newId('acc') },
    amountMinor: 1_234n,
    currency: 'EUR',
    capture: 'automatic',
    capturedBy: 'initiator',
    endToEndId: 'INVOICE-1001',
  };
}

/** Returns a sample event of a service. */
export function aCapture(): DataOf<typeof messages.paymentCaptured> {
  return {
    paymentId: newId('pay'),
    endToEndId: 'INVOICE-1001',
    payeeAccountId: newId('acc'),
    amountMinor: 1_234n,
    currency: 'EUR',
    capturedMinor: 1_234n,
    refundedMinor: 0n,
  };
}
