import { CodedError, type OperationDefinition } from '@tallystick/contracts';
import type { Express, RequestHandler } from 'express';
import { cors, preflightHeaders } from './cors.ts';

/**
 * Answers the methods that no operation has at a served path: `OPTIONS` with the methods of the path, any other with 405
 * (RFC 9110 §9.3.7, §15.5.6). A preflight of a registered origin is answered with what a script may send (CORS). It comes
 * after the operations.
 */
export function serveOtherMethods(
  app: Express,
  operations: readonly OperationDefinition[],
  { allowsOrigin, limitAddress }: { allowsOrigin: (origin: string) => boolean; limitAddress: RequestHandler },
): void {
  for (const [path, methods] of methodsByPath(operations)) {
    const allow = [...methods, 'OPTIONS'].join(', ');
    app.all(routeOf(path), cors(allowsOrigin), limitAddress, (request, response) => {
      response.setHeader('Allow', allow);
      if (request.method !== 'OPTIONS') throw new CodedError('route.method_not_allowed');
      const { origin, 'access-control-request-method': wanted } = request.headers;
      if (origin !== undefined && wanted !== undefined && allowsOrigin(origin))
        response.set(preflightHeaders(origin, [...methods]));
      response.status(204).end();
    });
  }
}

/** Returns the path of an operation as a route of express. */
export function routeOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** A path that can be read also answers HEAD. */
function methodsByPath(operations: readonly OperationDefinition[]): Map<string, Set<string>> {
  const byPath = new Map<string, Set<string>>();
  for (const { method, versions } of operations) {
    for (const { path } of Object.values(versions)) {
      const methods = byPath.get(path) ?? new Set();
      byPath.set(path, methods.add(method));
      if (method === 'GET') methods.add('HEAD');
    }
  }
  return byPath;
}
