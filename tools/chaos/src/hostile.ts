import { hash } from 'node:crypto';
import { operations } from '@tallystick/contracts';
import { attackKeys, attacks, Narrator, watch, type AttackKeys, type DemoWorld } from '@tallystick/demo';
import { CURRENCY, type People } from '@tallystick/load';
import type { OutgoingRecord, Publisher } from '@tallystick/messaging';
import { THIRD_PARTY, type StackFile } from '@tallystick/stack';
import type { Random } from './random.ts';

const FUNDS_MINOR = 1_000_000n;
/** The attack beyond the mandate requests more than this. */
const PER_PAYMENT_MAX_MINOR = 10_000n;

/** The outcome of an attack. */
export interface AttackResult {
  name: string;
  held: boolean;
  shown: string;
}

/** Attackers among the payments. They have separate accounts, so that any money they move shows. */
export class Hostile {
  readonly results: AttackResult[] = [];
  /** Key and digest of all records that they wrote, in the form of {@link recordName}. */
  readonly published = new Set<string>();
  /** Number of their records that must be in a quarantine. */
  quarantinedCount = 0;
  readonly #world: Omit<DemoWorld, 'watch'>;
  readonly #people: People;
  readonly #keys: AttackKeys;

  private constructor(world: Omit<DemoWorld, 'watch'>, people: People, keys: AttackKeys) {
    this.#world = world;
    this.#people = people;
    this.#keys = keys;
  }

  /** Opens the accounts that the attacks target. */
  static async prepare(stack: StackFile, people: People): Promise<Hostile> {
    const { payer, merchant, operators } = people;
    const [mine, theirs] = await Promise.all([
      payer.client.call(operations.accountOpen, { body: { currency: CURRENCY } }),
      merchant.client.call(operations.accountOpen, { body: { currency: CURRENCY } }),
    ]);
    const customerAccountId = mine.body.accountId;
    const outside = (await operators.call(operations.accountList)).body.accounts.find(
      ({ currency, kind }) => currency === CURRENCY && kind === 'external',
    );
    if (outside === undefined) throw new Error(`the treasury has no external account in ${CURRENCY}`);
    await operators.call(operations.transferPost, {
      body: {
        debitAccountId: outside.accountId,
        creditAccountId: customerAccountId,
        amountMinor: FUNDS_MINOR,
        currency: CURRENCY,
      },
    });
    await payer.client.call(operations.mandateCreate, {
      body: {
        accountId: customerAccountId,
        grantee: { kind: 'producer', id: THIRD_PARTY },
        currency: CURRENCY,
        limits: {
          perPaymentMinor: PER_PAYMENT_MAX_MINOR,
          perDayMinor: FUNDS_MINOR,
          perMonthMinor: FUNDS_MINOR,
        },
      },
    });
    const world = {
      stack,
      narrator: new Narrator(false, () => {}),
      customer: payer.client,
      merchant: merchant.client,
      operators,
      access: payer.access,
      customerAccountId,
      merchantAccountId: theirs.body.accountId,
      cardId: '',
    };
    return new Hostile(world, people, await attackKeys(world as unknown as DemoWorld));
  }

  /** Tries some attacks, one after another. @returns their results */
  async attack(random: Random, count: number): Promise<AttackResult[]> {
    const eyes = await watch(this.#world.stack);
    const publisher = this.#recording(eyes.publisher);
    const tried: AttackResult[] = [];
    // The people sign in again from time to time.
    const { payer, merchant, operators } = this.#people;
    const world = {
      ...this.#world,
      customer: payer.client,
      merchant: merchant.client,
      operators,
      watch: { ...eyes, publisher },
    };
    try {
      for (let at = 0; at < count; at += 1) {
        const attack = random.pick(attacks);
        const result = await attack.run(world, this.#keys);
        tried.push({ name: attack.name, ...result });
        // A replay is followed by a malformed record, whose quarantine shows that the replay was handled.
        if (result.shown.includes('.quarantine: ') || attack.name === 'replayed') this.quarantinedCount += 1;
      }
    } finally {
      this.results.push(...tried);
      await eyes.stop();
    }
    return tried;
  }

  #recording(publisher: Publisher): Publisher {
    const publish = async (records: readonly OutgoingRecord[]): Promise<void> => {
      for (const { key, value } of records) this.published.add(recordName(key, value));
      await publisher.publish(records);
    };
    return { publish } as Publisher;
  }
}

/**
 * Names a record by its key and the SHA-256 of its value.
 * @param digest the header with which a quarantine keeps the digest of a value that it does not keep whole
 */
export function recordName(key: Buffer | null, value: Buffer | null, digest?: string): string {
  return `${key?.toString('utf8') ?? ''}\n${digest ?? hash('sha256', value ?? Buffer.alloc(0), 'base64url')}`;
}
