export { CodedError, errorCodes, type ErrorCode, type Fault } from './errors.ts';
export {
  firstJtiAt,
  id,
  idPrefixes,
  idFrom,
  jtiTimeMs,
  newId,
  newJti,
  type IdPrefix,
} from './identifiers.ts';
export { confidential, confidentialFields, type Classification } from './classification.ts';
export {
  amountMinor,
  amountMinorOrZero,
  balanceMinor,
  currencies,
  currency,
  formatAmount,
  type Currency,
} from './money.ts';
export {
  DECISIONS_AUDIENCE,
  quarantineOf,
  services,
  topicLimits,
  topics,
  type ServiceName,
  type TopicDefinition,
  type TopicName,
} from './topics.ts';
export { type DataOf, type InterfaceStatus, type MessageDefinition, type MessageKind } from './message.ts';
export {
  API_AUDIENCE,
  operationPath,
  scopes,
  type Authority,
  type OperationDefinition,
  type Scope,
} from './operation.ts';
export { evidence, type Evidence, type EvidenceKind, type RequestEvidence } from './evidence.ts';
export {
  grantee,
  limits,
  producerId,
  paymentSource,
  type Grantee,
  type Limits,
  type PaymentSource,
} from './messages/shapes.ts';
export { accountKinds } from './operations/account.ts';
export { paymentStatuses } from './operations/payment.ts';
export { permission, publicJwk, type Permission } from './operations/auth.ts';
export { confidentialFieldNames, findMessage, messages, operations } from './register.ts';
export { outsideCommands, servicePermissions } from './permissions.ts';
export {
  consumedTopics,
  consumingServices,
  operatorGroups,
  operatorKafkaAccess,
  producerKafkaAccess,
  recalledTopics,
  recallGroupOf,
  serviceKafkaAccess,
  serviceTopics,
  type KafkaAccess,
  type KafkaOperation,
} from './kafka-access.ts';
