import { allAgree } from './services-agree.ts';
import { attacksWereRefused } from './attacks-were-refused.ts';
import { auditsAreIntact } from './audits-are-intact.ts';
import { booksBalance } from './books-balance.ts';
import { everyPaymentEnded } from './every-payment-ended.ts';
import { holdsAddUp } from './holds-add-up.ts';
import { merchantsWerePaid } from './merchants-received.ts';
import { noPartFell } from './no-part-fell.ts';
import { nothingWaits } from './nothing-waits.ts';
import { oneEffectEach } from './one-effect.ts';
import { oneHold } from './one-hold.ts';
import type { SystemPromise } from './promise.ts';
import { quarantineHoldsTheHostile } from './quarantine-holds-the-hostile.ts';
import { sameAnswer } from './same-answer.ts';

/** Every promise, in the order of the checks. */
export const promises: readonly SystemPromise[] = [
  everyPaymentEnded,
  oneEffectEach,
  oneHold,
  sameAnswer,
  booksBalance,
  merchantsWerePaid,
  holdsAddUp,
  allAgree,
  nothingWaits,
  auditsAreIntact,
  quarantineHoldsTheHostile,
  attacksWereRefused,
  noPartFell,
];
