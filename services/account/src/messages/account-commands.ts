import { CodedError, messages, type DataOf, type ErrorCode, type Evidence } from '@tallystick/contracts';
import {
  inAnswerTo,
  isOf,
  markRefused,
  type BatchHandler,
  type IncomingMessage,
  type Send,
  type Subscription,
} from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import { verifyEvidence, type EvidenceContext, type VerifiedEvidence } from '@tallystick/security';
import { carryOut, refuseLate, type AskedRequest } from '../ledger.ts';
import { grantToCard } from './mandate-grant.ts';

type Context = Omit<EvidenceContext, 'nowMs'>;

/** Handles `account.commands.v1`: a whole batch is one decision of the ledger. */
export function accountCommands(context: Context, nowMs: () => number): Subscription {
  const handle: BatchHandler = async (incoming, tx, send) => {
    const at = nowMs();
    const evidence = await verifyAll(incoming, { ...context, nowMs: at });
    // Mandates first: a card's first payment may stand right behind its mandate.
    await grantMandates(incoming, evidence, tx, send, at);
    const requests = incoming.flatMap((message) => requestOf(message, evidence.get(message)));
    if (requests.length === 0) return;
    const results = await carryOut(tx, send, requests, at);
    results.forEach((result, index) => {
      const { message } = requests[index]!;
      if (!result.ok && message !== undefined) markRefused(message, result.code);
    });
  };
  const { holdPlace, holdPost, holdVoid, transferCreate, mandateGrant } = messages;
  return { types: [holdPlace, holdPost, holdVoid, transferCreate, mandateGrant], handle, answerLate };
}

/** Says of commands that came too late that they were not carried out, unless an earlier copy of them was. */
const answerLate: BatchHandler = async (late, tx, send) => {
  const expired = { code: 'envelope.expired' } as const;
  for (const message of late) {
    if (!isOf(message, messages.mandateGrant)) continue;
    const { mandateId, accountId, grantee } = message.opened.data;
    send(messages.mandateRejected, { mandateId, accountId, grantee, ...expired }, inAnswerTo(message));
  }
  await refuseLate(
    tx,
    send,
    late.flatMap((message) => requestOf(message, expired)),
    expired.code,
  );
};

type Checked = VerifiedEvidence | { code: ErrorCode };

async function verifyAll(
  incoming: readonly IncomingMessage[],
  context: EvidenceContext,
): Promise<Map<IncomingMessage, Checked>> {
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

async function grantMandates(
  incoming: readonly IncomingMessage[],
  evidence: ReadonlyMap<IncomingMessage, Checked>,
  tx: Transaction,
  send: Send,
  atMs: number,
): Promise<void> {
  // Cards are ordered seldom, and each grant withdraws the one before it: one by one is right here.
  for (const message of incoming) {
    if (isOf(message, messages.mandateGrant))
      await grantToCard(message, evidence.get(message)!, tx, send, atMs);
  }
}

function requestOf(message: IncomingMessage, evidence: Checked | undefined): AskedRequest[] {
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
