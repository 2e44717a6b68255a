import type { Queryable } from '@tallystick/postgres';
import type { AcceptedSnapshot } from '@tallystick/security';

/** Reads the newest snapshot of keys that a process of this service accepted. */
export async function findAcceptedSnapshot(on: Queryable): Promise<AcceptedSnapshot | undefined> {
  const { rows } = await on.query<{ version: bigint; digest: string; registrarKid: string }>(
    'SELECT version, digest, registrar_kid AS "registrarKid" FROM accepted_snapshot',
  );
  const [found] = rows;
  return found === undefined ? undefined : { ...found, version: Number(found.version) };
}

/** Stores an accepted snapshot, unless another replica stored a newer one of the same registrar. */
export async function putAcceptedSnapshot(
  on: Queryable,
  { version, digest, registrarKid }: AcceptedSnapshot,
): Promise<void> {
  await on.query(
    `INSERT INTO accepted_snapshot (version, digest, registrar_kid) VALUES ($1, $2, $3)
     ON CONFLICT (only_row) DO UPDATE
       SET version = excluded.version, digest = excluded.digest, registrar_kid = excluded.registrar_kid
       WHERE accepted_snapshot.version < excluded.version
          OR accepted_snapshot.registrar_kid <> excluded.registrar_kid`,
    [version, digest, registrarKid],
  );
}
