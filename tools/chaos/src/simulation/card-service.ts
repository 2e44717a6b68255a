import {
  usageKey,
  periodsOf,
  type Authorization,
  type Card,
  type CardUsage,
} from '@tallystick/card/domain/card.ts';
import { messages, type DataOf, type ErrorCode, type MessageDefinition } from '@tallystick/contracts';
import type { SimulatedRecord } from './broker.ts';
import type { Cores } from './cores.ts';
import { Table, type Transaction } from './database.ts';
import type { EvidenceRoom } from './evidence-room.ts';
import { SimulatedService, type Send, type Surroundings } from './service.ts';

const HOLD_LIFETIME_MS = 7 * 86_400_000;

type HoldEvent = DataOf<typeof messages.holdPlaced> &
  DataOf<typeof messages.holdRejected> &
  DataOf<typeof messages.holdEnded>;

/** The card service: its tables in memory, its rules the real ones. */
export class CardService {
  readonly cards = new Map<string, Card>();
  readonly authorizations = new Table<Authorization>('card_authorization');
  readonly service: SimulatedService;
  readonly #usage = new Table<{ amountMinor: bigint }>('card_usage');
  readonly #usedEvidence = new Table<object>('used_evidence');
  readonly #around: Surroundings;
  readonly #cores: Cores;
  readonly #evidence: EvidenceRoom;

  constructor(around: Surroundings, cores: Cores, evidence: EvidenceRoom) {
    this.#around = around;
    this.#cores = cores;
    this.#evidence = evidence;
    this.service = new SimulatedService('card', around, {
      'card.commands.v1': {
        handle: (records, tx, send) => records.forEach((record) => this.#authorize(record, tx, send)),
        answerLate: (records, tx, send) => records.forEach((record) => this.#declineLate(record, tx, send)),
      },
      'account.events.v1': {
        handle: (records, tx, send) => records.forEach((record) => this.#follow(record, tx, send)),
      },
    });
  }

  #authorize({ data: asked, txn }: SimulatedRecord, tx: Transaction, send: Send): void {
    const { rules } = this.#cores;
    const { nowMs, newId } = this.#around;
    const { evidence, ...facts } = asked as DataOf<typeof messages.cardAuthorize>;
    if (tx.get(this.authorizations, facts.authorizationId) !== undefined) return;
    const shown = this.#evidence.verify(evidence);
    const card = this.cards.get(facts.cardId);
    const used = 'code' in shown ? undefined : `${shown.use.iss}\n${shown.use.jti}`;
    const usage = this.#usageOf(facts.cardId, tx);
    const code: ErrorCode | undefined =
      used !== undefined && tx.get(this.#usedEvidence, used) !== undefined
        ? 'evidence.used'
        : rules.decline(facts, card, usage, shown, nowMs());
    if (card !== undefined)
      tx.insert(this.authorizations, facts.authorizationId, {
        ...facts,
        debitAccountId: card.accountId,
        holdId: newId('hld'),
        clearedMinor: 0n,
        status: code === undefined ? 'requested' : 'declined',
        code,
        requestedAtMs: nowMs(),
      });
    if (code !== undefined || card === undefined)
      return this.#decline(facts, code ?? 'card.not_found', txn, send);
    this.#count(facts.cardId, facts.amountMinor, nowMs(), tx);
    tx.insert(this.#usedEvidence, used!, {});
    const { holdId } = tx.get(this.authorizations, facts.authorizationId)!;
    const { authorizationId, paymentId, payeeAccountId, amountMinor, currency } = facts;
    const decision = this.#evidence.decision(newId('dec'), { ...facts, debitAccountId: card.accountId });
    const hold: DataOf<typeof messages.holdPlace> = {
      holdId,
      debitAccountId: card.accountId,
      creditAccountId: payeeAccountId,
      amountMinor,
      currency,
      paymentId,
      authorizationId,
      expiresAt: new Date(nowMs() + HOLD_LIFETIME_MS).toISOString(),
      evidence: decision,
    };
    send(messages.holdPlace as unknown as MessageDefinition, hold, txn);
  }

  /** Declines what came too late, unless an earlier copy of it has its answer. */
  #declineLate({ data, txn }: SimulatedRecord, tx: Transaction, send: Send): void {
    const { evidence: _evidence, ...facts } = data as DataOf<typeof messages.cardAuthorize>;
    if (tx.get(this.authorizations, facts.authorizationId) === undefined)
      this.#decline(facts, 'envelope.expired', txn, send);
  }

  #follow({ definition, data, txn }: SimulatedRecord, tx: Transaction, send: Send): void {
    const event = data as HoldEvent;
    if (event.authorizationId === undefined) return;
    const authorization = tx.get(this.authorizations, event.authorizationId);
    if (authorization === undefined) return;
    const {
      authorizationId,
      cardId,
      paymentId,
      payeeAccountId,
      amountMinor,
      currency,
      holdId,
      debitAccountId,
    } = authorization;
    const facts = { authorizationId, cardId, paymentId, payeeAccountId, amountMinor, currency };
    const isOf = (one: object): boolean => (definition as object) === one;
    const say = (one: unknown, what: object): void => send(one as MessageDefinition, what, txn);
    if (isOf(messages.holdPlaced) && authorization.status === 'requested') {
      authorization.status = 'approved';
      say(messages.authorizationApproved, { ...facts, holdId, debitAccountId });
    } else if (isOf(messages.holdRejected) && authorization.status === 'requested') {
      authorization.status = 'declined';
      authorization.code = event.code;
      this.#count(cardId, -amountMinor, authorization.requestedAtMs, tx);
      this.#decline(facts, event.code, txn, send);
    } else if (isOf(messages.holdEnded) && authorization.status !== 'ended') {
      // It was placed before it ended, whichever word of it comes first: the payment waits for this one.
      if (authorization.status === 'requested')
        say(messages.authorizationApproved, { ...facts, holdId, debitAccountId });
      authorization.status = 'ended';
      authorization.clearedMinor = event.postedMinor;
      say(messages.authorizationEnded, {
        authorizationId,
        cardId,
        paymentId,
        clearedMinor: authorization.clearedMinor,
      });
    }
  }

  #decline(facts: object, code: ErrorCode, txn: string, send: Send): void {
    const { responseCodeOf } = this.#cores.rules;
    const declined = messages.authorizationDeclined as unknown as MessageDefinition;
    send(declined, { ...facts, code, responseCode: responseCodeOf(code) }, txn);
  }

  #usageOf(cardId: string, tx: Transaction): CardUsage {
    const { day, month } = periodsOf(this.#around.nowMs());
    const keys = [usageKey(cardId, day), usageKey(cardId, month)];
    return new Map(keys.map((key) => [key, tx.get(this.#usage, key)?.amountMinor ?? 0n]));
  }

  #count(cardId: string, amountMinor: bigint, atMs: number, tx: Transaction): void {
    const added: CardUsage = new Map();
    this.#cores.rules.countUsage(added, cardId, amountMinor, atMs);
    for (const [key, more] of added)
      tx.put(this.#usage, key, { amountMinor: (tx.get(this.#usage, key)?.amountMinor ?? 0n) + more });
  }
}
