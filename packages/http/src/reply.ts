import { lowerResponse, outcomePath, type OperationDefinition } from '@tallystick/contracts';
import type { Response } from 'express';
import * as z from 'zod';

export type ResponseOf<Operation extends OperationDefinition> = z.output<Operation['response']>;

/** The answer of a handler. */
export interface Reply<Body> {
  /** One of the operation's success statuses; the first if absent. */
  status?: number;
  body: Body;
  headers?: Record<string, string>;
}

/** An encoded answer. */
export interface EncodedReply {
  status: number;
  /** JSON text. */
  body: string;
}

/**
 * Lowers an answer to the called version and encodes it.
 * @throws if the body does not match the operation's response, which is a bug of the handler
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

/** Returns the path of an answer's outcome in the called version, as the header `Location`. */
export function locationOf(
  operation: OperationDefinition,
  version: number,
  { body }: EncodedReply,
): Record<string, string> {
  if (operation.location === undefined) return {};
  const path = outcomePath(operation, version, JSON.parse(body) as Record<string, string>);
  return path === undefined ? {} : { Location: path };
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
