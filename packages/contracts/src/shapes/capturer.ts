import * as z from 'zod';

/**
 * The party that may post a hold: nobody (`automatic`, the order itself asks for it), the payee, or the customer
 * (`subject`) or producer with this id that ordered the payment. Absent in older events.
 */
export const capturer = z
  .object({ kind: z.enum(['automatic', 'payee', 'subject', 'producer']), id: z.string().optional() })
  .optional()
  .meta({ description: 'Who may post the hold' });
