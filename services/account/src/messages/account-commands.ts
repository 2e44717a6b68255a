import type { DataOf, ErrorCode, Evidence, messages } from '@tallystick/contracts';
import {
  answeredAlike,
  handledBy,
  inAnswerTo,
  markRefused,
  subscription,
  type Asked,
  type SendOptions,
  type Subscription,
  type UseCase,
} from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { VerifiedEvidence } from '@tallystick/security';
import { carryOut, type AskedRequest } from '../app/carry-out.ts';
import { grantMandates, rejectExpiredMandates } from '../app/grant-mandates.ts';
import { refuseLate } from '../app/refuse-late.ts';
import type { LedgerStore, MandateStore } from '../app/stores.ts';
import type { LedgerCommand } from '../domain/book.ts';

export interface AccountContext {
  ledgerStoreOf: (tx: Transaction) => LedgerStore;
  mandateStoreOf: (tx: Transaction) => MandateStore;
  /** Verifies the evidence that a payer, a payee or the card service signed. */
  verify: (evidence: Evidence) => Promise<VerifiedEvidence | { code: ErrorCode }>;
  nowMs: () => number;
}

/** The ledger command in a message, with its unverified evidence. */
interface Command {
  command: LedgerCommand;
  evidence?: Evidence | undefined;
  options: SendOptions;
}

/** The mandate command in a message, with its unverified evidence. */
interface Grant {
  grant: Omit<DataOf<typeof messages.mandateGrant>, 'evidence'>;
  evidence: Evidence;
  options: SendOptions;
}

type Verified<Item> = ReadonlyMap<Asked<Item>, VerifiedEvidence | { code: ErrorCode }>;

/** Handles `account.commands.v1`: the ledger decides a whole batch at once. */
export function accountCommands(context: AccountContext): Subscription {
  const grant = handledBy(grants(context));
  const command = handledBy(commands(context));
  const status = handledBy(statusRequests(context));
  return subscription('account', 'account.commands.v1', {
    // Mandates first: a card's first payment may directly follow its mandate.
    'account.mandate.grant': grant((message) => {
      const { evidence, ...asked } = message.opened.data;
      return { grant: asked, evidence, options: inAnswerTo(message) };
    }),
    'account.hold.place': command((message) => {
      const { evidence, expiresAt, authorizationId, ...facts } = message.opened.data;
      const expiresAtMs = Date.parse(expiresAt);
      return {
        command: { kind: 'hold', ...facts, authorizationId, expiresAtMs },
        evidence,
        options: inAnswerTo(message),
      };
    }),
    'account.hold.post': command((message) => {
      const { evidence, ...facts } = message.opened.data;
      return { command: { kind: 'post', ...facts }, evidence, options: inAnswerTo(message) };
    }),
    'account.hold.void': command((message) => {
      const { evidence, ...facts } = message.opened.data;
      return { command: { kind: 'void', ...facts }, evidence, options: inAnswerTo(message) };
    }),
    'account.transfer.create': command((message) => {
      const { evidence, ...facts } = message.opened.data;
      return { command: { kind: 'transfer', ...facts }, evidence, options: inAnswerTo(message) };
    }),
    'account.hold.request_status': status((message) => {
      const { authorizationId, ...facts } = message.opened.data;
      // Only the terms of the hold are compared, not its expiry.
      const command = { kind: 'hold', ...facts, authorizationId, expiresAtMs: 0 } as const;
      return { command, options: inAnswerTo(message) };
    }),
    'account.transfer.request_status': status((message) => {
      const { holdId, ...facts } = message.opened.data;
      const command: LedgerCommand =
        holdId === undefined
          ? { kind: 'transfer', ...facts }
          : { kind: 'post', ...facts, holdId, final: false };
      return { command, options: inAnswerTo(message) };
    }),
  });
}

function commands({ ledgerStoreOf, verify, nowMs }: AccountContext): UseCase<Command, Verified<Command>> {
  return {
    prepare: (asked) => verifyAll(asked, verify),
    async carryOut(asked, { prepared, firstSeen, tx, send }) {
      const atMs = nowMs();
      const store = ledgerStoreOf(tx);
      const requests = asked.map((one) => ({ ...one.item, evidence: prepared.get(one), asked: one }));
      const [isNew, state] = await Promise.all([firstSeen, store.load(requests, atMs)]);
      const taken = requests.filter((request) => isNew.has(request.asked.message));
      const results = carryOut(store, send, state, taken, atMs);
      results.forEach((result, at) => {
        if (!result.ok) markRefused(taken[at]!.asked.message, result.code);
      });
    },
    async onExpired(asked, tx, send) {
      const expired = { code: 'envelope.expired' } as const;
      const requests = asked.map(({ item }) => ({ ...item, evidence: expired }));
      await refuseLate(ledgerStoreOf(tx), send, requests, expired.code);
    },
  };
}

/** Tells the outcomes of earlier commands again. A command that was not carried out by now never will be. */
function statusRequests({ ledgerStoreOf }: AccountContext): UseCase<AskedRequest> {
  return answeredAlike((requests, tx, send) =>
    refuseLate(ledgerStoreOf(tx), send, requests, 'payment.timed_out'),
  );
}

function grants({ mandateStoreOf, verify, nowMs }: AccountContext): UseCase<Grant, Verified<Grant>> {
  return {
    prepare: (asked) => verifyAll(asked, verify),
    async carryOut(asked, { prepared, firstSeen, tx, send }) {
      const isNew = await firstSeen;
      const taken = asked.filter(({ message }) => isNew.has(message));
      const requests = taken.map((one) => ({ ...one.item, evidence: prepared.get(one)! }));
      const codes = await grantMandates(mandateStoreOf(tx), send, requests, nowMs());
      codes.forEach((code, at) => {
        if (code !== undefined) markRefused(taken[at]!.message, code);
      });
    },
    onExpired: (asked, tx, send) =>
      rejectExpiredMandates(
        mandateStoreOf(tx),
        send,
        asked.map(({ item }) => item),
      ),
  };
}

async function verifyAll<Item extends { evidence?: Evidence | undefined }>(
  asked: readonly Asked<Item>[],
  verify: AccountContext['verify'],
): Promise<Verified<Item>> {
  const verified = await Promise.all(
    asked.map(async (one) => {
      const { evidence } = one.item;
      return evidence === undefined ? undefined : ([one, await verify(evidence)] as const);
    }),
  );
  return new Map(verified.filter((pair) => pair !== undefined));
}
