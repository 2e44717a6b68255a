import { hasCardNumber, idPrefixes } from '@tallystick/contracts';
import type { Storable } from './storable-fields.ts';

const PREFIXED = new RegExp(`^(${Object.keys(idPrefixes).join('|')}|opr)_[0-9a-f-]{36}$`);
/** Fields with ids that have no prefix of their own. */
const NAMED: ReadonlySet<string> = new Set([
  'endToEndId',
  'producerId',
  'clientId',
  'ownerId',
  'actor',
  'object',
  'kid',
  'releaseId',
  'traceId',
]);
const ID_CHARS_MAX = 200;
/** Ids of one record: a hostile one must not fill the table. */
const IDS_MAX = 40;

/**
 * Returns the ids in a payload by which people look for its record, each once.
 * @param others further ids of the record, such as its key
 */
export function recordIds(
  facts: Storable | undefined,
  others: readonly (string | null | undefined)[],
): string[] {
  const found = new Set<string>();
  const note = (id: string): void => {
    if (id !== '' && id.length <= ID_CHARS_MAX && !hasCardNumber(id) && found.size < IDS_MAX) found.add(id);
  };
  for (const id of others) if (typeof id === 'string') note(id);
  const visit = (value: Storable, name: string): void => {
    if (typeof value === 'string') {
      if (PREFIXED.test(value) || NAMED.has(name)) note(value);
    } else if (Array.isArray(value)) {
      for (const item of value as readonly Storable[]) visit(item, name);
    } else if (typeof value === 'object' && value !== null) {
      const fields = value as Readonly<Record<string, Storable>>;
      // A grantee names a producer by `id`.
      for (const [field, inner] of Object.entries(fields))
        visit(inner, field === 'id' && fields['kind'] === 'producer' ? 'producerId' : field);
    }
  };
  if (facts !== undefined) visit(facts, '');
  return [...found];
}
