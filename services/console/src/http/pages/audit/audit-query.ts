import { services } from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { choice, field, filters } from '../../parts/form.ts';

const TEXT_MAX = 200;
const ACTION_MAX = 100;

/** What an operator searches the audits for. */
export interface AuditQuery {
  /** One service, or all. */
  service: string;
  actor: string | undefined;
  object: string | undefined;
  action: string | undefined;
}

/** Reads the search in an address. */
export function auditQueryOf(query: URLSearchParams): AuditQuery {
  const text = (name: string, lengthMax: number): string | undefined =>
    // Postgres has no text with U+0000.
    query.get(name)?.replaceAll('\0', '').trim().slice(0, lengthMax) || undefined;
  return {
    service: query.get('service') ?? '',
    actor: text('actor', TEXT_MAX),
    object: text('object', TEXT_MAX),
    action: text('action', ACTION_MAX),
  };
}

/** Writes a search as the query of an address. */
export function auditSearch(query: AuditQuery, more: Record<string, string> = {}): string {
  const wanted = Object.entries({ ...query, ...more }).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  return new URLSearchParams(wanted as [string, string][]).toString();
}

/** Renders the form of a search. */
export function auditFilters({ service, actor, object, action }: AuditQuery): Html {
  return filters(
    '/audit',
    html`${choice({ name: 'service', label: 'Service', value: service }, [
      ['', 'All services'],
      ...services.map((name) => [name, name] as const),
    ])}
    ${field({ name: 'actor', label: 'Who', value: actor, lengthMax: TEXT_MAX })}
    ${field({ name: 'object', label: 'On what', value: object, lengthMax: TEXT_MAX })}
    ${field({ name: 'action', label: 'What', value: action, lengthMax: ACTION_MAX })}`,
    'Search',
  );
}
