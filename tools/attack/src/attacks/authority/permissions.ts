import {
  isTopic,
  messages,
  newId,
  newJti,
  coreServices,
  type MessageDefinition,
  type Party,
  type TopicName,
} from '@tallystick/contracts';
import { publishRaw, quarantinedWith, topicOf } from '@tallystick/demo';
import type { SigningKey } from '@tallystick/security';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { signJws } from '../../forge/jws.ts';
import type { World } from '../../target/world.ts';

const REFUSED = 'envelope.not_permitted';
/** What a party with the permission gets for the same envelope, since its payload is empty. */
const NEXT_CHECKS = ['envelope.schema_invalid', 'envelope.encryption_required'];

/** Parties whose keys an attacker may have; auth signs no messages. */
const parties: readonly Party[] = ['client', 'account', 'card', 'payment'];

/** The messages that some service reads. Nobody looks at the others. */
const read = (Object.values(messages) as unknown as MessageDefinition[]).filter(
  ({ topic, to }) => isTopic(topic) && to.some((party) => party !== 'client'),
);

/** Every message that a service reads, signed by every party that may not send it. */
export const permissionAttacks: readonly Attack[] = read.flatMap((definition) =>
  parties
    .filter((party) => !definition.from.includes(party))
    .map((party) => ({
      name: `permissions.${definition.type}-by-${party === 'client' ? 'a-third-party' : party}`,
      on: definition.topic,
      run: (world) => isNotPermitted(definition, party, world),
    })),
);

async function isNotPermitted(definition: MessageDefinition, party: Party, world: World): Promise<Verdict> {
  const [refused, honest] = await Promise.all([
    reasonFor(definition, party, world),
    reasonFor(definition, definition.from[0]!, world),
  ]);
  if (!NEXT_CHECKS.includes(honest))
    return { held: false, shown: `signed by ${definition.from[0]}: ${honest}` };
  return verdict(REFUSED, refused);
}

/** Writes the message with an empty payload. @returns the reason in the quarantine */
async function reasonFor(definition: MessageDefinition, party: Party, world: World): Promise<string> {
  const topic = definition.topic as TopicName;
  const key = newId('pay');
  await publishRaw(world, topic, key, await emptyEnvelope(definition, party, world, key));
  const { shown } = await quarantinedWith(world, topic, key, REFUSED);
  return shown.replace(`${topic}.quarantine: `, '');
}

function emptyEnvelope(
  { type, version, topic, kind }: MessageDefinition,
  party: Party,
  world: World,
  sub: string,
): Promise<string> {
  const { id: iss, key } = signerOf(party, world);
  const iat = Math.floor(Date.now() / 1_000);
  const exp = kind === 'command' ? { exp: iat + 300 } : {};
  const claims = {
    iss,
    aud: topicOf(world, topic),
    sub,
    jti: newJti(),
    iat,
    ...exp,
    type,
    version,
    txn: newJti(),
    data: {},
  };
  return signJws({ alg: key.alg, typ: 'tallystick+jwt', kid: key.kid }, claims, key);
}

function signerOf(party: Party, { producers, serviceKeys }: World): { id: string; key: SigningKey } {
  const service = coreServices.find((name) => name === party);
  return service === undefined ? producers.acme : { id: service, key: serviceKeys[service] };
}
