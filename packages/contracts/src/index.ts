export { authority, type AuthorityTable, type Role } from './authority.ts';
export {
  CodedError,
  errorCodes,
  isAuthorityError,
  responseCodeOf,
  type ErrorCode,
  type Fault,
} from './errors.ts';
export type { ErrorDefinition } from './errors/error-definition.ts';
export {
  API_AUDIENCE,
  isForOperators,
  personScopes,
  powerOf,
  powers,
  scopes,
  scopesFor,
  type Power,
  type Scope,
  type ScopeDefinition,
} from './scopes.ts';
export {
  coreServices,
  DECISIONS_AUDIENCE,
  isTopic,
  KEY_TOPIC,
  listedTopic,
  OUTCOMES,
  OUTCOMES_PREFIX,
  outcomesOf,
  quarantineOf,
  services,
  topicLimits,
  topics,
  type CoreServiceName,
  type Party,
  type ServiceName,
  type TopicDefinition,
  type TopicName,
} from './topics.ts';

export {
  confidential,
  confidentialFields,
  isConfidential,
  type Classification,
} from './definitions/classification.ts';
export {
  command,
  event,
  isOf,
  lift,
  lower,
  superseded,
  type DataOf,
  type MessageDefinition,
  type MessageKind,
  type MessageVersion,
} from './definitions/message.ts';
export {
  DOCUMENT_PATHS,
  documentFragments,
  liftBody,
  lowerResponse,
  operation,
  operationPath,
  outcomePath,
  PROTECTED_RESOURCE_PATH,
  supersededOperation,
  type OperationDefinition,
  type OperationVersion,
  type Proof,
} from './definitions/operation.ts';
export { defaultObjectives, OBJECTIVE_DAYS, type Objective } from './definitions/objective.ts';
export { openReader, type Open, type Unrecognized } from './definitions/open-reader.ts';
export { isRetired, type Deprecation, type Lifetime } from './definitions/version.ts';

export {
  firstJtiAt,
  id,
  idPrefixes,
  idFrom,
  idTimeMs,
  jtiTimeMs,
  newId,
  newJti,
  type IdPrefix,
} from './shapes/identifiers.ts';
export { AUDIT_DONE, AUDIT_NOBODY, auditEntry, type AuditEntry } from './shapes/audit.ts';
export {
  amountMinor,
  amountMinorOrZero,
  balanceMinor,
  currency,
  formatAmount,
  sumMinor,
} from './shapes/money.ts';
export { currencies, type Currency } from './shapes/currencies.ts';
export {
  evidence,
  evidenceKey,
  type Evidence,
  type EvidenceKind,
  type RequestEvidence,
} from './shapes/evidence.ts';
export { grantee, limits, producerId, type Grantee, type Limits } from './shapes/parties.ts';
export {
  MOVEMENTS_SHOWN,
  paymentStatuses,
  type cancellationStatuses,
  type movementStatuses,
} from './shapes/payment-resource.ts';
export { paymentSource, type CapturedBy, type Payee, type PaymentSource } from './shapes/payment-order.ts';
export {
  authorizationIdOf,
  captureIdOf,
  captureIdOfOrder,
  holdIdOf,
  paymentIdOf,
  refundIdOf,
  transferIdOf,
  transferIdOfOrder,
  wishOf,
  type PaymentWish,
} from './shapes/wish.ts';
export {
  countSpending,
  isWithinLimits,
  periodsOf,
  spendingKey,
  type Spending,
} from './shapes/spending-limits.ts';
export { ORDER_LIFETIME_S } from './shapes/order-lifetime.ts';
export { checkDigit, hasCardNumber, maskCardNumbers } from './shapes/card-number.ts';
export { permission, publicJwk, type Permission } from './shapes/keys.ts';
export { accountKinds } from './interfaces/accounts.ts';

export {
  BATCH_ALG,
  CLAIM_LENGTH_MAX,
  ENVELOPE_TYP,
  envelopeClaims,
  envelopeHeader,
  PRINTABLE_ASCII,
  VERSION_MAX,
  type EnvelopeClaims,
} from './wire/envelope.ts';
export {
  CERTIFICATE_TYP,
  certificateClaims,
  SNAPSHOT_TYP,
  snapshotClaims,
  type CertificateClaims,
  type SnapshotClaims,
} from './wire/certificate.ts';
export {
  REVOCATION_TYP,
  revocationClaims,
  revocationKinds,
  type RevocationClaims,
  type RevocationKind,
} from './wire/revocation.ts';
export { problem, problemOf, type Problem } from './wire/problem.ts';
export { quarantineHeaders, recordHeaders } from './wire/record-headers.ts';

export {
  confidentialFieldNames,
  defineRegister,
  findMessage,
  messages,
  operations,
  register,
  type Register,
} from './register.ts';
export { areForClients, clientPermissions, servicePermissions } from './permissions.ts';
export {
  consumedTopics,
  consumingServices,
  handledTypes,
  replayedTopics,
  type HandledBy,
  type MessageOf,
  type ReplayedBy,
  type TopicOf,
} from './subscriptions.ts';
export {
  contractsGroupOf,
  contractTopics,
  operatorGroups,
  operatorKafkaAccess,
  outsideTopics,
  producerKafkaAccess,
  replayGroupOf,
  serviceKafkaAccess,
  serviceTopics,
  type KafkaAccess,
  type KafkaOperation,
} from './kafka-access.ts';
