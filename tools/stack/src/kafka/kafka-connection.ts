import type { KafkaConnection } from '@tallystick/messaging';

import { kafkaUserOf, STACK_USER, type TransportSecurity } from '../tls/transport-security.ts';

/**
 * Returns the connection of a user to a Kafka of the stack.
 *
 * @param username the user; defaults to the stack itself. Without security there are no users
 * @throws Error if there is no such user
 */
export function connectionOf(
  brokers: readonly string[],
  security: TransportSecurity | undefined,
  username = STACK_USER,
): KafkaConnection {
  if (security === undefined) return { brokers };
  return { brokers, caFile: security.authority.caFile, password: kafkaUserOf(security, username) };
}
