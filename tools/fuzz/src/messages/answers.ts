import type { World } from '@tallystick/attack';
import { OUTCOMES_PREFIX, type EnvelopeClaims, type MessageDefinition } from '@tallystick/contracts';
import type { IncomingEvent } from '@tallystick/messaging';

/**
 * Waits for an event that answers a command. It has the transaction of the command; an outcome of an existing payment has
 * that of the payment, and the payment as its subject.
 * @param forged the `jti` of events that no service sent
 * @throws Error if none comes within the time
 */
export function answerTo(
  { watch }: World,
  { outcomes }: MessageDefinition,
  command: EnvelopeClaims,
  timeoutMs: number,
  forged: ReadonlySet<string> = new Set(),
): Promise<IncomingEvent> {
  return watch.events.next(({ claims }) => {
    if (!outcomes.includes(claims.type) || forged.has(claims.jti)) return false;
    if (claims.txn === command.txn) return true;
    const { commandJti = command.jti } = claims.data as { commandJti?: string };
    return claims.aud.includes(OUTCOMES_PREFIX) && claims.sub === command.sub && commandJti === command.jti;
  }, timeoutMs);
}
