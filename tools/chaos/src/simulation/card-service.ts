import type { CardStore } from '@tallystick/card/app/card-store.ts';
import type { Authorization } from '@tallystick/card/domain/authorization.ts';
import type { Card } from '@tallystick/card/domain/card.ts';
import { accountEvents } from '@tallystick/card/messages/account-events.ts';
import { cardCommands } from '@tallystick/card/messages/card-commands.ts';
import type { Spending } from '@tallystick/contracts';
import { subscriptions } from '@tallystick/messaging';
import { memoryOf, Table, type MemoryTransaction } from './database.ts';
import type { EvidenceRoom } from './evidence-room.ts';
import { SimulatedService, type Surroundings } from './service.ts';

/** The card service, with tables in memory and real code for everything else. */
export class CardService {
  readonly cards = new Map<string, Card>();
  readonly authorizations = new Table<Authorization>('card_authorization');
  readonly service: SimulatedService;
  readonly #spending = new Table<{ amountMinor: bigint }>('card_usage');

  constructor(around: Surroundings, evidence: EvidenceRoom) {
    const { nowMs, newId } = around;
    const storeOf = (tx: object): CardStore => this.#storeOf(memoryOf(tx));
    this.service = new SimulatedService(
      'card',
      around,
      subscriptions('card', {
        'card.commands.v1': cardCommands({
          storeOf,
          verify: (one) => evidence.verify(one),
          signDecision: (decision) => Promise.resolve(evidence.decision(newId('dec'), decision)),
          fieldKeys: () => {
            throw new Error('the simulation exchanges no card numbers');
          },
          nowMs,
        }),
        'account.events.v1': accountEvents(storeOf),
      }),
    );
  }

  #storeOf(tx: MemoryTransaction): CardStore {
    return {
      loadForRequests: ({ cardIds, authorizationIds }) =>
        Promise.resolve({
          cards: new Map(cardIds.flatMap((cardId) => entryOf(cardId, this.cards.get(cardId)))),
          authorizations: this.#authorizationsOf(authorizationIds, tx),
          spending: new Map([...this.#spending.rows].map(([key, { amountMinor }]) => [key, amountMinor])),
        }),
      saveDecided: ({ newAuthorizations, spent }) => {
        for (const one of newAuthorizations) tx.insert(this.authorizations, one.authorizationId, one);
        this.#addSpending(spent, tx);
      },
      loadAuthorizations: (authorizationIds) => Promise.resolve(this.#authorizationsOf(authorizationIds, tx)),
      saveFollowed: (changed, spent) => {
        for (const one of changed) tx.put(this.authorizations, one.authorizationId, one);
        this.#addSpending(spent, tx);
      },
      insertCard: noneHere,
      endIssuing: noneHere,
      setBlocked: noneHere,
      findByFingerprint: noneHere,
      upsertTokens: noneHere,
      lockMisses: noneHere,
      addMisses: noneHere,
    };
  }

  #authorizationsOf(authorizationIds: readonly string[], tx: MemoryTransaction): Map<string, Authorization> {
    return new Map(authorizationIds.flatMap((id) => entryOf(id, tx.get(this.authorizations, id))));
  }

  #addSpending(spent: Spending, tx: MemoryTransaction): void {
    for (const [key, added] of spent) {
      const { amountMinor } = tx.get(this.#spending, key) ?? { amountMinor: 0n };
      tx.put(this.#spending, key, { amountMinor: amountMinor + added });
    }
  }
}

function entryOf<Row>(key: string, row: Row | undefined): [string, Row][] {
  return row === undefined ? [] : [[key, row]];
}

function noneHere(): never {
  throw new Error('the simulation issues its cards before it begins, and exchanges no numbers');
}
