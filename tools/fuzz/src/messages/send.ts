import type { World } from '@tallystick/attack';
import {
  newJti,
  OUTCOMES,
  outcomesOf,
  type CoreServiceName,
  type EnvelopeClaims,
  type MessageDefinition,
} from '@tallystick/contracts';
import { topicOf } from '@tallystick/demo';
import { seal, type SigningKey } from '@tallystick/security';
import * as z from 'zod';
import { subjectOf, type Generated } from './generate.ts';

/** The header by which a record is found again in a quarantine. */
export const FUZZ_HEADER = 'fuzz';

/** A generated message as it was sent. */
export interface Sent extends Generated {
  /** The value of {@link FUZZ_HEADER}. */
  mark: string;
  /** With its prefix. */
  topic: string;
  claims: EnvelopeClaims;
}

/** Seals each message as a party that may send it, whatever its payload is, and publishes them in their order. */
export async function send(world: World, generated: readonly Generated[]): Promise<Sent[]> {
  const sealed = await Promise.all(
    generated.map(async (one) => {
      const { definition, version, payload } = one;
      const topic = topicOf(
        world,
        definition.topic === OUTCOMES ? outcomesOf(world.producers.acme.id) : definition.topic,
      );
      const { key, value, claims } = await seal(
        unchecked(definition, version),
        { subject: subjectOf(definition, payload), payload },
        {
          ...senderOf(definition, world),
          topic,
          version,
          nowMs: Date.now(),
          encryptTo:
            definition.classification === 'confidential'
              ? world.watch.keyring.encryptionKeyOf(definition.topic.split('.')[0]!)
              : undefined,
        },
      );
      return { ...one, mark: newJti(), topic, claims, key, value };
    }),
  );
  await world.watch.publisher.publish(
    sealed.map(({ mark, topic, key, value }) => ({
      id: newJti(),
      topic,
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers: { [FUZZ_HEADER]: mark },
    })),
  );
  return sealed.map(({ key: _key, value: _value, ...sent }) => sent);
}

/** A definition that seals any payload. */
function unchecked(definition: MessageDefinition, version: number): MessageDefinition {
  const data = z.codec(z.unknown(), z.object({ subject: z.string(), payload: z.unknown() }), {
    decode: (payload) => ({ subject: '', payload }),
    encode: ({ payload }) => payload,
  });
  return { ...definition, key: 'subject', version, versions: { [version]: { since: '', data } } };
}

function senderOf(
  { from: [party] }: MessageDefinition,
  { producers, serviceKeys }: World,
): { issuer: string; signingKey: SigningKey } {
  if (party === undefined || party === 'client')
    return { issuer: producers.acme.id, signingKey: producers.acme.key };
  return { issuer: party, signingKey: serviceKeys[party as CoreServiceName] };
}
