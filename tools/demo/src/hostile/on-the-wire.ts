import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { messages, newId } from '@tallystick/contracts';
import { importSigningKey } from '@tallystick/security';
import { order, publishRaw, quarantinedWith, sealAs, type Attack } from './attack.ts';

const TOPIC = 'payment.commands.v1';
const NOISE_BYTES = 1_000_000;

/** Attacks of a writer to the topics: the envelope's own checks refuse each. */
export const onTheWire: readonly Attack[] = [
  {
    name: 'one flipped byte',
    async run(world, { acme }) {
      const { key, value } = await sealAs(world, 'acme', acme, messages.paymentCreate, order(world));
      const at = value.lastIndexOf('.') + 20;
      const flipped = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1);
      await publishRaw(world, TOPIC, key, flipped);
      return quarantinedWith(world, TOPIC, key, 'envelope.signature_invalid');
    },
  },
  {
    name: 'a valid message copied to another topic',
    async run(world, { acme }) {
      const { key, value } = await sealAs(world, 'acme', acme, messages.paymentCreate, order(world));
      await publishRaw(world, 'account.commands.v1', key, value);
      return quarantinedWith(world, 'account.commands.v1', key, 'envelope.audience_mismatch');
    },
  },
  {
    name: 're-keyed to another payment',
    async run(world, { acme }) {
      const { value } = await sealAs(world, 'acme', acme, messages.paymentCreate, order(world));
      const key = newId('pay');
      await publishRaw(world, TOPIC, key, value);
      return quarantinedWith(world, TOPIC, key, 'envelope.subject_mismatch');
    },
  },
  {
    name: 'expired',
    async run(world, { acme }) {
      const { key, value } = await sealAs(world, 'acme', acme, messages.paymentCreate, order(world), {
        nowMs: Date.now() - 50_000,
        lifetimeS: 10,
      });
      await publishRaw(world, TOPIC, key, value);
      return quarantinedWith(world, TOPIC, key, 'envelope.expired');
    },
  },
  {
    name: 'signed by an unknown key',
    async run(world) {
      const { privateKey } = generateKeyPairSync('ed25519');
      const key = await importSigningKey(
        privateKey.export({ format: 'jwk' }) as Parameters<typeof importSigningKey>[0],
      );
      const sealed = await sealAs(world, 'acme', key, messages.paymentCreate, order(world));
      await publishRaw(world, TOPIC, sealed.key, sealed.value);
      return quarantinedWith(world, TOPIC, sealed.key, 'envelope.key_unknown');
    },
  },
  {
    name: 'signed by a known producer without the permission',
    async run(world, { bystander }) {
      const { key, value } = await sealAs(
        world,
        'bystander',
        bystander,
        messages.paymentCreate,
        order(world),
      );
      await publishRaw(world, TOPIC, key, value);
      return quarantinedWith(world, TOPIC, key, 'envelope.not_permitted');
    },
  },
  {
    name: 'alg: none',
    async run(world, { acme }) {
      const { key, value } = await sealAs(world, 'acme', acme, messages.paymentCreate, order(world));
      const header = Buffer.from(
        JSON.stringify({ alg: 'none', typ: 'tallystick+jwt', kid: acme.kid }),
      ).toString('base64url');
      await publishRaw(world, TOPIC, key, `${header}.${value.split('.')[1]}.AA`);
      return quarantinedWith(world, TOPIC, key, 'envelope.header_refused');
    },
  },
  {
    name: '1 MB of noise',
    async run(world) {
      const key = newId('pay');
      await publishRaw(world, TOPIC, key, randomBytes(NOISE_BYTES));
      return quarantinedWith(world, TOPIC, key, 'envelope.too_large');
    },
  },
];
