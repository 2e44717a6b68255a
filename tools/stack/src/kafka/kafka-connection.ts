import type { KafkaConnection } from '@tallystick/messaging';

import { kafkaUserOf, STACK_USER, type TransportSecurity } from '../tls/transport-security.ts';

/**
 * How a user speaks to a Kafka of the stack.
 *
 * @param username as whom; the stack itself where absent. Without security there are no users
 * @throws Error where there is no such user
 */
export function connectionOf(
  brokers: readonly string[],
  security: TransportSecurity | undefined,
  username = STACK_USER,
): KafkaConnection {
  if (security === undefined) return { brokers };
  return { brokers, caFile: security.authority.caFile, password: kafkaUserOf(security, username) };
}
