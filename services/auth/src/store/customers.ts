import type { Queryable } from '@tallystick/postgres';
import { canonicalEmail } from '../domain/email.ts';

export interface Customer {
  id: string;
  email: string;
  name: string | null;
  /** PHC string. */
  passwordHash: string;
  /** `undefined` if the customer is enabled. */
  disabledAt: Date | undefined;
}

interface Row {
  id: string;
  email: string;
  name: string | null;
  password_hash: string;
  disabled_at: Date | null;
}

const COLUMNS = 'id, email, name, password_hash, disabled_at';

function customerOf(row: Row | undefined): Customer | undefined {
  return (
    row && {
      id: row.id,
      email: row.email,
      name: row.name,
      passwordHash: row.password_hash,
      disabledAt: row.disabled_at ?? undefined,
    }
  );
}

export async function findCustomer(db: Queryable, id: string): Promise<Customer | undefined> {
  const found = await db.query<Row>(`SELECT ${COLUMNS} FROM customer WHERE id = $1`, [id]);
  return customerOf(found.rows[0]);
}

/** Finds a customer by the canonical form of an e-mail address. */
export async function findCustomerByEmail(db: Queryable, email: string): Promise<Customer | undefined> {
  const found = await db.query<Row>(
    `SELECT ${COLUMNS} FROM customer
     WHERE email_canonical = $1 OR (email_canonical IS NULL AND lower(email) = $1)`,
    [canonicalEmail(email)],
  );
  return customerOf(found.rows[0]);
}

/** Inserts the customer, or updates the one with this id. A disabled customer stays disabled. */
export async function putCustomer(db: Queryable, customer: Omit<Customer, 'disabledAt'>): Promise<void> {
  await db.query(
    `INSERT INTO customer (id, email, name, password_hash, email_canonical) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (id) DO UPDATE
       SET email = excluded.email, name = excluded.name, password_hash = excluded.password_hash,
           email_canonical = excluded.email_canonical`,
    [customer.id, customer.email, customer.name, customer.passwordHash, canonicalEmail(customer.email)],
  );
}
