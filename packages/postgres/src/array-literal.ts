/** Elements that need no quotes in an array's text: ids, numbers and names, so nearly all. */
const PLAIN = /^[A-Za-z0-9_.:+-]+$/;
const NULL = /^null$/i;

/**
 * Encodes an array in the text form of Postgres ("Array Input and Output Syntax"). pg quotes and escapes every element,
 * which took a twentieth of a service's CPU time.
 * @returns `undefined` if an element is not a string, number, bigint, boolean, date or null; pg encodes such an array
 */
export function arrayLiteral(values: readonly unknown[]): string | undefined {
  let text = '';
  for (const value of values) {
    if (text !== '') text += ',';
    if (typeof value === 'string') text += PLAIN.test(value) && !NULL.test(value) ? value : quoted(value);
    else if (value === null || value === undefined) text += 'NULL';
    else if (value instanceof Date) text += value.toISOString();
    else if (typeof value === 'object') return undefined;
    else text += String(value as number | bigint | boolean);
  }
  return `{${text}}`;
}

function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
