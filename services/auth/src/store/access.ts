import { findPage, mapPage, type ListPage, type ListRange, type Queryable } from '@tallystick/postgres';
import type { People } from '../domain/people.ts';

/** A change of access, for the answer: when the party was disabled; `undefined` if it is enabled. */
export interface Access {
  disabledAt: Date | undefined;
}

/** Disables a client. @returns `undefined` if there is no such client */
export async function disableClient(db: Queryable, clientId: string): Promise<Access | undefined> {
  const { rows } = await db.query<{ disabled_at: Date }>(
    `INSERT INTO disabled_client (client_id, disabled_at)
     SELECT id, now() FROM oidc_record WHERE model = 'Client' AND id = $1
     ON CONFLICT (client_id) DO UPDATE SET disabled_at = disabled_client.disabled_at RETURNING disabled_at`,
    [clientId],
  );
  return rows[0] === undefined ? undefined : { disabledAt: rows[0].disabled_at };
}

/** Enables a client. @returns `undefined` if there is no such client */
export async function enableClient(db: Queryable, clientId: string): Promise<Access | undefined> {
  await db.query('DELETE FROM disabled_client WHERE client_id = $1', [clientId]);
  const { rows } = await db.query(`SELECT 1 FROM oidc_record WHERE model = 'Client' AND id = $1`, [clientId]);
  return rows.length === 0 ? undefined : { disabledAt: undefined };
}

/** Returns the origins that enabled clients registered, each once. */
export async function listAllowedOrigins(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ origin: string }>(
    `SELECT DISTINCT origin
     FROM oidc_record c, jsonb_array_elements_text(c.payload -> 'allowed_origins') AS origin
     WHERE c.model = 'Client' AND NOT EXISTS (SELECT FROM disabled_client d WHERE d.client_id = c.id)
     ORDER BY origin`,
  );
  return rows.map(({ origin }) => origin);
}

const tableOf = { customers: 'customer', operators: 'operator' } as const satisfies Record<People, string>;

/** Disables or enables a person of a kind. @returns `undefined` if there is no such person */
export async function setPersonAccess(
  db: Queryable,
  people: People,
  personId: string,
  isDisabled: boolean,
): Promise<Access | undefined> {
  const { rows } = await db.query<{ disabled_at: Date | null }>(
    `UPDATE ${tableOf[people]} SET disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, now()) END
     WHERE id = $1 RETURNING disabled_at`,
    [personId, isDisabled],
  );
  return rows[0] === undefined ? undefined : { disabledAt: rows[0].disabled_at ?? undefined };
}

/** Deletes the sessions and consents of a person, with everything issued under them. */
export async function deleteSessions(db: Queryable, personId: string): Promise<void> {
  await db.query(
    `WITH gone AS (DELETE FROM oidc_record WHERE payload ->> 'accountId' = $1 AND model IN ('Grant', 'Session')
                   RETURNING model, id)
     DELETE FROM oidc_record WHERE grant_id IN (SELECT id FROM gone WHERE model = 'Grant')`,
    [personId],
  );
}

/** A customer's consent to a client. */
export interface Consent {
  consentId: string;
  clientId: string;
  clientName: string | undefined;
  scopes: string[];
  grantedAt: Date;
}

interface ConsentRow {
  client_id: string;
  client_name: string | null;
  openid: { scope?: string } | null;
  resources: Record<string, string> | null;
  place_time: Date;
  place_id: string;
}

const LIVING = '(g.expires_at IS NULL OR g.expires_at > now())';

/** Finds a page of the consents of a customer, by the time at which they gave them. */
export async function findConsentPage(
  db: Queryable,
  customerId: string,
  range: ListRange,
): Promise<ListPage<Consent>> {
  const page = await findPage<ConsentRow>(
    db,
    {
      columns: `g.payload ->> 'clientId' AS client_id, c.payload ->> 'client_name' AS client_name,
        g.payload -> 'openid' AS openid, g.payload -> 'resources' AS resources`,
      from: `oidc_record g LEFT JOIN oidc_record c ON c.model = 'Client' AND c.id = g.payload ->> 'clientId'`,
      where: `g.model = 'Grant' AND g.payload ->> 'accountId' = $1 AND ${LIVING}`,
      values: [customerId],
      time: `to_timestamp((g.payload ->> 'iat')::float)`,
      id: 'g.id',
    },
    range,
  );
  return mapPage(page, consentOf);
}

function consentOf(row: ConsentRow): Consent {
  return {
    consentId: row.place_id,
    clientId: row.client_id,
    clientName: row.client_name ?? undefined,
    scopes: [row.openid?.scope ?? '', ...Object.values(row.resources ?? {})]
      .join(' ')
      .split(' ')
      .filter(Boolean),
    grantedAt: row.place_time,
  };
}

/** Whether a consent is one of this customer. */
export async function ownsConsent(db: Queryable, customerId: string, consentId: string): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM oidc_record g WHERE g.model = 'Grant' AND g.id = $2 AND g.payload ->> 'accountId' = $1 AND ${LIVING}`,
    [customerId, consentId],
  );
  return rows.length > 0;
}
