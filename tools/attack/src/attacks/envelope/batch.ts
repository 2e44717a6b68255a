import { BATCH_ALG, messages, newId, type DataOf } from '@tallystick/contracts';
import { publishRaw, topicOf } from '@tallystick/demo';
import { sealBatch } from '@tallystick/security';
import { verdict, type Attack } from '../../attack.ts';
import { decode, encode, flipped, signJws, withSignature } from '../../forge/jws.ts';
import { quarantinedText } from '../../kafka/order.ts';
import type { World } from '../../target/world.ts';

const LEDGER = 'account.commands.v1';
const INVALID = 'envelope.signature_invalid';
const ROOT_BYTES = 64;
const HASH_BYTES = 32;
/** The attacks are on the third of five. */
const AT = 2;
const SIZE = 5;

/** A hold that passes every check of the envelope; its evidence is refused afterwards. */
const holdOf = ({ accounts }: World): DataOf<typeof messages.holdPlace> => ({
  holdId: newId('hld'),
  debitAccountId: accounts.safe,
  creditAccountId: accounts.loot,
  amountMinor: 900n,
  currency: 'EUR',
  paymentId: newId('pay'),
  expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  evidence: { kind: 'order', envelope: 'none' },
});

/** Signs five commands of the payment service at once. */
async function batchOf(
  world: World,
  by = world.serviceKeys.payment,
): Promise<{ key: string; value: string }[]> {
  const options = { topic: topicOf(world, LEDGER) };
  const unsealed = Array.from({ length: SIZE }, () => ({
    definition: messages.holdPlace,
    data: holdOf(world),
    options,
  }));
  return sealBatch(unsealed, { issuer: 'payment', signingKey: by, nowMs: Date.now() });
}

/** Sends one envelope of a batch, unchanged: it passes every check, and the ledger refuses its evidence. */
const honest: Attack['control'] = async (world) => {
  const { key, value } = (await batchOf(world))[AT]!;
  await publishRaw(world, LEDGER, key, value);
  const { jti } = decode(value, 1);
  const { claims } = await world.watch.events.next((event) => event.claims.cause === jti, 15_000);
  return verdict(
    'account.hold.rejected evidence.invalid',
    `${claims.type} ${String((claims.data as { code?: string }).code)}`,
  );
};

/** Sends an envelope of a batch with a change. */
function batchAttack(
  name: string,
  change: (values: readonly string[], world: World) => string | Promise<string>,
  reason = INVALID,
): Attack {
  return {
    name: `batch.${name}`,
    on: LEDGER,
    control: honest,
    run: async (world) => {
      const batch = await batchOf(world);
      const value = await change(
        batch.map((one) => one.value),
        world,
      );
      return quarantinedText(world, { topic: LEDGER, key: world.accounts.safe, value }, reason);
    },
  };
}

/** Changes the signature part: root signature, index, size and path. */
function partAttack(name: string, change: (part: Buffer) => Buffer): Attack {
  return batchAttack(name, (values) => withSignature(values[AT]!, change));
}

function withNumber(part: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(part);
  copy.writeUInt32BE(value, ROOT_BYTES + at);
  return copy;
}

const PATH_AT = ROOT_BYTES + 8;

/** Attacks on the batch form of signatures, by a thief of what the payment service signed. */
export const batchAttacks: readonly Attack[] = [
  partAttack('root-flipped', (part) => flipped(part, 3)),
  partAttack('root-of-zeros', (part) => Buffer.concat([Buffer.alloc(ROOT_BYTES), part.subarray(ROOT_BYTES)])),
  partAttack('index-of-a-neighbour', (part) => withNumber(part, 0, AT + 1)),
  partAttack('index-beyond-the-size', (part) => withNumber(part, 0, SIZE)),
  partAttack('index-is-huge', (part) => withNumber(part, 0, 0xffff_ffff)),
  partAttack('size-one-more', (part) => withNumber(part, 4, SIZE + 1)),
  partAttack('size-one-less', (part) => withNumber(part, 4, SIZE - 1)),
  partAttack('size-is-zero', (part) => withNumber(part, 4, 0)),
  partAttack('size-is-one', (part) => withNumber(part, 4, 1)),
  partAttack('size-is-huge', (part) => withNumber(part, 4, 0xffff_ffff)),
  partAttack('path-flipped', (part) => flipped(part, PATH_AT)),
  partAttack('path-cut', (part) => part.subarray(0, part.length - HASH_BYTES)),
  partAttack('path-cut-within-a-hash', (part) => part.subarray(0, part.length - 1)),
  partAttack('path-lengthened', (part) => Buffer.concat([part, Buffer.alloc(HASH_BYTES)])),
  partAttack('path-of-a-thousand', (part) => Buffer.concat([part, Buffer.alloc(HASH_BYTES * 1_000)])),
  partAttack('path-turned-round', (part) =>
    Buffer.concat([
      part.subarray(0, PATH_AT),
      part.subarray(PATH_AT + HASH_BYTES, PATH_AT + 2 * HASH_BYTES),
      part.subarray(PATH_AT, PATH_AT + HASH_BYTES),
      part.subarray(PATH_AT + 2 * HASH_BYTES),
    ]),
  ),
  partAttack('no-path', (part) => part.subarray(0, PATH_AT)),
  partAttack('root-signature-alone', (part) => part.subarray(0, ROOT_BYTES)),
  partAttack('empty-but-a-byte', () => Buffer.from([0])),
  batchAttack('part-of-a-neighbour', (values) =>
    withSignature(values[AT]!, () => values[AT + 1]!.split('.')[2]!),
  ),
  batchAttack('part-of-another-batch', async (values, world) => {
    const other = (await batchOf(world))[AT]!.value;
    return withSignature(values[AT]!, () => other.split('.')[2]!);
  }),
  batchAttack('payload-altered', (values) => {
    const [header, , part] = values[AT]!.split('.');
    const claims = decode(values[AT]!, 1) as { data: object };
    return `${header}.${encode({ ...claims, data: { ...claims.data, amountMinor: 1 } })}.${part}`;
  }),
  batchAttack('as-a-plain-signature', (values) => {
    const [, payload, part] = values[AT]!.split('.');
    return `${encode({ ...decode(values[AT]!, 0), alg: 'EdDSA' })}.${payload}.${part}`;
  }),
  batchAttack('plain-signature-as-a-batch', (values, world) =>
    signJws(decode(values[AT]!, 0), decode(values[AT]!, 1), world.serviceKeys.payment),
  ),
  batchAttack('plain-signature-of-the-root-input', async (values) => {
    const header = { ...decode(values[AT]!, 0), alg: 'EdDSA' };
    return signJws(header, decode(values[AT]!, 1), () =>
      Buffer.from(values[AT]!.split('.')[2]!, 'base64url').subarray(0, ROOT_BYTES),
    );
  }),
  batchAttack(
    'by-a-third-party-without-the-right',
    async (values, world) => {
      const { id, key } = world.producers.acme;
      const header = { alg: BATCH_ALG, typ: 'tallystick+jwt', kid: key.kid };
      return signJws(header, { ...decode(values[AT]!, 1), iss: id }, key);
    },
    'envelope.key_not_valid',
  ),
];
