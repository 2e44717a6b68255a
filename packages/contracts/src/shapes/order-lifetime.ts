/**
 * Time within which the ledger and the card service carry out an order of a payment, in seconds. Afterwards they refuse
 * it, so a payment without an answer can learn its outcome for good.
 */
export const ORDER_LIFETIME_S = 600;
