import type { OperationDefinition } from '@tallystick/contracts';

/** A called version that will be refused one day. */
export interface DeprecationNotice {
  operationId: string;
  version: number;
  /** Since when the version is deprecated (RFC 9745). */
  deprecatedAt: Date | undefined;
  /** From when on the version is refused (RFC 8594). */
  sunsetAt: Date | undefined;
  /** The path of the version to use instead. */
  successor: string | undefined;
}

const SUCCESSOR = /<([^>]*)>\s*;[^,]*\brel="?successor-version"?/;

/** Reads the deprecation of the called version from an answer; `undefined` if it has none. */
export function deprecationOf(
  { id }: OperationDefinition,
  version: number,
  headers: Headers,
): DeprecationNotice | undefined {
  const deprecation = headers.get('deprecation');
  const sunset = headers.get('sunset');
  if (deprecation === null && sunset === null) return undefined;
  return {
    operationId: id,
    version,
    deprecatedAt: dateOf(Number(deprecation?.replace(/^@/, '') ?? Number.NaN) * 1_000),
    sunsetAt: dateOf(Date.parse(sunset ?? '')),
    successor: SUCCESSOR.exec(headers.get('link') ?? '')?.[1],
  };
}

function dateOf(ms: number): Date | undefined {
  return Number.isNaN(ms) ? undefined : new Date(ms);
}
