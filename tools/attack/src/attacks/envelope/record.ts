import { newJti, quarantineHeaders } from '@tallystick/contracts';
import { topicOf } from '@tallystick/demo';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { flipped, withSignature } from '../../forge/jws.ts';
import {
  envelope,
  honestOrder,
  honestOrderIsCaptured,
  honestTerms,
  ORDERS,
  paymentEnds,
} from '../../kafka/order.ts';
import type { World } from '../../target/world.ts';

type Headers = Record<string, string | Buffer>;

const forgedReason = {
  [quarantineHeaders.reason]: 'message.handler_failed',
  [quarantineHeaders.check]: 'none',
  [quarantineHeaders.detail]: 'release it',
  [quarantineHeaders.sourceTopic]: 'account.commands.v1',
  [quarantineHeaders.valueDigest]: 'x',
};

/** Headers that tools read, as an attacker writes them. No check may use them, and none may stop a consumer. */
const strange: Record<string, Headers> = {
  'traceparent-malformed': { traceparent: 'let me in' },
  'traceparent-of-100-kb': { traceparent: '0'.repeat(100_000) },
  'tracestate-with-nul': { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, tracestate: 'a\0=b' },
  'of-another-event': {
    ce_id: 'x',
    ce_type: 'account.hold.place',
    ce_source: 'payment',
    ce_specversion: '9',
  },
  'of-another-content': { 'content-type': 'text/html', 'content-encoding': 'gzip' },
  'of-prototypes': JSON.parse('{"__proto__":"x","constructor":"x","toString":"x"}') as Headers,
  'in-a-thousand': Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`x-${at}`, 'x'])),
  'of-bytes': { traceparent: Buffer.from([0xff, 0xfe, 0x00]), ce_type: Buffer.alloc(1_000, 0xff) },
};

async function publish(world: World, key: string, value: string, headers: Headers): Promise<void> {
  await world.watch.publisher.publish([
    {
      id: newJti(),
      topic: topicOf(world, ORDERS),
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers,
    },
  ]);
}

/** Sends a forged order with such headers, and behind it an honest one with the same: only the second may count. */
async function headersHaveNoEffect(world: World, headers: Headers): Promise<Verdict> {
  const forged = await honestOrder(world);
  await publish(
    world,
    forged.key,
    withSignature(await envelope(forged), (bytes) => flipped(bytes, 1)),
    headers,
  );
  const { reason } = await world.watch.events.nextQuarantined(({ key }) => key === forged.key, 15_000);
  const honest = await honestOrder(world, honestTerms(world));
  await publish(world, honest.key, await envelope(honest), headers);
  const { shown } = await paymentEnds(world, honest.key, 'payment.captured');
  return verdict('envelope.signature_invalid, honest payment.captured', `${reason}, honest ${shown}`);
}

/** Attacks through the headers of a record. */
export const recordHeaderAttacks: readonly Attack[] = [
  ...Object.entries(strange).map(([name, headers]) => ({
    name: `envelope.record-headers-${name}`,
    on: ORDERS,
    run: (world: World) => headersHaveNoEffect(world, headers),
  })),
  {
    name: 'envelope.record-headers-of-a-quarantine',
    on: ORDERS,
    control: honestOrderIsCaptured,
    run: async (world) => {
      const { key, ...parts } = await honestOrder(world);
      const value = withSignature(await envelope({ key, ...parts }), (bytes) => flipped(bytes, 1));
      await publish(world, key, value, forgedReason);
      const { reason, check, detail } = await world.watch.events.nextQuarantined(
        (one) => one.key === key,
        15_000,
      );
      const told = `${reason}, ${check}, ${detail ?? 'no detail'}`;
      return verdict('envelope.signature_invalid, signature, no detail', told);
    },
  },
];
