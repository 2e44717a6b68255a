export {
  errorCodes,
  newId,
  operations,
  scopesFor,
  type ErrorCode,
  type Fault,
  type OperationDefinition,
  type ServiceName,
} from '@tallystick/contracts';
export { fixedAccess, type Access } from './access.ts';
export { AuthorizationError, AuthorizationUnavailableError } from './authorization-error.ts';
export { NoAnswerError, UnreadableAnswerError } from './answer-errors.ts';
export type { Answer, AnswerBody, Call, CallArguments, CallOptions, EarlierCall, ItemOf } from './call.ts';
export { Client, type ClientOptions } from './client.ts';
export type { DeprecationNotice } from './deprecation.ts';
export {
  generateDpopKey,
  importDpopKey,
  thumbprintOf,
  type DpopKey,
  type ProofAlgorithm,
  type PublicJwk,
} from './dpop-key.ts';
export { OAuthClient, type OAuthClientOptions, type PendingSignIn } from './oauth-client.ts';
export { ProblemError, type ProblemCode } from './problem-error.ts';
export type { RenewedAccess } from './renewed-access.ts';
export { defaultRetryLimits, type RetryLimits } from './retry.ts';
export { signRequest, type RequestParts, type SignedRequest } from './signed-request.ts';
export type { Tokens } from './tokens.ts';
