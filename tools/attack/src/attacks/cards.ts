import { deflateRawSync } from 'node:zlib';
import { ENVELOPE_TYP, messages, newId, newJti } from '@tallystick/contracts';
import { publishRaw, topicOf } from '@tallystick/demo';
import { verdict, type Attack, type Verdict } from '../attack.ts';
import { encryptTo, type Changes } from '../forge/jwe.ts';
import { signJws } from '../forge/jws.ts';
import { quarantined } from '../kafka/order.ts';
import type { Producer, World } from '../target/world.ts';

const TOPIC = 'card.commands.v1';
const MALFORMED = 'envelope.malformed';
const UNDECRYPTED = 'envelope.decryption_failed';
const WITHIN_MS = 15_000;
/** A number of the stack's issuer that no card has. */
const UNKNOWN_NUMBER = '9999000100000000';
/** More wrong numbers than a producer has a day. */
const GUESSES = 130;

/** Signs a request to find a card by its number. */
async function signed(world: World, number = UNKNOWN_NUMBER, { id, key }: Producer = world.producers.acme) {
  const tokenizationId = newId('tok');
  const iat = Math.floor(Date.now() / 1_000);
  const { type, version } = messages.cardTokenize;
  const claims = {
    iss: id,
    aud: topicOf(world, TOPIC),
    sub: tokenizationId,
    jti: newJti(),
    iat,
    exp: iat + 60,
    type,
    version,
    txn: newJti(),
    data: { tokenizationId, number },
  };
  return {
    key: tokenizationId,
    jws: await signJws({ alg: key.alg, typ: ENVELOPE_TYP, kid: key.kid }, claims, key),
  };
}

/** Encrypts an envelope to the card service, with changes. */
function encrypted({ watch }: World, jws: string, changes: Changes = {}): string {
  const recipient = watch.keyring.encryptionKeyOf('card');
  if (recipient === undefined) throw new Error('the card service has no encryption key');
  return encryptTo(recipient.publicJwk as never, recipient.kid, jws, changes);
}

/** Sends an unknown number in the same parts as the attacks, unchanged; it is answered. */
const honest: Attack['control'] = async (world) => {
  const { key, jws } = await signed(world);
  await publishRaw(world, TOPIC, key, encrypted(world, jws));
  return answerFor(world, key, 'card.tokenize_rejected card.not_found');
};

async function answerFor(world: World, tokenizationId: string, expected: string): Promise<Verdict> {
  const { claims } = await world.watch.events.next(
    (event) => event.claims.sub === tokenizationId && event.claims.type.startsWith('card.tokeni'),
    WITHIN_MS,
  );
  return verdict(expected, `${claims.type} ${(claims.data as { code?: string }).code ?? ''}`.trim());
}

/** Makes an attack by a request to find a card that is encrypted in another way. */
function cardAttack(name: string, reason: string, write: (world: World, jws: string) => string): Attack {
  return {
    name: `cards.${name}`,
    on: TOPIC,
    control: honest,
    run: async (world) => {
      const { key, jws } = await signed(world);
      return quarantined(world, { topic: TOPIC, key, value: write(world, jws) }, reason);
    },
  };
}

function headerAttack(name: string, header: object, reason = UNDECRYPTED): Attack {
  return cardAttack(`header-${name}`, reason, (world, jws) => encrypted(world, jws, { header }));
}

const BOMB = Buffer.alloc(50_000_000, 0x41);

const encryptions: Attack[] = [
  cardAttack('not-encrypted', 'envelope.encryption_required', (_world, jws) => jws),
  headerAttack('alg-dir', { alg: 'dir' }),
  headerAttack('alg-ecdh-with-wrapping', { alg: 'ECDH-ES+A256KW' }),
  headerAttack('alg-rsa', { alg: 'RSA-OAEP' }),
  headerAttack('alg-of-a-password', { alg: 'PBES2-HS256+A128KW', p2s: 'AAAA', p2c: 2_000_000_000 }),
  headerAttack('enc-cbc', { enc: 'A256CBC-HS512' }),
  headerAttack('enc-128', { enc: 'A128GCM' }),
  headerAttack('kid-unknown', { kid: 'A'.repeat(43) }),
  headerAttack('kid-absent', { kid: undefined }),
  headerAttack('kid-path', { kid: '../../keys/card-encryption.jwk.json' }),
  headerAttack('epk-absent', { epk: undefined }),
  headerAttack('epk-of-small-order', {
    epk: { kty: 'OKP', crv: 'X25519', x: Buffer.alloc(32).toString('base64url') },
  }),
  headerAttack('epk-on-another-curve', { epk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } }),
  headerAttack('crit', { crit: ['x'], x: 1 }),
  headerAttack('cty-absent', { cty: undefined }, 'envelope.header_refused'),
  headerAttack('jku', { jku: 'http://127.0.0.1:9/' }, 'envelope.header_refused'),
  cardAttack('compressed', 'envelope.header_refused', (world, jws) =>
    encrypted(world, jws, { header: { zip: 'DEF' }, content: deflateRawSync(Buffer.from(jws)) }),
  ),
  cardAttack('compressed-bomb', UNDECRYPTED, (world, jws) =>
    encrypted(world, jws, { header: { zip: 'DEF' }, content: deflateRawSync(BOMB) }),
  ),
  cardAttack('text-instead-of-an-envelope', MALFORMED, (world) => encrypted(world, 'let me in')),
  cardAttack('encrypted-twice', MALFORMED, (world, jws) => encrypted(world, encrypted(world, jws))),
  cardAttack('ciphertext-altered', UNDECRYPTED, (world, jws) => withPart(encrypted(world, jws), 3)),
  cardAttack('tag-altered', UNDECRYPTED, (world, jws) => withPart(encrypted(world, jws), 4)),
  cardAttack('iv-altered', UNDECRYPTED, (world, jws) => withPart(encrypted(world, jws), 2)),
  cardAttack('with-an-encrypted-key', UNDECRYPTED, (world, jws) =>
    encrypted(world, jws).replace('..', '.AAAA.'),
  ),
];

/** Attacks on card numbers: other encryptions of a request to find one, and guesses. */
export const cardAttacks: readonly Attack[] = [
  ...encryptions,
  {
    name: 'cards.numbers-guessed',
    on: TOPIC,
    control: honest,
    run: async (world) => {
      let last = '';
      for (let at = 0; at < GUESSES; at += 1) {
        const number = String(BigInt(UNKNOWN_NUMBER) + BigInt(at) + 1n);
        const { key, jws } = await signed(world, number, world.producers.outlaw);
        await publishRaw(world, TOPIC, key, encrypted(world, jws));
        last = key;
      }
      return answerFor(world, last, 'card.tokenize_rejected card.misses_exceeded');
    },
  },
];

/** Changes the first character of a part. */
function withPart(jwe: string, at: number): string {
  const parts = jwe.split('.');
  parts[at] = (parts[at]!.startsWith('A') ? 'B' : 'A') + parts[at]!.slice(1);
  return parts.join('.');
}
