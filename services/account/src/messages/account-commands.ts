import { CodedError, messages, type DataOf, type ErrorCode, type Evidence } from '@tallystick/contracts';
import {
  inAnswerTo,
  isOf,
  markRefused,
  type IncomingMessage,
  type Send,
  type Subscription,
} from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import { verifyEvidence, type EvidenceContext, type VerifiedEvidence } from '@tallystick/security';
import { carryOut, type AskedRequest } from '../app/carry-out.ts';
import { grantMandates, type GrantRequest } from '../app/grant-mandates.ts';
import { refuseLate } from '../app/refuse-late.ts';
import { ledgerStore } from '../store/ledger-store.ts';
import { mandateStore } from '../store/mandates.ts';

type Context = Omit<EvidenceContext, 'nowMs'>;

/** Handles `account.commands.v1`: a whole batch is one decision of the ledger. */
export function accountCommands(context: Context, nowMs: () => number): Subscription<Evidences> {
  const { holdPlace, holdPost, holdVoid, transferCreate, mandateGrant } = messages;
  return {
    types: [holdPlace, holdPost, holdVoid, transferCreate, mandateGrant],
    prepare: (incoming) => verifyAll(incoming, { ...context, nowMs: nowMs() }),
    async handle({ messages: incoming, prepared: evidence, fresh }, tx, send) {
      const at = nowMs();
      // Mandates first: a card's first payment may stand right behind its mandate.
      if (incoming.some((message) => isOf(message, mandateGrant)))
        await grantMandates(mandateStore(tx), send, grantsOf(await fresh, evidence), at);
      const asked = incoming.flatMap((message) => requestOf(message, evidence.get(message)));
      const store = ledgerStore(tx);
      const [isNew, state] = await Promise.all([fresh, store.load(asked, at)]);
      const requests = asked.filter(({ message }) => isNew.has(message));
      const results = carryOut(store, send, state, requests, at);
      results.forEach((result, index) => {
        if (!result.ok) markRefused(requests[index]!.message, result.code);
      });
    },
    answerLate,
  };
}

/** Says of commands that came too late that they were not carried out, unless an earlier copy of them was. */
async function answerLate(late: readonly IncomingMessage[], tx: Transaction, send: Send): Promise<void> {
  const expired = { code: 'envelope.expired' } as const;
  for (const message of late) {
    if (!isOf(message, messages.mandateGrant)) continue;
    const { mandateId, accountId, grantee } = message.opened.data;
    send(messages.mandateRejected, { mandateId, accountId, grantee, ...expired }, inAnswerTo(message));
  }
  await refuseLate(
    ledgerStore(tx),
    send,
    late.flatMap((message) => requestOf(message, expired)),
    expired.code,
  );
}

type Checked = VerifiedEvidence | { code: ErrorCode };
type Evidences = ReadonlyMap<IncomingMessage, Checked>;

async function verifyAll(incoming: readonly IncomingMessage[], context: EvidenceContext): Promise<Evidences> {
  const checked = await Promise.all(
    incoming.map(async (message): Promise<[IncomingMessage, Checked] | undefined> => {
      const { evidence } = message.opened.data as { evidence?: Evidence };
      if (evidence === undefined) return undefined;
      try {
        return [message, await verifyEvidence(evidence, context)];
      } catch (error) {
        if (error instanceof CodedError) return [message, { code: error.code }];
        throw error;
      }
    }),
  );
  return new Map(checked.filter((pair) => pair !== undefined));
}

function grantsOf(incoming: ReadonlySet<IncomingMessage>, evidence: Evidences): GrantRequest[] {
  return [...incoming].flatMap((message) =>
    isOf(message, messages.mandateGrant) ? [{ message, evidence: evidence.get(message)! }] : [],
  );
}

function requestOf(
  message: IncomingMessage,
  evidence: Checked | undefined,
): (AskedRequest & { message: IncomingMessage })[] {
  if (isOf(message, messages.holdPlace)) {
    const { evidence: _evidence, expiresAt, authorizationId, ...facts } = message.opened.data;
    return [
      {
        command: { kind: 'hold', ...facts, authorizationId, expiresAtMs: Date.parse(expiresAt) },
        evidence,
        message,
      },
    ];
  }
  if (isOf(message, messages.holdPost))
    return [{ command: { kind: 'post', ...message.opened.data }, message }];
  if (isOf(message, messages.holdVoid))
    return [{ command: { kind: 'void', ...message.opened.data }, message }];
  if (isOf(message, messages.transferCreate)) {
    const { evidence: _evidence, ...facts } = message.opened.data as DataOf<typeof messages.transferCreate>;
    return [{ command: { kind: 'transfer', ...facts }, evidence, message }];
  }
  return [];
}
