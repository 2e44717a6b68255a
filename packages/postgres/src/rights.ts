import pg from 'pg';
import type { MigrationSource } from './migrate.ts';
import type { Queryable } from './pool.ts';

/** A service must not use this role: it is absent, or the owner's privileges would bypass the grants. */
export class UnfitRoleError extends Error {
  override readonly name = 'UnfitRoleError';
}

/** The migrations that `migrate` has run; a service may only read them. */
const MIGRATIONS_TABLE = 'schema_migrations';

/**
 * Grants a role the privileges that a service needs in this database, and revokes all others.
 * The role may connect, and may select and insert in every table of the schema. It may update all tables except
 * `appendOnly` ones, and delete only from `removable` ones. It only reads `readOnly` tables. Views are read-only, because a write through a view runs
 * with the rights of its owner; `insertableViews` are the exception. Locking a row (`FOR UPDATE`) needs the right to
 * update it. Call this as the owner.
 * @param role the role that the service connects as
 * @throws UnfitRoleError if the role does not exist, is the owner, or can act as the owner
 * @throws Error if a source names a table that does not exist
 */
export async function grantRights(
  on: Queryable,
  role: string,
  sources: readonly MigrationSource[],
): Promise<void> {
  await requireFit(on, role);
  const appendOnly = new Set(sources.flatMap((source) => source.appendOnly ?? []));
  const readOnly = new Set(sources.flatMap((source) => source.readOnly ?? []));
  const removable = new Set(sources.flatMap((source) => source.removable ?? []));
  const formerNames = new Map(sources.flatMap((source) => Object.entries(source.formerNames ?? {})));
  const insertableViews = new Set(sources.flatMap((source) => source.insertableViews ?? []));
  const { database, schema, tables, views, sequences } = await catalogue(on);
  const unknown = [
    ...[...appendOnly, ...readOnly, ...removable].filter((table) => !tables.includes(table)),
    ...[...insertableViews, ...formerNames.keys()].filter((view) => !views.includes(view)),
  ];
  if (unknown.length > 0) throw new Error(`there is no table ${unknown.join(', ')} to grant rights on`);
  const rightsOn = (table: string): string => {
    if (table === MIGRATIONS_TABLE || readOnly.has(table)) return 'SELECT';
    const renamed = formerNames.get(table);
    if (renamed !== undefined) return rightsOn(renamed);
    if (views.includes(table)) return insertableViews.has(table) ? 'SELECT, INSERT' : 'SELECT';
    if (appendOnly.has(table)) return 'SELECT, INSERT';
    return removable.has(table) ? 'SELECT, INSERT, UPDATE, DELETE' : 'SELECT, INSERT, UPDATE';
  };
  const [to, inDatabase, inSchema] = [role, database, schema].map((name) => pg.escapeIdentifier(name));
  const list = (names: readonly string[]): string =>
    names.map((name) => `${inSchema}.${pg.escapeIdentifier(name)}`).join(', ');
  const statements = [
    `REVOKE ALL ON DATABASE ${inDatabase} FROM PUBLIC, ${to}`,
    `REVOKE ALL ON SCHEMA ${inSchema} FROM PUBLIC, ${to}`,
    `REVOKE ALL ON ALL TABLES IN SCHEMA ${inSchema} FROM PUBLIC, ${to}`,
    `REVOKE ALL ON ALL SEQUENCES IN SCHEMA ${inSchema} FROM PUBLIC, ${to}`,
    `GRANT CONNECT ON DATABASE ${inDatabase} TO ${to}`,
    `GRANT USAGE ON SCHEMA ${inSchema} TO ${to}`,
    ...[...Map.groupBy([...tables, ...views], rightsOn)].map(
      ([rights, group]) => `GRANT ${rights} ON TABLE ${list(group)} TO ${to}`,
    ),
    ...(sequences.length === 0 ? [] : [`GRANT USAGE ON SEQUENCE ${list(sequences)} TO ${to}`]),
  ];
  for (const statement of statements) await on.query(statement);
}

async function requireFit(on: Queryable, role: string): Promise<void> {
  const { rows } = await on.query<{ is_owner: boolean; acts_as_owner: boolean }>(
    `SELECT rolname = current_user AS is_owner, pg_has_role(oid, current_user, 'MEMBER') AS acts_as_owner
     FROM pg_roles WHERE rolname = $1`,
    [role],
  );
  const [found] = rows;
  if (found === undefined) throw new UnfitRoleError('there is no such role in the database');
  if (found.is_owner) throw new UnfitRoleError('is the owner of the database, who may do anything');
  if (found.acts_as_owner)
    throw new UnfitRoleError('is a superuser or a member of the owner, so it may do anything');
}

/**
 * Returns the tables, views and sequences of the schema. Sequences of identity columns are left out, because their use
 * needs no right.
 */
async function catalogue(
  on: Queryable,
): Promise<{ database: string; schema: string; tables: string[]; views: string[]; sequences: string[] }> {
  const { rows } = await on.query<{
    database: string;
    schema: string;
    name: string;
    kind: 'r' | 'p' | 'v' | 'S';
  }>(
    `SELECT current_database() AS database, current_schema() AS schema, c.relname AS name, c.relkind::text AS kind
     FROM pg_class c
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
       AND NOT EXISTS (SELECT FROM pg_depend d
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S' AND d.deptype = 'i')
     ORDER BY c.relname`,
  );
  const { database, schema } = rows[0]!;
  const named = (...kinds: string[]): string[] =>
    rows.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  return { database, schema, tables: named('r', 'p'), views: named('v'), sequences: named('S') };
}
