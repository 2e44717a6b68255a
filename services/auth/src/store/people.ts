import type { Queryable } from '@tallystick/postgres';
import type { People } from '../domain/people.ts';
import { findCustomer, findCustomerByEmail } from './customers.ts';
import { findOperator, findOperatorByEmail, type Operator } from './operators.ts';

/** A person who may sign in: a customer or an operator. */
export interface Person {
  id: string;
  email: string;
  passwordHash: string;
  /** `undefined` if the person is enabled. */
  disabledAt: Date | undefined;
  /** The name and the roles of an operator. */
  operator?: Pick<Operator, 'name' | 'roles'>;
}

/** Finds a person by id. */
export async function findPerson(db: Queryable, id: string): Promise<Person | undefined> {
  return (await findCustomer(db, id)) ?? personOf(await findOperator(db, id));
}

/** Finds a person of a kind by e-mail address. */
export async function findPersonByEmail(
  db: Queryable,
  people: People,
  email: string,
): Promise<Person | undefined> {
  return people === 'operators'
    ? personOf(await findOperatorByEmail(db, email))
    : findCustomerByEmail(db, email);
}

function personOf(operator: Operator | undefined): Person | undefined {
  if (operator === undefined) return undefined;
  const { id, email, passwordHash, disabledAt, name, roles } = operator;
  return { id, email, passwordHash, disabledAt, operator: { name, roles } };
}
