import { messages, operations } from '@tallystick/contracts';
import { newDpopKey, publishRaw } from '@tallystick/demo';
import { certificateDigest } from '@tallystick/security';
import { verdict, type Attack } from '../attack.ts';
import { envelope, honestOrder, honestTerms, ORDERS, paymentEnds, quarantined } from '../kafka/order.ts';
import type { World } from '../target/world.ts';
import { certificateOf, snapshotsOf } from './keys/key-records.ts';
import { trustsGenuineKeys, writeKeyRecords } from './keys/trust.ts';

const balanceOf = async ({ victim, accounts }: World): Promise<bigint> => {
  const params = { accountId: accounts.purse };
  return (await victim.client.call(operations.accountGet, { params })).body.postedMinor;
};

/** Attacks that hope that a restarted service has forgotten what it knew. */
export const restartAttacks: readonly Attack[] = [
  {
    name: 'restart.record-replayed-to-a-restarted-service',
    on: ORDERS,
    run: async (world) => {
      const order = await honestOrder(world, honestTerms(world));
      const value = await envelope(order);
      await publishRaw(world, ORDERS, order.key, value);
      const first = await paymentEnds(world, order.key, messages.paymentCaptured.type);
      if (!first.held) return { held: false, shown: `the honest order: ${first.shown}` };
      const before = await balanceOf(world);
      await world.restart!('payment');
      await publishRaw(world, ORDERS, order.key, value);
      // The next record of the key is read after it: when it is quarantined, the copy was handled.
      await quarantined(world, { key: order.key, value: 'behind the copy' }, 'envelope.malformed');
      const after = await balanceOf(world);
      return verdict('no second effect', after === before ? 'no second effect' : `${before - after} more`);
    },
  },
  {
    name: 'restart.older-snapshot-before-a-restart',
    on: 'auth.keys.v1',
    run: async (world) => {
      const { gone } = world.producers;
      const certificate = await certificateOf(world, gone.key.kid, 'active');
      const listing = snapshotsOf(world).filter(
        ({ claims }) => claims.certificates[gone.key.kid] === certificateDigest(certificate),
      );
      await writeKeyRecords(world, [certificate, ...listing.map(({ text }) => text)]);
      await world.restart!('account');
      return trustsGenuineKeys(world, await newDpopKey());
    },
  },
];
