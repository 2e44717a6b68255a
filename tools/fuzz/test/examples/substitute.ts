/** Values that replace those of an example: by path in the example, by name of the field, or by prefix of an id. */
export type Substitutes = Readonly<Record<string, unknown>>;

const ID = /^([a-z]{3})_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T/;

/**
 * Replaces the ids of an example by those of real objects, its times by a later one, and the named fields. Everything
 * else stays as it is documented.
 * @throws Error that names the field, if there is no object for an id
 */
export function substitute<Value>(value: Value, by: Substitutes, path = ''): Value {
  const field = path.slice(path.lastIndexOf('.') + 1);
  const replaced = by[path] ?? (path === '' ? undefined : by[field]);
  if (replaced !== undefined) return replaced as Value;
  if (Array.isArray(value)) return value.map((one: unknown) => substitute(one, by, path)) as Value;
  if (typeof value === 'object' && value !== null) {
    const inside = path === '' ? '' : `${path}.`;
    const entries = Object.entries(value).map(([name, one]) => [name, substitute(one, by, inside + name)]);
    return Object.fromEntries(entries) as Value;
  }
  if (typeof value !== 'string') return value;
  if (TIME.test(value)) return by['time'] as Value;
  const prefix = ID.exec(value)?.[1];
  if (prefix === undefined) return value;
  const id = by[prefix];
  if (id === undefined) throw new Error(`${path}: no object replaces the documented ${value}`);
  return id as Value;
}
