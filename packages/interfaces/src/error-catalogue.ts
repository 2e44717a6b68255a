import { errorCodes, type ErrorCode, type ErrorDefinition } from '@tallystick/contracts';

/** An error of the catalogue. */
export interface CataloguedError extends ErrorDefinition {
  code: ErrorCode;
}

/** Lists every error, sorted by its code. */
export function errorCatalogue(): CataloguedError[] {
  return Object.entries(errorCodes as Record<string, ErrorDefinition>)
    .map(([code, definition]) => ({ code: code as ErrorCode, ...definition }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Writes the catalogue as a page in Markdown. */
export function errorPage(): string {
  const rows = errorCatalogue().map(
    ({ code, status, title, retry, action, iso8583 }) =>
      `| \`${code}\` | ${status} | ${title} | ${retry ? 'yes' : 'no'} | ${action} | ${iso8583 ?? ''} |`,
  );
  return `# Errors

Generated from the contracts: \`npx tallystick generate\`. A problem document (RFC 9457) has the code in \`code\` and \`type\`; a rejection event and a quarantined record have it too. “Retry”: the same request may succeed later. The last column is the response code (field 39) of ISO 8583 for a declined card payment.

| code | status | meaning | retry | what to do | ISO 8583 |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
