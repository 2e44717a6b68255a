import { firstJtiAt } from '@tallystick/contracts';
import { Random } from '../random.ts';
import { Broker } from './broker.ts';
import { CardService } from './card-service.ts';
import { Customers, type Plan } from './customers.ts';
import { EvidenceRoom } from './evidence-room.ts';
import { LedgerService } from './ledger-service.ts';
import { MERCHANT, PAYER, PRODUCER } from './parties.ts';
import { servicesParts, type Parts } from './parts.ts';
import { PaymentService } from './payment-service.ts';
import type { Surroundings } from './service.ts';
import { calm, drawWeather, type Weather } from './weather.ts';

const STEPS = 900;
const PAYERS = 3;
const MERCHANTS = 2;
/** Little enough that some payments are not covered. */
const FUNDS_MINOR = 2_000n;
const CURRENCY = 'EUR' as const;
const BEGAN_MS = Date.parse('2026-03-30T22:00:00Z');
const LONGER_THAN_A_COMMAND_MS = 2 * 3_600_000;
const BEYOND_EVERY_HOLD_MS = 8 * 86_400_000;
/** Rounds without faults until everything must be at rest. */
const ROUNDS_MAX = 200;

/** The data for the promises when a run is at rest. */
export interface SimulatedWorld {
  broker: Broker;
  ledger: LedgerService;
  card: CardService;
  payment: PaymentService;
  customers: Customers;
  weather: Weather;
  /** False if the system did not become idle. */
  isQuiet: boolean;
}

/**
 * Runs one simulation from a seed; the same seed always gives the same run. After the orders, services and customers
 * take steps in drawn order and weather. Then the run is calm until nothing waits, and finally every hold expires.
 * @param parts the services' own, or a test's faulty ones
 */
export async function simulate(seed: number, parts: Parts = servicesParts): Promise<SimulatedWorld> {
  const random = new Random(seed);
  const weather = drawWeather(random);
  const drawn = { ...weather };
  let nowMs = BEGAN_MS;
  let ids = 0;
  const broker = new Broker();
  const around: Surroundings = {
    broker,
    random,
    weather,
    nowMs: () => nowMs,
    newId: (prefix) => `${prefix}_${idAt(nowMs, (ids += 1))}`,
  };
  const evidence = new EvidenceRoom();
  const ledger = new LedgerService(around, parts, evidence);
  const card = new CardService(around, evidence);
  const payment = new PaymentService(around, parts);
  const customers = new Customers(around, payment, evidence);
  const services = [ledger.service, card.service, payment.service];
  openAccounts(ledger, card);
  for (const plan of drawPlans(random, around)) customers.place(plan);

  for (let step = 0; step < STEPS; step += 1) {
    nowMs += random.whole(0, 400);
    const who = random.whole(0, 9);
    if (who < 7) await random.pick(services).step();
    else if (who < 9) await customers.send();
    else customers.hear(broker);
    if (random.chance(weather.longOutage / 200)) nowMs += LONGER_THAN_A_COMMAND_MS;
    if (random.chance(weather.replay / 20)) replay(around);
    if (random.chance(weather.holdRunsOut / 20)) runOut(ledger, around);
    if (random.chance(0.05)) await ledger.expireHolds();
  }

  Object.assign(weather, calm);
  const rest = async (): Promise<boolean> => {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const waited = customers.waiting > 0;
      while (customers.waiting > 0) await customers.send();
      let worked = false;
      for (const service of services) worked = (await service.processWaiting()) || worked;
      customers.hear(broker);
      await ledger.expireHolds();
      if (!worked && !waited && customers.waiting === 0) return true;
    }
    return false;
  };
  let isQuiet = await rest();
  nowMs += BEYOND_EVERY_HOLD_MS;
  await ledger.expireHolds();
  isQuiet = (await rest()) && isQuiet;
  return { broker, ledger, card, payment, customers, weather: drawn, isQuiet };
}

/** Returns a UUIDv7 of a time, with a number in place of random bits. */
function idAt(ms: number, number: number): string {
  return firstJtiAt(ms).slice(0, -12) + String(number).padStart(12, '0');
}

