/** Writes a value of JSON as a Python literal. */
export function pythonLiteral(value: unknown, depth = 0): string {
  const indent = '    '.repeat(depth + 1);
  const end = '    '.repeat(depth);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) {
    const items = value.map((item) => `${indent}${pythonLiteral(item, depth + 1)},\n`);
    return items.length === 0 ? '[]' : `[\n${items.join('')}${end}]`;
  }
  if (typeof value === 'object') {
    const members = Object.entries(value).map(
      ([name, member]) => `${indent}${JSON.stringify(name)}: ${pythonLiteral(member, depth + 1)},\n`,
    );
    return members.length === 0 ? '{}' : `{\n${members.join('')}${end}}`;
  }
  return JSON.stringify(value);
}

/**
 * Writes a value as a literal of TypeScript, with amounts as `bigint`.
 * @param wire the value in its wire form: only its fields are written
 * @param decoded the same value, decoded by its schema
 */
export function typescriptLiteral(wire: unknown, decoded: unknown): string {
  if (typeof decoded === 'bigint') return `${decoded}n`;
  if (Array.isArray(wire))
    return `[${wire.map((item, at) => typescriptLiteral(item, (decoded as unknown[])[at])).join(', ')}]`;
  if (typeof wire === 'object' && wire !== null) {
    const members = Object.entries(wire).map(
      ([name, member]) => `${name}: ${typescriptLiteral(member, (decoded as Record<string, unknown>)[name])}`,
    );
    return `{ ${members.join(', ')} }`;
  }
  return JSON.stringify(wire);
}
