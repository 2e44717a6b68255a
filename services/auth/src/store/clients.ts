import type { Queryable } from '@tallystick/postgres';
import { peopleOf, type People } from '../domain/people.ts';

/** A registered client, for operators who look it up. It never has its keys. */
export interface ListedClient {
  clientId: string;
  name: string | undefined;
  /** `undefined` if the client only acts on its own behalf. */
  signsIn: People | undefined;
  scopes: string[];
  disabledAt: Date | undefined;
}

interface Row {
  id: string;
  payload: { client_name?: string; scope?: string; signs_in?: string; grant_types?: string[] };
  disabled_at: Date | null;
}

/**
 * Finds a page of the registered clients, in the order of their ids.
 * @param cursor the `nextCursor` of the previous page
 */
export async function findClientPage(
  db: Queryable,
  limit: number,
  cursor: string | undefined,
): Promise<{ clients: ListedClient[]; nextCursor: string | undefined }> {
  const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString().replaceAll('\0', '');
  const { rows } = await db.query<Row>(
    `SELECT c.id, c.payload, d.disabled_at
     FROM oidc_record c LEFT JOIN disabled_client d ON d.client_id = c.id
     WHERE c.model = 'Client' AND c.id > $1 ORDER BY c.id LIMIT $2`,
    // One more row shows whether there is another page.
    [after, limit + 1],
  );
  const shown = rows.slice(0, limit);
  return {
    clients: shown.map(clientOf),
    nextCursor: rows.length > limit ? Buffer.from(shown.at(-1)!.id).toString('base64url') : undefined,
  };
}

function clientOf({ id, payload, disabled_at: disabledAt }: Row): ListedClient {
  const signsInPeople = payload.grant_types?.includes('authorization_code') ?? true;
  return {
    clientId: id,
    name: payload.client_name,
    signsIn: signsInPeople ? peopleOf(payload) : undefined,
    scopes: (payload.scope ?? '').split(' ').filter(Boolean),
    disabledAt: disabledAt ?? undefined,
  };
}
