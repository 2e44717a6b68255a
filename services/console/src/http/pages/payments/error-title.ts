import { errorCodes, type ErrorDefinition } from '@tallystick/contracts';

/** Writes an error code in the words of the catalogue. */
export function errorTitle(code: string): string {
  return (errorCodes as Readonly<Record<string, ErrorDefinition>>)[code]?.title ?? code;
}
