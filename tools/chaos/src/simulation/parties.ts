/** The parties of every simulated payment. */
export const PRODUCER = 'acme';
export const PAYER = 'usr_payer';
export const MERCHANT = 'usr_merchant';
