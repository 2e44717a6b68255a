import { messages, newId, newJti, OUTCOMES_PREFIX, type DataOf, type TopicName } from '@tallystick/contracts';
import { publishRaw, quarantinedWith, sealAs } from '@tallystick/demo';
import type { SigningKey } from '@tallystick/security';
import { verdict, type Attack, type Verdict } from '../attack.ts';
import { decode, encode, signJws, type Part } from '../forge/jws.ts';
import type { Producer, World } from '../target/world.ts';

/** The topic of third parties' commands. */
export const ORDERS = 'payment.commands.v1' satisfies TopicName;
/** Longest time until an event appears. */
const SHOWN_WITHIN_MS = 15_000;

type Order = DataOf<typeof messages.paymentCreate>;

/** An order that would pass every check, in parts that an attacker can change. */
export interface Honest {
  header: Record<string, unknown>;
  claims: Record<string, unknown> & { data: Record<string, unknown> };
  /** The record key: the payment's id. */
  key: string;
  signer: SigningKey;
}

/** A record as an attacker writes it; key and topic are those of an order if absent. */
export interface Written {
  value: string | Buffer | null;
  key?: string | null;
  topic?: TopicName;
}

/** Returns the payload of an order from the victim's safe to the thief. */
export function orderOf({ accounts }: World, changes: Partial<Order> = {}): Order {
  return {
    paymentId: newId('pay'),
    source: { kind: 'account', accountId: accounts.safe },
    payee: { kind: 'account', accountId: accounts.loot },
    amountMinor: 900n,
    currency: 'EUR',
    capture: 'automatic',
    capturedBy: 'initiator',
    endToEndId: newEndToEndId(),
    ...changes,
  };
}

/** Makes an end-to-end id that no other order has. */
export function newEndToEndId(): string {
  return `ATTACK-${newJti().slice(-12)}`;
}

/** Makes an order of a third party, `acme` by default, in its parts. */
export async function honestOrder(
  world: World,
  changes: Partial<Order> = {},
  { id, key }: Producer = world.producers.acme,
): Promise<Honest> {
  const sealed = await sealAs(world, id, key, messages.paymentCreate, orderOf(world, changes));
  const claims = decode(sealed.value, 1) as Honest['claims'];
  return { header: decode(sealed.value, 0), claims, key: sealed.key, signer: key };
}

/** Signs an order with changes to its header and claims. */
export function envelope(
  { header, claims, signer }: Honest,
  changes: { header?: Part; claims?: Part; sign?: SigningKey | ((input: Buffer) => Buffer) } = {},
): Promise<string> {
  return signJws(changes.header ?? header, changes.claims ?? claims, changes.sign ?? signer);
}

/** Writes a record and waits until it is quarantined with a reason. */
export async function quarantined(
  world: World,
  { key, value, topic = ORDERS }: Written & { key: string | null },
  reason: string,
): Promise<Verdict> {
  await publishRaw(world, topic, key, value);
  const { shown } = await quarantinedWith(world, topic, key, reason);
  return verdict(`${topic}.quarantine: ${reason}`, shown);
}

/** Writes a record, and waits until exactly this text is quarantined; for keys that other records have too. */
export async function quarantinedText(
  world: World,
  { key, value, topic }: { key: string; value: string; topic: TopicName },
  reason: string,
): Promise<Verdict> {
  await publishRaw(world, topic, key, value);
  const record = await world.watch.events.nextQuarantined(
    (one) => one.value.toString() === value,
    SHOWN_WITHIN_MS,
  );
  return verdict(`${topic}.quarantine: ${reason}`, `${topic}.quarantine: ${record.reason}`);
}

/** Makes an attack by a record that must be quarantined with a reason. */
export function recordAttack(
  name: string,
  reason: string,
  write: (honest: Honest, world: World) => Written | Promise<Written>,
  on: TopicName = ORDERS,
): Attack {
  return {
    name,
    on,
    control: honestOrderIsCaptured,
    run: async (world) => {
      const honest = await honestOrder(world);
      return quarantined(world, { topic: on, key: honest.key, ...(await write(honest, world)) }, reason);
    },
  };
}

/** Sends an order in the same parts as the attacks, unchanged; it must be captured. */
export async function honestOrderIsCaptured(world: World): Promise<Verdict> {
  const honest = await honestOrder(world, honestTerms(world));
  await publishRaw(world, ORDERS, honest.key, await envelope(honest));
  return paymentEnds(world, honest.key, messages.paymentCaptured.type);
}

/** Returns the terms of a payment by which the people move their own money. */
export function honestTerms({ accounts }: World): Partial<Order> {
  return {
    source: { kind: 'account', accountId: accounts.purse },
    payee: { kind: 'account', accountId: accounts.till },
    amountMinor: 1n,
  };
}

/**
 * Waits for the first event of a payment.
 * @param expected its type, and its code after a space if it has one
 */
export async function paymentEnds(world: World, paymentId: string, expected: string): Promise<Verdict> {
  const { claims } = await world.watch.events.next(
    (event) => event.claims.aud.includes(OUTCOMES_PREFIX) && event.claims.sub === paymentId,
    SHOWN_WITHIN_MS,
  );
  const { code = '' } = claims.data as { code?: string };
  return verdict(expected, `${claims.type} ${code}`.trim());
}

/** Encodes a header and a payload without a signature. */
export function unsigned(header: Part, payload: Part): string {
  return `${encode(header)}.${encode(payload)}`;
}
