import { newId, type DataOf, type messages } from '@tallystick/contracts';

/** An order to pay, as any; each with ids of its own. */
export function anOrder(): DataOf<typeof messages.paymentCreate> {
  return {
    paymentId: newId('pay'),
    source: { kind: 'account', accountId: newId('acc') },
    payee: { kind: 'account', accountId: newId('acc') },
    amountMinor: 1_234n,
    currency: 'EUR',
    capture: 'automatic',
    endToEndId: 'INVOICE-1001',
  };
}

/** A service's event, as any. */
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
