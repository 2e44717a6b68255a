import { auditOf, type Decision } from '@tallystick/audit';
import { AUDIT_DONE, CodedError, isForOperators, type OperationDefinition } from '@tallystick/contracts';
import type { Context } from '@opentelemetry/api';
import type { Pool } from '@tallystick/postgres';
import type { AccessToken } from '@tallystick/security';

/**
 * Returns whether a write is audited: it decides about identity, keys, consent or authority, or an operator asks for it.
 * An operator is a client that acts on its own behalf.
 */
export function isAuditedWrite(operation: OperationDefinition, token: AccessToken): boolean {
  return operation.audited || token.subject === token.clientId || isForOperators(operation);
}

/** A request whose decision is audited. */
export interface AuditedRequest {
  token: AccessToken;
  /** The parameters of its path. */
  params: unknown;
  atMs: number;
  traceContext: Context;
}

/**
 * Returns the decision on a request, for the audit.
 * @param answer the body of the answer, or the error that refuses it
 */
export function decisionOn(
  operation: OperationDefinition,
  { token, params, atMs, traceContext }: AuditedRequest,
  answer: unknown,
): Decision {
  const isRefused = answer instanceof CodedError;
  return {
    atMs,
    traceContext,
    actor: token.subject,
    clientId: token.clientId,
    action: operation.id,
    object: objectOf(operation, params as Record<string, unknown>, isRefused ? {} : answer),
    outcome: isRefused ? answer.code : AUDIT_DONE,
  };
}

/** Audits a request that changes nothing, if its operation is for operators. */
export async function auditOperator(
  pool: Pool,
  operation: OperationDefinition,
  request: AuditedRequest,
  answer: unknown,
): Promise<void> {
  if (isForOperators(operation)) await pool.query(auditOf([decisionOn(operation, request, answer)]));
}

/** The object of an operation: the last id in its path; if it creates something, the id in its location. */
function objectOf(
  { path, location }: OperationDefinition,
  params: Record<string, unknown>,
  answer: unknown,
): string | undefined {
  const id = params[lastName(path)] ?? (answer as Record<string, unknown>)[lastName(location)];
  return typeof id === 'string' ? id : undefined;
}

function lastName(path: string | undefined): string {
  return /.*\{(\w+)\}/.exec(path ?? '')?.[1] ?? '';
}
