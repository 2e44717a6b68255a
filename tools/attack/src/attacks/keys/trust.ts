import { KEY_TOPIC, messages, newId, newJti } from '@tallystick/contracts';
import { newDpopKey, publishRaw, quarantinedWith, topicOf } from '@tallystick/demo';
import type { SigningKey } from '@tallystick/security';
import type { Verdict } from '../../attack.ts';
import { verdict } from '../../attack.ts';
import { signJws } from '../../forge/jws.ts';
import type { World } from '../../target/world.ts';

const LEDGER = 'account.commands.v1';

/** What the account service must say to keys, whatever stands on the key topic. */
const SOUND = 'rogue key_unknown, revoked key_revoked, genuine schema_invalid';

/** Writes records to the key topic, each under a key of its own, so that none replaces a genuine one. */
export async function writeKeyRecords(
  world: World,
  records: readonly (string | Buffer | null)[],
): Promise<void> {
  for (const record of records) await publishRaw(world, KEY_TOPIC, `attack-${newJti()}`, record);
}

/**
 * Whether the account service still trusts exactly the genuine keys, after it has read the key topic to its end: the
 * attacker's key is unknown, a revoked one stays revoked, and that of the payment service counts.
 */
export async function trustsGenuineKeys(world: World, rogue: SigningKey): Promise<Verdict> {
  // A service reads the key topic to its end before it calls a key unknown, so this comes first.
  await reasonFor(world, await newDpopKey(), 'payment');
  const seen = [
    `rogue ${await reasonFor(world, rogue, 'payment')}`,
    `revoked ${await reasonFor(world, world.producers.gone.key, world.producers.gone.id)}`,
    `genuine ${await reasonFor(world, world.serviceKeys.payment, 'payment')}`,
  ].join(', ');
  return verdict(SOUND, seen);
}

/** Sends a command without content by a key. @returns the reason in the quarantine, without its prefix */
async function reasonFor(world: World, key: SigningKey, iss: string): Promise<string> {
  const sub = newId('acc');
  const { type, version } = messages.holdPlace;
  const iat = Math.floor(Date.now() / 1_000);
  const claims = {
    iss,
    aud: topicOf(world, LEDGER),
    sub,
    jti: newJti(),
    iat,
    exp: iat + 300,
    type,
    version,
    txn: newJti(),
    data: {},
  };
  await publishRaw(
    world,
    LEDGER,
    sub,
    await signJws({ alg: key.alg, typ: 'tallystick+jwt', kid: key.kid }, claims, key),
  );
  const { shown } = await quarantinedWith(world, LEDGER, sub, '');
  return shown.replace(`${LEDGER}.quarantine: envelope.`, '');
}
