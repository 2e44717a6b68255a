import { setTimeout as delay } from 'node:timers/promises';
import { ProblemError } from '@tallystick/client';
import {
  errorCodes,
  messages,
  newId,
  newJti,
  type DataOf,
  type ErrorCode,
  type MessageDefinition,
} from '@tallystick/contracts';
import { seal, type SealedEnvelope, type SigningKey } from '@tallystick/security';
import { signingKeyOf, type Watched, type World } from '../world.ts';

/** Longest time until a refused record appears in its quarantine, or until an event arrives. */
export const SHOWN_WITHIN_MS = 15_000;
/** Responses of a service at capacity to any client, before it checks the request: they do not decide an attack. */
const SHED = new Set([429, 503]);
const AGAIN_AFTER_MS = 500;

/** An attack: the attacker's action, and its expected end. */
export interface Attack {
  name: string;
  /** @returns whether it ended as expected, and the reason that was shown */
  run(world: World, key: AttackKeys): Promise<{ held: boolean; shown: string }>;
}

/** Keys that an attacker may have obtained. */
export interface AttackKeys {
  /** Of the third party. */
  acme: SigningKey;
  /** Of a producer without permissions. */
  bystander: SigningKey;
  /** Of the payment service itself. */
  payment: SigningKey;
}

export async function attackKeys({ stack }: World): Promise<AttackKeys> {
  const producer = (id: string): string => stack.producers.find((one) => one.id === id)!.privateJwk;
  const [acme, bystander, payment] = await Promise.all([
    signingKeyOf(producer('acme')),
    signingKeyOf(producer('bystander')),
    signingKeyOf(stack.serviceKeys.payment),
  ]);
  return { acme, bystander, payment };
}

export function topicOf(world: Pick<World, 'stack'>, name: string): string {
  return (world.stack.kafka.topicPrefix ?? '') + name;
}

/** Returns an order that would pass every check, unless the attack modifies it. */
export function order(world: World, amountMinor = 900n): DataOf<typeof messages.paymentCreate> {
  return {
    paymentId: newId('pay'),
    source: { kind: 'account', accountId: world.customerAccountId },
    payee: { kind: 'account', accountId: world.merchantAccountId },
    amountMinor,
    currency: 'EUR',
    capture: 'automatic',
    capturedBy: 'initiator',
    endToEndId: `HOSTILE-${newJti().slice(-12)}`,
  };
}

/** Seals a message as the holder of a key could. */
export function sealAs<Definition extends MessageDefinition>(
  world: Pick<World, 'stack'>,
  issuer: string,
  signingKey: SigningKey,
  definition: Definition,
  data: DataOf<Definition>,
  options: { nowMs?: number; lifetimeS?: number } = {},
): Promise<SealedEnvelope> {
  return seal(definition, data, {
    issuer,
    signingKey,
    topic: topicOf(world, definition.topic),
    nowMs: Date.now(),
    ...options,
  });
}

/** Writes a record unchanged, without the checks of a sender. */
export async function publishRaw(
  world: Watched,
  topic: string,
  key: string | null,
  value: string | Buffer | null,
): Promise<void> {
  await world.watch.publisher.publish([
    {
      id: newJti(),
      topic: topicOf(world, topic),
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers: {},
    },
  ]);
}

/** Whether a record with this key reaches a topic's quarantine with this reason. */
export async function quarantinedWith(
  world: Watched,
  topic: string,
  key: string | null,
  reason: string,
): Promise<{ held: boolean; shown: string }> {
  const record = await world.watch.events.nextQuarantined(
    (one) => one.topic === topicOf(world, `${topic}.quarantine`) && one.key === key,
    SHOWN_WITHIN_MS,
  );
  return { held: record.reason === reason, shown: `${topic}.quarantine: ${record.reason}` };
}

/** Whether an event about this aggregate reports a refusal with this code. */
export async function refusedWith(
  world: Watched,
  definition: MessageDefinition,
  matches: (data: Record<string, unknown>) => boolean,
  code: string,
): Promise<{ held: boolean; shown: string }> {
  const event = await world.watch.events.next(
    ({ claims }) => claims.type === definition.type && matches(claims.data as Record<string, unknown>),
    SHOWN_WITHIN_MS,
  );
  const found = (event.claims.data as { code?: string }).code ?? '';
  return { held: found === code, shown: `${event.claims.type}: ${found}` };
}

/** Whether a request is refused with this code, when the service decides on it. */
export async function refusedAtTheDoor(
  request: () => Promise<Response>,
  code: ErrorCode,
): Promise<{ held: boolean; shown: string }> {
  const { status, found } = await untilDecided(async () => {
    const response = await request();
    const problem = (await response.json()) as { code?: string };
    if (SHED.has(response.status)) throw new ProblemError('attack', response.status, problem);
    return { status: response.status, found: problem.code ?? '' };
  });
  return { held: status === errorCodes[code].status && found === code, shown: `${status} ${found}` };
}

/**
 * Repeats a request while the service is at capacity, for a limited time.
 * @throws ProblemError with the last response, if the service is still at capacity
 */
export async function untilDecided<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const endMs = performance.now() + SHOWN_WITHIN_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isShed = error instanceof ProblemError && SHED.has(error.status);
      if (!isShed || performance.now() > endMs) throw error;
    }
    await delay(AGAIN_AFTER_MS);
  }
}
