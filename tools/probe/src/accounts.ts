import { operations, type Client } from '@tallystick/client';
import { ConfigurationError } from '@tallystick/config';
import type { ProbeSettings } from './settings.ts';

/** What a probe moves, in minor units. It moves back, so that balances do not drift. */
export const PROBE_MINOR = 1n;

/** The two accounts of the probe. The first has more money, so that a payment that was not returned is made up for. */
export interface OwnAccounts {
  payer: string;
  payee: string;
}

/** The accounts of the probe have no money to pay with. */
export class NoMoneyError extends ConfigurationError {
  /** The account that somebody transfers money to. */
  readonly accountId: string;

  constructor(clientId: string, currency: string, accountId: string) {
    super(
      `The accounts of the client ${clientId} have no money: transfer at least ${PROBE_MINOR} minor unit of ${currency} to ${accountId} once, then run the probe again.`,
    );
    this.accountId = accountId;
  }
}

interface Balance {
  accountId: string;
  availableMinor: bigint;
}

/**
 * Finds the accounts of the probe's client, and opens those that are missing: a system has two, whatever happens.
 * @throws NoMoneyError if neither has money
 */
export async function ownAccounts(
  client: Client,
  { clientId, currency }: ProbeSettings,
  signal: AbortSignal,
): Promise<OwnAccounts> {
  const found: Balance[] = [];
  for await (const account of client.list(operations.accountList, { signal }))
    if (account.currency === currency && account.kind === 'customer' && account.status === 'open')
      found.push(account);
  // The first two that were opened: the list is newest first.
  const own = found.toReversed().slice(0, 2);
  for (let number = own.length + 1; own.length < 2; number += 1) {
    // Two probes that start at the same time open one account under this key.
    const idempotencyKey = `${clientId}-${currency}-account-${number}`;
    const { body } = await client.call(operations.accountOpen, {
      body: { currency },
      idempotencyKey,
      signal,
    });
    own.push(body);
  }
  const [payer, payee] = own.toSorted((one, other) => Number(other.availableMinor - one.availableMinor));
  if (payer!.availableMinor < PROBE_MINOR) throw new NoMoneyError(clientId, currency, payer!.accountId);
  return { payer: payer!.accountId, payee: payee!.accountId };
}

/** Permits the probe's producer to debit its accounts for the benefit of each other, unless it may already. */
export async function ownMandates(
  client: Client,
  { payer, payee }: OwnAccounts,
  { producer, currency }: ProbeSettings,
  signal: AbortSignal,
): Promise<void> {
  const mandated = new Set<string>();
  for await (const mandate of client.list(operations.mandateList, { query: { status: 'active' }, signal }))
    if (mandate.grantee.kind === 'producer' && mandate.grantee.id === producer!.producerId)
      mandated.add(mandate.accountId);
  for (const [accountId, other] of [
    [payer, payee],
    [payee, payer],
  ] as const) {
    if (mandated.has(accountId)) continue;
    await client.call(operations.mandateCreate, {
      body: {
        accountId,
        grantee: { kind: 'producer', id: producer!.producerId },
        currency,
        // Enough for a probe each second.
        limits: {
          perPaymentMinor: PROBE_MINOR,
          perDayMinor: PROBE_MINOR * 86_400n,
          perMonthMinor: PROBE_MINOR * 31n * 86_400n,
        },
        payeeAccountIds: [other],
      },
      signal,
    });
  }
}
