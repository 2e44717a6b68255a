import type { Tone } from '../../parts/badge.ts';

/** What became of a payment, by the type of its last event: words and tone. Later events are about the same payment. */
export const paymentStates: Readonly<Record<string, readonly [words: string, tone: Tone]>> = {
  'card.authorization.approved': ['authorized by card', 'accent'],
  'card.authorization.declined': ['declined', 'bad'],
  'account.hold.placed': ['money held', 'accent'],
  'account.hold.rejected': ['hold refused', 'bad'],
  'account.transfer.posted': ['money moved', 'good'],
  'account.transfer.rejected': ['transfer refused', 'bad'],
  'payment.authorized': ['authorized', 'accent'],
  'payment.captured': ['captured', 'good'],
  'payment.cancelled': ['cancelled', 'plain'],
  'payment.refunded': ['refunded', 'warn'],
  'payment.failed': ['failed', 'bad'],
};
