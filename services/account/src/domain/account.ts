import type { accountKinds, Currency } from '@tallystick/contracts';

export type AccountKind = (typeof accountKinds)[number];

/** An account when it is opened. */
export interface NewAccount {
  accountId: string;
  ownerId: string;
  kind: AccountKind;
  currency: Currency;
  openedAt: Date;
}

/** Returns the minimum balance of accounts of a kind; `null` if there is none, as for an external account. */
export function minimumBalanceMinorOf(kind: AccountKind): bigint | null {
  return kind === 'external' ? null : 0n;
}
