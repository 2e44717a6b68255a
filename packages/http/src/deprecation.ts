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
 * Announces the deprecation of a version in headers and counts its use by client. The headers contain the date of
 * deprecation (RFC 9745), the sunset (RFC 8594) and the successor.
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
