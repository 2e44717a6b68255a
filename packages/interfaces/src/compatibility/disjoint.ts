import type { JsonSchema } from '../json-schema.ts';
import { accepts } from './accepts.ts';
import { propertiesOf, requiredOf, valuesOf } from './schema-parts.ts';

/** Returns whether no value fits both schemas, as far as types, listed values and required fields show. */
export function isDisjoint(a: JsonSchema, b: JsonSchema): boolean {
  const [valuesA, valuesB] = [valuesOf(a), valuesOf(b)];
  if (valuesA?.every((value) => accepts(b, value) === false) === true) return true;
  if (valuesB?.every((value) => accepts(a, value) === false) === true) return true;
  const [typeA, typeB] = [a['type'], b['type']];
  if (typeof typeA !== 'string' || typeof typeB !== 'string') return false;
  if (typeA !== typeB) return !(isNumeric(typeA) && isNumeric(typeB));
  if (typeA !== 'object') return false;
  const requiredInB = new Set(requiredOf(b));
  const [fieldsA, fieldsB] = [propertiesOf(a), propertiesOf(b)];
  return requiredOf(a).some((name) => {
    const [fieldA, fieldB] = [fieldsA[name], fieldsB[name]];
    return (
      fieldA !== undefined && fieldB !== undefined && requiredInB.has(name) && isDisjoint(fieldA, fieldB)
    );
  });
}

function isNumeric(type: string): boolean {
  return type === 'number' || type === 'integer';
}
