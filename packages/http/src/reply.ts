import { lowerResponse, operationPath, type OperationDefinition } from '@tallystick/contracts';
import type { Response } from 'express';
import * as z from 'zod';

export type ResponseOf<Operation extends OperationDefinition> = z.output<Operation['response']>;

/** What a handler answers with. */
export interface Reply<Body> {
  /** One of the operation's success statuses; the first where absent. */
  status?: number;
  body: Body;
  headers?: Record<string, string>;
  /** Where the outcome is shown: sent as `Location`, in the version that was called. */
  location?: { operation: OperationDefinition; params: Record<string, string> };
}

/** An answer as it goes to the client. */
export interface EncodedReply {
  status: number;
  /** JSON text. */
  body: string;
}

/**
 * Lowers an answer to the version that was called, and encodes it.
 * @throws where the body does not fit the operation's response: a fault of the handler
 */
export function encodeReply<Operation extends OperationDefinition>(
  operation: Operation,
  version: number,
  reply: Reply<ResponseOf<Operation>>,
): EncodedReply {
  const { response } = operation.versions[version]!;
  const body: unknown = z.encode(response, lowerResponse(operation, version, reply.body) as never);
  return { status: reply.status ?? operation.successStatuses[0], body: JSON.stringify(body) };
}

/** The headers of an answer, `Location` in the version that was called. */
export function headersOf(
  { headers = {}, location }: Reply<unknown>,
  version: number,
): Record<string, string> {
  if (location === undefined) return headers;
  const { operation, params } = location;
  const shown = operation.versions[version] ?? operation;
  return { ...headers, Location: operationPath(shown, params) };
}

export function sendReply(
  response: Response,
  { status, body }: EncodedReply,
  headers: Record<string, string> = {},
): void {
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.status(status).type('application/json').send(body);
}
