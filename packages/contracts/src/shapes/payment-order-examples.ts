const orderExample = {
  source: { kind: 'account', accountId: 'acc_01890a5d-ac96-774b-bcce-b302099a8057' },
  amountMinor: 1250,
  currency: 'EUR',
  endToEndId: 'INVOICE-1',
};
const payeeAccountId = 'acc_01890a5d-ac96-774b-bcce-b302099a8058';
/** The order of a payment in the wire form of version 1, for documentation. */
export const orderExampleV1 = { ...orderExample, payeeAccountId };
/** The same order in the wire form of version 2. */
export const orderExampleV2 = { ...orderExample, payee: { kind: 'account', accountId: payeeAccountId } };
