import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Authority } from './authority.ts';

/** The user of Kafka that may do everything: the stack itself, and the tools that observe and attack it. */
export const STACK_USER = 'stack';

/** A user of Kafka, authenticated by SCRAM-SHA-512. */
export interface KafkaUser {
  username: string;
  passwordFile: string;
}

/** Private transport of a run: an authority, and a password for each user of Kafka. */
export interface TransportSecurity {
  authority: Authority;
  kafkaUsers: ReadonlyMap<string, KafkaUser & { password: string }>;
}

/**
 * Generates certificates and passwords for one run.
 *
 * @param directory directory of the files; only its owner can read them
 * @param usernames the users of Kafka in addition to `STACK_USER`
 */
export async function makeTransportSecurity(
  directory: string,
  usernames: readonly string[],
): Promise<TransportSecurity> {
  const authority = await Authority.create(directory, Date.now());
  const passwords = join(directory, 'kafka-users');
  mkdirSync(passwords, { recursive: true, mode: 0o700 });
  const kafkaUsers = [STACK_USER, ...usernames].map((username) => {
    const passwordFile = join(passwords, username);
    const password = randomBytes(24).toString('base64url');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    return [username, { username, passwordFile, password }] as const;
  });
  return { authority, kafkaUsers: new Map(kafkaUsers) };
}

/**
 * Returns a user of Kafka, without the password itself.
 *
 * @throws Error if there is no such user
 */
export function kafkaUserOf({ kafkaUsers }: TransportSecurity, username: string): KafkaUser {
  const user = kafkaUsers.get(username);
  if (user === undefined) throw new Error(`Kafka has no user ${username}`);
  return { username, passwordFile: user.passwordFile };
}
