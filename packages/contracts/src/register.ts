import * as account from './messages/account.ts';
import * as card from './messages/card.ts';
import * as payment from './messages/payment.ts';
import { confidentialFields } from './classification.ts';
import type { MessageDefinition } from './message.ts';
import type { OperationDefinition } from './operation.ts';
import * as accountOperations from './operations/account.ts';
import * as authOperations from './operations/auth.ts';
import * as cardOperations from './operations/card.ts';
import * as paymentOperations from './operations/payment.ts';

/** Every message by its name in code. */
export const messages = {
  holdPlace: account.holdPlace,
  holdPost: account.holdPost,
  holdVoid: account.holdVoid,
  transferCreate: account.transferCreate,
  mandateGrant: account.mandateGrant,
  accountOpened: account.accountOpened,
  holdPlaced: account.holdPlaced,
  holdRejected: account.holdRejected,
  holdEnded: account.holdEnded,
  holdVoidRejected: account.holdVoidRejected,
  transferPosted: account.transferPosted,
  transferRejected: account.transferRejected,
  mandateGranted: account.mandateGranted,
  mandateRejected: account.mandateRejected,
  mandateWithdrawn: account.mandateWithdrawn,
  cardAuthorize: card.cardAuthorize,
  cardTokenize: card.cardTokenize,
  cardDecision: card.cardDecision,
  cardIssued: card.cardIssued,
  cardActivated: card.cardActivated,
  cardIssueFailed: card.cardIssueFailed,
  authorizationApproved: card.authorizationApproved,
  authorizationDeclined: card.authorizationDeclined,
  authorizationEnded: card.authorizationEnded,
  cardTokenized: card.cardTokenized,
  cardTokenizeRejected: card.cardTokenizeRejected,
  paymentCreate: payment.paymentCreate,
  paymentCapture: payment.paymentCapture,
  paymentCancel: payment.paymentCancel,
  paymentRefund: payment.paymentRefund,
  paymentAuthorized: payment.paymentAuthorized,
  paymentCaptured: payment.paymentCaptured,
  paymentCancelled: payment.paymentCancelled,
  paymentFailed: payment.paymentFailed,
  paymentRefunded: payment.paymentRefunded,
  paymentCommandRejected: payment.paymentCommandRejected,
} as const;

/** Every HTTP operation by its name in code. */
export const operations = {
  accountOpen: accountOperations.accountOpen,
  accountList: accountOperations.accountList,
  accountGet: accountOperations.accountGet,
  entryList: accountOperations.entryList,
  transferPost: accountOperations.transferPost,
  mandateCreate: accountOperations.mandateCreate,
  mandateList: accountOperations.mandateList,
  mandateWithdraw: accountOperations.mandateWithdraw,
  trialBalance: accountOperations.trialBalance,
  cardIssue: cardOperations.cardIssue,
  cardGet: cardOperations.cardGet,
  cardList: cardOperations.cardList,
  authorizationList: cardOperations.authorizationList,
  createPayment: paymentOperations.createPayment,
  capturePayment: paymentOperations.capturePayment,
  cancelPayment: paymentOperations.cancelPayment,
  refundPayment: paymentOperations.refundPayment,
  getPayment: paymentOperations.getPayment,
  listPayments: paymentOperations.listPayments,
  producerRegister: authOperations.producerRegister,
  producerKeyRevoke: authOperations.producerKeyRevoke,
  producerList: authOperations.producerList,
} as const;

const byAddress = new Map<string, MessageDefinition>();
for (const definition of Object.values(messages) as unknown as MessageDefinition[]) {
  byAddress.set(address(definition.topic, definition.type, definition.version), definition);
}

function address(topic: string, type: string, version: number): string {
  return `${topic} ${type} ${version}`;
}

/** Finds the definition that a topic, a type and a major version name, or `undefined`. */
export function findMessage(topic: string, type: string, version: number): MessageDefinition | undefined {
  return byAddress.get(address(topic, type, version));
}

/** The names of all fields, of any message or operation, that must never be logged. */
export function confidentialFieldNames(): string[] {
  const names = new Set<string>();
  for (const message of Object.values(messages))
    for (const name of confidentialFields(message.data)) names.add(name);
  for (const operation of Object.values(operations) as unknown as OperationDefinition[]) {
    for (const name of confidentialFields(operation.body)) names.add(name);
    for (const name of confidentialFields(operation.response)) names.add(name);
  }
  return [...names].sort();
}
