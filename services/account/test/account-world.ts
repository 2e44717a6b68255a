import {
  clientPermissions,
  messages,
  newId,
  type Currency,
  type DataOf,
  type ErrorCode,
  type Evidence,
  type Grantee,
  type MessageDefinition,
  type RequestEvidence,
} from '@tallystick/contracts';
import { issuer, newKey, publicUrl, startEdgeWorld, type EdgeWorld } from '@tallystick/http/testing';
import { messagingMigrations, type Subscription } from '@tallystick/messaging';
import { deliver, type Delivered, type SentMessage } from '@tallystick/messaging/testing';
import { transaction } from '@tallystick/postgres';
import { seal, verifiedOrCode, type OpenedMessage, type SigningKey } from '@tallystick/security';

import { carryOut } from '../src/app/carry-out.ts';
import { accountCommands } from '../src/messages/account-commands.ts';
import { accountStore } from '../src/store/accounts.ts';
import { ledgerStore } from '../src/store/ledger-store.ts';
import { mandateStore } from '../src/store/mandates.ts';
import { accountSchema } from '../src/store/schema.ts';
import { requestFor, type TakingCommand } from './evidence-of.ts';

/** A third party that orders payments. */
export const producerId = 'acme';

export interface OwnedAccount {
  accountId: string;
  ownerId: string;
}

/** The handlers of the account service on a database, with the keys of the parties that may give evidence. */
export interface AccountWorld extends EdgeWorld {
  commands: Subscription;
  /** Opens an account, optionally funded from an external account. */
  open(options?: { currency?: Currency; fundedMinor?: bigint; ownerId?: string }): Promise<OwnedAccount>;
  /** Grants a mandate on an account. @returns its id */
  allow(account: OwnedAccount, grantee: Grantee, limitMinor?: bigint): Promise<string>;
  /** Signs an order of the third party as evidence. */
  order<Definition extends MessageDefinition>(
    definition: Definition,
    data: DataOf<Definition>,
    key?: SigningKey,
  ): Promise<Evidence>;
  /** Signs a decision of the card service as evidence. */
  decision(
    data: DataOf<typeof messages.cardDecision>,
    request: RequestEvidence,
    key?: SigningKey,
  ): Promise<Evidence>;
  balanceOf(account: OwnedAccount): Promise<{ posted: bigint; pending: bigint }>;
  run(...commands: OpenedMessage[]): Promise<Delivered>;
  /** Runs commands that arrived after they expired. */
  runLate(...commands: OpenedMessage[]): Promise<Delivered>;
}

export async function startAccountWorld(): Promise<AccountWorld> {
  const world = await startEdgeWorld(messagingMigrations, accountSchema);
  const { pool, keyring } = world;
  const [acme, card] = await Promise.all([newKey(), newKey()]);
  await world.certify(acme, {
    sub: producerId,
    permissions: clientPermissions(),
  });
  await world.certify(card, {
    sub: 'card',
    permissions: [{ topic: messages.cardDecision.topic, types: [messages.cardDecision.type] }],
  });
  const commands = accountCommands({
    ledgerStoreOf: ledgerStore,
    mandateStoreOf: mandateStore,
    verify: (evidence) =>
      verifiedOrCode(evidence, {
        keyring,
        topicPrefix: '',
        issuer,
        publicUrls: { payment: publicUrl, card: publicUrl },
        nowMs: Date.now(),
      }),
    nowMs: Date.now,
  });
  const outside = { accountId: newId('acc'), ownerId: newId('usr') };
  const insert = (account: OwnedAccount, kind: 'customer' | 'external', currency: Currency) =>
    transaction(pool, (tx) =>
      accountStore(tx).insert([{ ...account, kind, currency, openedAt: new Date() }]),
    );
  await insert(outside, 'external', 'EUR');

  return {
    ...world,
    commands,
    open: async ({ currency = 'EUR', fundedMinor = 0n, ownerId = newId('usr') } = {}) => {
      const account = { accountId: newId('acc'), ownerId };
      await insert(account, 'customer', currency);
      if (fundedMinor === 0n) return account;
      const command: TakingCommand = {
        kind: 'transfer',
        transferId: newId('trf'),
        debitAccountId: outside.accountId,
        creditAccountId: account.accountId,
        amountMinor: fundedMinor,
        currency,
        paymentId: undefined,
        refund: false,
      };
      const requests = [{ command, evidence: requestFor(command, outside.ownerId, command.transferId) }];
      await transaction(pool, async (tx) => {
        const store = ledgerStore(tx);
        const [result] = carryOut(store, () => {}, await store.load(requests, 0), requests, Date.now());
        if (!result!.ok) throw new Error(result!.code);
      });
      return account;
    },
    async allow({ accountId, ownerId }, grantee, limitMinor = 1_000n) {
      const mandateId = newId('mdt');
      const limits = { perPaymentMinor: limitMinor, perDayMinor: limitMinor, perMonthMinor: limitMinor };
      const terms = { currency: 'EUR' as const, limits, status: 'active' as const };
      const mandate = { mandateId, accountId, ownerId, grantee, ...terms, grantedAtMs: Date.now() };
      await transaction(pool, (tx) => mandateStore(tx).insert(mandate));
      return mandateId;
    },
    async order(definition, data, key = acme) {
      const { value } = await seal(definition, data, {
        issuer: producerId,
        signingKey: key,
        topic: definition.topic,
        nowMs: Date.now(),
      });
      return { kind: 'order', envelope: value };
    },
    async decision(data, request, key = card) {
      const { value } = await seal(messages.cardDecision, data, {
        issuer: 'card',
        signingKey: key,
        topic: messages.cardDecision.topic,
        nowMs: Date.now(),
      });
      return { kind: 'decision', envelope: value, request };
    },
    async balanceOf({ accountId }) {
      const { rows } = await pool.query<{ posted: bigint; pending: bigint }>(
        'SELECT posted_minor AS posted, pending_minor AS pending FROM account WHERE account_id = $1',
        [accountId],
      );
      return rows[0]!;
    },
    run: (...given) => deliver(pool, commands, given),
    runLate: (...given) => deliver(pool, commands, given, { expired: true }),
  };
}

/** Builds the answer to a refused command. */
export const refusedWith = (
  type: string,
  command: OpenedMessage,
  fields: readonly string[],
  code: ErrorCode,
) => {
  const data = command.data as Record<string, unknown>;
  const facts = Object.fromEntries(fields.map((name) => [name, data[name]]));
  return { type, data: { ...facts, code }, cause: command.claims.jti };
};

/** Returns an event as it is published again: only the first names its order and its mandate. */
export function withoutAuthority({ data, ...event }: SentMessage): SentMessage {
  const { wish: _wish, mandateId: _mandateId, countedAt: _countedAt, ...facts } = data;
  return { ...event, data: facts };
}
