import { isForOperators, PROTECTED_RESOURCE_PATH, type OperationDefinition } from '@tallystick/contracts';
import { PROOF_ALGORITHMS } from '@tallystick/security';
import type { Express, RequestHandler } from 'express';
import { sendReply } from './reply.ts';

/**
 * Serves the metadata of a service as a protected resource (RFC 9728), for the clients of customers.
 * @param before handlers of every request, such as limits
 */
export function serveProtectedResource(
  app: Express,
  resource: { publicUrl: string; issuer: string; operations: () => Iterable<OperationDefinition> },
  ...before: readonly RequestHandler[]
): void {
  const { publicUrl, issuer, operations } = resource;
  app.get(PROTECTED_RESOURCE_PATH, ...before, (_request, response) => {
    const forCustomers = [...operations()].filter((operation) => !isForOperators(operation));
    const metadata = {
      resource: publicUrl,
      authorization_servers: [issuer],
      scopes_supported: [...new Set(forCustomers.map(({ scope }) => scope))].toSorted(),
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
      dpop_bound_access_tokens_required: true,
    };
    sendReply(response, { status: 200, body: JSON.stringify(metadata) });
  });
}
