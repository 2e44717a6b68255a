import type { Power } from '@tallystick/contracts';
import type { Queryable } from '@tallystick/postgres';
import { canonicalEmail } from '../domain/email.ts';

/** A person who is an operator. */
export interface Operator {
  id: string;
  email: string;
  name: string;
  /** PHC string. */
  passwordHash: string;
  /** The powers of this person, which decide the scopes. */
  roles: readonly Power[];
  /** `undefined` if the operator is enabled. */
  disabledAt: Date | undefined;
}

interface Row {
  id: string;
  email: string;
  name: string;
  password_hash: string;
  roles: Power[];
  disabled_at: Date | null;
}

const COLUMNS = 'id, email, name, password_hash, roles, disabled_at';

function operatorOf(row: Row | undefined): Operator | undefined {
  if (row === undefined) return undefined;
  const { id, email, name, password_hash: passwordHash, roles, disabled_at: disabledAt } = row;
  return { id, email, name, passwordHash, roles, disabledAt: disabledAt ?? undefined };
}

export async function findOperator(db: Queryable, id: string): Promise<Operator | undefined> {
  const found = await db.query<Row>(`SELECT ${COLUMNS} FROM operator WHERE id = $1`, [id]);
  return operatorOf(found.rows[0]);
}

/** Finds an operator by the canonical form of an e-mail address. */
export async function findOperatorByEmail(db: Queryable, email: string): Promise<Operator | undefined> {
  const found = await db.query<Row>(`SELECT ${COLUMNS} FROM operator WHERE email_canonical = $1`, [
    canonicalEmail(email),
  ]);
  return operatorOf(found.rows[0]);
}

/** Inserts the operator, or updates the one with this id. A disabled operator stays disabled. */
export async function putOperator(db: Queryable, operator: Omit<Operator, 'disabledAt'>): Promise<void> {
  const { id, email, name, passwordHash, roles } = operator;
  await db.query(
    `INSERT INTO operator (id, email, name, password_hash, roles, email_canonical)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE
       SET email = excluded.email, name = excluded.name, password_hash = excluded.password_hash,
           roles = excluded.roles, email_canonical = excluded.email_canonical`,
    [id, email, name, passwordHash, [...roles], canonicalEmail(email)],
  );
}
