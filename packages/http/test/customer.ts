import { randomUUID } from 'node:crypto';
import { scopes, type OperationDefinition, type RequestEvidence } from '@tallystick/contracts';
import { makeProof } from '@tallystick/security';

import { client, publicUrl, type Answer, type Call, type EdgeWorld } from './edge-world.ts';

/**
 * Calls an operation as the customer, by its definition in contracts. It sends a token of all scopes, a proof, and a
 * new idempotency key for a write.
 */
export type Customer = (
  operation: OperationDefinition,
  request?: Omit<Partial<Call>, 'method' | 'path'> & {
    params?: Record<string, string>;
    query?: string;
    version?: number;
  },
) => Promise<Answer>;

/** Creates a customer that calls the edge on `port`. */
export function customer(world: EdgeWorld, port: number, subject: string): Customer {
  const call = client(world, port);
  return ({ method, versions, version: newest }, { params = {}, query = '', version, ...request } = {}) => {
    const { path } = versions[version ?? newest]!;
    return call({
      token: world.token({ sub: subject, scope: Object.keys(scopes).join(' ') }),
      ...request,
      method,
      path: filled(path, params) + query,
      headers: {
        ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
        ...request.headers,
      },
    });
  };
}

/** Builds the evidence of a customer's request, which a service passes on for others to verify. */
export async function requestEvidence(
  world: EdgeWorld,
  operation: OperationDefinition,
  request: {
    subject: string;
    body: object;
    params?: Record<string, string>;
    nowMs?: number;
    scope?: string;
  },
): Promise<RequestEvidence> {
  const { subject, params = {}, nowMs = Date.now(), scope = operation.scope } = request;
  const nowS = Math.floor(nowMs / 1_000);
  const accessToken = world.token({ sub: subject, scope, iat: nowS - 5, exp: nowS + 300 });
  const body = JSON.stringify(request.body);
  const url = publicUrl + filled(operation.path, params);
  const proof = await makeProof(world.wallet, { method: operation.method, url, accessToken, body, nowMs });
  return { kind: 'request', operation: operation.id, accessToken, proof, body };
}

function filled(path: string, params: Record<string, string>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => params[name]!);
}