function openAccounts(ledger: LedgerService, card: CardService): void {
  const account = (
    accountId: string,
    ownerId: string,
    minimumBalanceMinor: bigint | null,
    postedMinor: bigint,
  ): void => {
    const row = {
      accountId,
      ownerId,
      currency: CURRENCY,
      status: 'open' as const,
      minimumBalanceMinor,
      postedMinor,
    };
    ledger.accounts.rows.set(accountId, { ...row, pendingMinor: 0n, sequence: 0, postedAtMs: 0 });
  };
  const grant = (accountId: string, grantee: { kind: 'producer' | 'card'; id: string }, most: bigint): void =>
    ledger.grant({
      mandateId: `mdt_${accountId}_${grantee.id}`,
      accountId,
      ownerId: PAYER,
      grantee,
      currency: CURRENCY,
      limits: { perPaymentMinor: most, perDayMinor: most * 10n, perMonthMinor: most * 100n },
      status: 'active',
      grantedAtMs: BEGAN_MS,
    });
  account('acc_outside', 'operator', null, -FUNDS_MINOR * BigInt(PAYERS));
  for (let at = 0; at < PAYERS; at += 1) {
    const accountId = `acc_payer_${at}`;
    account(accountId, PAYER, 0n, FUNDS_MINOR);
    grant(accountId, { kind: 'producer', id: PRODUCER }, 900n);
    grant(accountId, { kind: 'card', id: `crd_${at}` }, 900n);
    card.cards.set(`crd_${at}`, {
      cardId: `crd_${at}`,
      ownerId: PAYER,
      accountId,
      currency: CURRENCY,
      limits: { perPaymentMinor: 800n, perDayMinor: 2_500n, perMonthMinor: 9_000n },
      last4: '0000',
      expiry: '2030-01',
      status: 'active',
      code: undefined,
      blockedAtMs: undefined,
      issuedAtMs: BEGAN_MS,
    });
  }
  for (let at = 0; at < MERCHANTS; at += 1) {
    account(`acc_merchant_${at}`, MERCHANT, 0n, 0n);
    grant(`acc_merchant_${at}`, { kind: 'producer', id: PRODUCER }, 900n);
  }
}

const WHAT_FOLLOWS = [
  ['capture_rest'],
  ['capture_part', 'capture_rest'],
  ['capture_part', 'capture_part', 'capture_rest'],
  ['capture_part'],
  ['cancel'],
  ['capture_rest', 'cancel'],
  ['capture_part', 'cancel'],
  ['capture_too_much', 'capture_rest'],
  [],
] as const satisfies Plan['afterwards'][];

function drawPlans(random: Random, { newId }: Surroundings): Plan[] {
  return Array.from({ length: random.whole(4, 14) }, (): Plan => {
    const via = random.pick(['kafka', 'http'] as const);
    const payer = random.whole(0, PAYERS - 1);
    const byCard = via === 'http' && random.chance(0.6);
    const amountMinor = BigInt(random.whole(3, 950));
    const refunds = random.pick([
      [],
      [],
      [amountMinor],
      [amountMinor / 2n, amountMinor / 2n],
      [amountMinor, 1n],
    ]);
    return {
      via,
      order: {
        paymentId: newId('pay'),
        source: byCard
          ? { kind: 'card', cardId: `crd_${payer}` }
          : { kind: 'account', accountId: `acc_payer_${payer}` },
        payee: { kind: 'account', accountId: `acc_merchant_${random.whole(0, MERCHANTS - 1)}` },
        amountMinor,
        currency: CURRENCY,
        capture: random.pick(['automatic', 'manual'] as const),
        capturedBy: 'initiator',
        endToEndId: newId('INVOICE'),
      },
      afterwards: [...random.pick(WHAT_FOLLOWS)],
      refunds: refunds.filter((refund) => refund > 0n),
      idempotencyKey: newId('key'),
    };
  });
}

/** Writes an old record again, as any writer of a topic could. */
function replay({ broker, random }: Surroundings): void {
  const topic = random.pick([
    'payment.commands.v1',
    'account.commands.v1',
    'account.events.v1',
    'card.commands.v1',
    'card.events.v1',
  ] as const);
  const past = broker.all(topic);
  if (past.length > 0) broker.append(random.pick(past));
}

/** Lets an open hold expire, as if nobody captured its payment for a week. */
function runOut({ holds }: LedgerService, { random, nowMs }: Surroundings): void {
  const open = [...holds.rows.values()].filter(({ status }) => status === 'open');
  if (open.length === 0) return;
  const hold = random.pick(open);
  holds.rows.set(hold.holdId, { ...hold, expiresAtMs: nowMs() });
}
