import { PAGE_FOLDERS } from '@tallystick/auth/http/page-paths.ts';
import {
  DOCUMENT_PATHS,
  isForOperators,
  PROTECTED_RESOURCE_PATH,
  register,
  type OperationDefinition,
  type ServiceName,
} from '@tallystick/contracts';

/** The callers of a host: customers with their apps and third parties, or operators. */
export type Audience = 'customers' | 'operators';

/** Returns the audiences of a service: the console has no customers. */
export function audiencesOf(service: string): readonly Audience[] {
  return service === 'console' ? ['operators'] : ['customers', 'operators'];
}

export const HEALTH_PATHS = ['/health/live', '/health/ready'] as const;

/** Returns the caller of an operation: an operation whose scope only operators may have is for operators. */
export function audienceOf(operation: OperationDefinition): Audience {
  return isForOperators(operation) ? 'operators' : 'customers';
}

/** Returns the paths of every version of a service's operations for an audience, with parameters in braces. */
export function operationPaths(service: ServiceName, audience: Audience): string[] {
  const paths = Object.values<OperationDefinition>(register.operations)
    .filter((operation) => operation.service === service && audienceOf(operation) === audience)
    .flatMap(({ versions }) => Object.values(versions).map(({ path }) => path));
  return [...new Set(paths)].toSorted();
}

/**
 * Returns the regular expressions of all paths that a host of an audience routes, each from the start of a path:
 * operations, for customers the metadata and the documents of the service and the pages of auth, and for operators its
 * health. Operators reach every path of the console, whose pages are for them alone.
 */
export function routedPaths(service: ServiceName, audience: Audience): string[] {
  if (service === 'console') return ['/'];
  const paths = operationPaths(service, audience).map((path) => `${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
  if (audience === 'operators') return ['/health/(live|ready)$', ...paths];
  // Dots in brackets, because nginx reads a backslash itself.
  const documents = Object.values(DOCUMENT_PATHS).join('|').replaceAll('.', '[.]');
  paths.unshift(`(${documents}|${DOCUMENT_PATHS.page}/[^/]+)$`);
  if (service !== 'auth') return [`${PROTECTED_RESOURCE_PATH.replaceAll('.', '[.]')}$`, ...paths];
  const folders = PAGE_FOLDERS.map((folder) => folder.replaceAll('.', '[.]'));
  return [`/(${folders.join('|')})/`, ...paths];
}
