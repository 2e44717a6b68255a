import { randomBytes } from 'node:crypto';
import type { Mix } from '../command.ts';
import type { Parties } from '../setup/accounts.ts';
import type { Order } from './order.ts';

const AMOUNT_MAX_MINOR = 5_000;

/** Creates the unique orders of a run. */
export class OrderFactory {
  readonly #parties: Parties;
  readonly #options: { mix: Mix; via: 'kafka' | 'http'; hot: number };
  /** Returns a number from 0 up to 1, like `Math.random`. */
  readonly #random: () => number;
  readonly #run = randomBytes(6).toString('hex');
  #made = 0;

  constructor(
    parties: Parties,
    options: { mix: Mix; via: 'kafka' | 'http'; hot: number },
    random: () => number = Math.random,
  ) {
    this.#parties = parties;
    this.#options = options;
    this.#random = random;
  }

  next(): Order {
    const { kind, capture } = this.#kind();
    const { payerAccountIds, merchantAccountIds, cardIds } = this.#parties;
    this.#made += 1;
    const isHot = this.#random() < this.#options.hot;
    return {
      via: kind === 'card' ? 'http' : this.#options.via,
      source:
        kind === 'card'
          ? { kind, cardId: this.#pick(cardIds) }
          : { kind, accountId: this.#pick(payerAccountIds) },
      payeeAccountId: isHot ? merchantAccountIds[0]! : this.#pick(merchantAccountIds),
      amountMinor: BigInt(1 + Math.floor(this.#random() * AMOUNT_MAX_MINOR)),
      capture,
      endToEndId: `${this.#run}-${this.#made}`,
    };
  }

  #kind(): { kind: 'account' | 'card'; capture: Order['capture'] } {
    const share = this.#random();
    switch (this.#options.mix) {
      case 'account':
        return { kind: 'account', capture: 'automatic' };
      case 'two-phase':
        return { kind: 'account', capture: 'manual' };
      case 'card':
        return { kind: 'card', capture: 'automatic' };
      case 'mixed':
        return {
          kind: share < 0.75 ? 'account' : 'card',
          capture: share >= 0.5 && share < 0.75 ? 'manual' : 'automatic',
        };
    }
  }

  #pick(ids: readonly string[]): string {
    const id = ids[Math.floor(this.#random() * ids.length)];
    if (id === undefined) throw new Error('no items to pick from');
    return id;
  }
}
