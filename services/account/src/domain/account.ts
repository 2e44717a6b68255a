import type { accountKinds, Currency } from '@tallystick/contracts';

export type AccountKind = (typeof accountKinds)[number];

/** An account at its opening. */
export interface NewAccount {
  accountId: string;
  ownerId: string;
  kind: AccountKind;
  currency: Currency;
  openedAt: Date;
}

/** The least available balance of accounts of a kind; `null`: none, as for an external account. */
export function minimumBalanceMinorOf(kind: AccountKind): bigint | null {
  return kind === 'external' ? null : 0n;
}
