import { CodedError, isRetired, operationPath, type OperationDefinition } from '@tallystick/contracts';
import { countDeprecated } from '@tallystick/telemetry';
import type { Request, Response } from 'express';
import type { Caller } from './authenticate.ts';

/**
 * Refuses a version past its sunset.
 * @throws CodedError `interface.retired`
 */
export function refuseRetired({ versions }: OperationDefinition, version: number, nowMs: number): void {
  if (!isRetired(versions[version]!, nowMs)) return;
  const { use } = versions[version]!.deprecated!;
  throw new CodedError('interface.retired', { detail: `use ${versions[use]!.path}` });
}

/**
 * Says of a deprecated version since when it is (RFC 9745), when it ends (RFC 8594), and what to call instead, and counts
 * its use by client.
 */
export function announceDeprecation(
  request: Request,
  response: Response,
  { id, versions }: OperationDefinition,
  version: number,
  { token }: Caller,
): void {
  const { deprecated } = versions[version]!;
  if (deprecated === undefined) return;
  const successor = operationPath(versions[deprecated.use]!, request.params as Record<string, string>);
  response.setHeader('Deprecation', `@${Date.parse(deprecated.since) / 1_000}`);
  response.setHeader('Sunset', new Date(deprecated.sunset).toUTCString());
  response.setHeader('Link', `<${successor}>; rel="successor-version"`);
  countDeprecated({ interface: id, version, by: token.clientId });
}
