import * as z from 'zod';
import { id } from './identifiers.ts';
import { balanceMinor, currency } from './money.ts';

/**
 * Time of a batch of the ledger, which strictly orders the ledger's events about one account. Absent in older events.
 */
export const batchTime = z.iso
  .datetime()
  .optional()
  .meta({ description: 'Time of the batch of the ledger, strictly increasing for each account' });

/** The authority of a movement, which a restored ledger needs: the wish is not carried out again, the mandate is spent. */
export const authorityFacts = {
  wish: z.string().optional().meta({ description: 'Digest of the name of the order over HTTP' }),
  mandateId: id('mdt').optional().meta({ description: 'The mandate that the amount was counted against' }),
  countedAt: z.iso.datetime().optional().meta({
    description: 'When it was counted: in that UTC day and month. Absent if that is the time of the batch',
  }),
};

const sequence = z.int().min(1);

/** The lines of a transfer: their accounts and amounts are those of the transfer. */
export const lineNumbers = {
  debitSequence: sequence
    .optional()
    .meta({ description: 'Number of the debit among the lines of its account. Absent in older events' }),
  creditSequence: sequence
    .optional()
    .meta({ description: 'Number of the credit among the lines of its account. Absent in older events' }),
};

/** The lines of an entry in the journal; their amounts sum to zero in each currency. */
export const journalLegs = z.array(
  z.object({
    accountId: id('acc'),
    amountMinor: balanceMinor.meta({ description: 'Positive: a credit; negative: a debit' }),
    currency,
    sequence: sequence.meta({ description: 'Number of the line among those of its account' }),
  }),
);
