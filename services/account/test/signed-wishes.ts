import {
  authorizationIdOf,
  captureIdOf,
  captureIdOfOrder,
  holdIdOf,
  messages,
  newId,
  operations,
  paymentIdOf,
  refundIdOf,
  transferIdOf,
  type CapturedBy,
  type DataOf,
  type Evidence,
  type RequestEvidence,
} from '@tallystick/contracts';
import { issuer, publicUrl, requestEvidence } from '@tallystick/http/testing';
import { verifyEvidence, type VerifiedEvidence } from '@tallystick/security';

import type { LedgerCommand } from '../src/domain/book.ts';
import type { AccountWorld } from './account-world.ts';

export const nowMs = Date.now();
const signedAtS = Math.floor(nowMs / 1_000);
export const [ann, ben, carl] = [newId('usr'), newId('usr'), newId('usr')];
export const [anns, bens, carls] = [newId('acc'), newId('acc'), newId('acc')];
export const annsCard = newId('crd');
export const shop = 'acme';

/** An order of an owner to pay, under every payment id that a service may derive for it. */
export interface SignedOrder {
  paymentIds: string[];
  payer: string;
  payee: string;
  amountMinor: bigint;
  /** `undefined`: at once. */
  capturedBy: CapturedBy | undefined;
  initiator: string;
}

/** A capture, cancellation or refund that somebody signed. */
export interface SignedStep {
  kind: 'capture' | 'cancel' | 'refund';
  paymentId: string;
  name: string;
  amountMinor: bigint;
  by: string;
}

let world: AccountWorld;
export const orders: SignedOrder[] = [];
export const steps: SignedStep[] = [];
/** Everything that passed through the services, with the commands that follow from it. */
export const seen: { evidence: VerifiedEvidence; commands: LedgerCommand[] }[] = [];

const verified = (evidence: Evidence): Promise<VerifiedEvidence> =>
  verifyEvidence(evidence, {
    keyring: world.keyring,
    topicPrefix: '',
    issuer,
    publicUrls: { payment: publicUrl, card: publicUrl },
    nowMs,
  });

const far = nowMs + 365 * 86_400_000;
export const payees = new Map([
  [anns, ann],
  [bens, ben],
  [carls, carl],
]);

/** Signs a customer's order twice, as a client does that repeats a request with a new proof. */
async function orderOverHttp(
  subject: string,
  source: { kind: 'account'; accountId: string } | { kind: 'card'; cardId: string },
  payer: string,
  payee: string,
  amountMinor: bigint,
  capturedBy?: CapturedBy,
): Promise<string> {
  const endToEndId = `ORDER-${orders.length}`;
  const sourceId = source.kind === 'account' ? source.accountId : source.cardId;
  const body = {
    source,
    payee: { kind: 'account', accountId: payee },
    amountMinor: Number(amountMinor),
    currency: 'EUR',
    capture: capturedBy === undefined ? 'automatic' : 'manual',
    ...(capturedBy === undefined ? {} : { capturedBy }),
    endToEndId,
  };
  const paymentIds: string[] = [];
  for (const afterS of [0, -7]) {
    const signed = await requestEvidence(world, operations.createPayment, {
      subject,
      body,
      nowMs: nowMs + afterS * 1_000,
    });
    const paymentId = paymentIdOf({ subject, sourceId, endToEndId }, signedAtS + afterS);
    paymentIds.push(paymentId);
    const movement = { debitAccountId: payer, creditAccountId: payee, amountMinor, currency: 'EUR' as const };
    const hold = {
      kind: 'hold' as const,
      holdId: holdIdOf(paymentId),
      ...movement,
      paymentId,
      expiresAtMs: far,
    };
    if (source.kind === 'card') {
      const authorizationId = authorizationIdOf(paymentId);
      seen.push({
        evidence: await verified(await decisionOn(signed, paymentId, payer, payee, amountMinor, capturedBy)),
        commands: [{ ...hold, authorizationId }],
      });
    }
    const atOnce = captureIdOfOrder(paymentId);
    const transferId = transferIdOf(paymentId, atOnce);
    seen.push({
      evidence: await verified(signed),
      commands: [
        capturedBy === undefined && source.kind === 'account'
          ? { kind: 'transfer', transferId, ...movement, paymentId, refund: false }
          : { ...hold, authorizationId: undefined },
        { kind: 'post', ...onHold(paymentId, payer), transferId, amountMinor, final: true },
      ],
    });
  }
  orders.push({ paymentIds, payer, payee, amountMinor, capturedBy, initiator: subject });
  return paymentIds[0]!;
}

async function decisionOn(
  request: RequestEvidence,
  paymentId: string,
  debitAccountId: string,
  payeeAccountId: string,
  amountMinor: bigint,
  capturedBy: CapturedBy | undefined,
): Promise<Evidence> {
  const decision: DataOf<typeof messages.cardDecision> = {
    authorizationId: authorizationIdOf(paymentId),
    cardId: annsCard,
    paymentId,
    payeeAccountId,
    amountMinor,
    currency: 'EUR',
    debitAccountId,
    capture: capturedBy === undefined ? 'automatic' : 'manual',
    capturedBy: capturedBy ?? 'payee',
  };
  return world.decision(decision, request);
}

/** Signs an order of the third party twice, with another message id. */
async function orderOverKafka(payee: string, amountMinor: bigint, capturedBy?: CapturedBy): Promise<string> {
  const paymentId = newId('pay');
  const movement = { debitAccountId: anns, creditAccountId: payee, amountMinor, currency: 'EUR' as const };
  const transferId = transferIdOf(paymentId, captureIdOfOrder(paymentId));
  for (let copy = 0; copy < 2; copy += 1) {
    const evidence = await world.order(messages.paymentCreate, {
      paymentId,
      source: { kind: 'account', accountId: anns },
      payee: { kind: 'account', accountId: payee },
      amountMinor,
      currency: 'EUR',
      capture: capturedBy === undefined ? 'automatic' : 'manual',
      capturedBy: capturedBy ?? 'initiator',
      endToEndId: `SHOP-${orders.length}`,
    });
    const hold = { holdId: holdIdOf(paymentId), authorizationId: undefined, expiresAtMs: far };
    seen.push({
      evidence: await verified(evidence),
      commands: [
        capturedBy === undefined
          ? { kind: 'transfer', transferId, ...movement, paymentId, refund: false }
          : { kind: 'hold', ...movement, paymentId, ...hold },
      ],
    });
  }
  orders.push({ paymentIds: [paymentId], payer: anns, payee, amountMinor, capturedBy, initiator: shop });
  return paymentId;
}

function onHold(paymentId: string, debitAccountId: string) {
  return { holdId: holdIdOf(paymentId), debitAccountId, paymentId };
}

/** Signs a capture, cancellation or refund, over HTTP or, by the third party, over Kafka. */
async function step(
  kind: SignedStep['kind'],
  by: string,
  paymentId: string,
  amountMinor: bigint,
  isNamed = false,
): Promise<void> {
  const order = orders.find(({ paymentIds }) => paymentIds.includes(paymentId))!;
  const final = amountMinor % 2n === 1n;
  const captureId = isNamed || by === shop ? newId('cap') : undefined;
  const refundId = isNamed || by === shop ? newId('rfd') : undefined;
  const names = {
    capture: captureIdOf(paymentId, { captureId, amountMinor, final }),
    cancel: '',
    refund: refundIdOf(paymentId, { refundId, amountMinor }),
  };
  const evidence =
    by === shop
      ? kind === 'capture'
        ? await world.order(messages.paymentCapture, { paymentId, captureId: captureId!, amountMinor, final })
        : kind === 'cancel'
          ? await world.order(messages.paymentCancel, { paymentId })
          : await world.order(messages.paymentRefund, { paymentId, refundId: refundId!, amountMinor })
      : await requestEvidence(world, stepOperations[kind], {
          subject: by,
          params: { paymentId },
          body:
            kind === 'cancel'
              ? {}
              : kind === 'capture'
                ? { amountMinor: Number(amountMinor), final, captureId }
                : { amountMinor: Number(amountMinor), refundId },
        });
  const { payer, payee } = order;
  const transferId = transferIdOf(paymentId, names[kind]);
  const refunded = { debitAccountId: payee, creditAccountId: payer, amountMinor, currency: 'EUR' as const };
  const commands: Record<SignedStep['kind'], LedgerCommand> = {
    capture: { kind: 'post', ...onHold(paymentId, payer), transferId, amountMinor, final },
    cancel: { kind: 'void', ...onHold(paymentId, payer) },
    refund: { kind: 'transfer', transferId, ...refunded, paymentId, refund: true },
  };
  seen.push({ evidence: await verified(evidence), commands: [commands[kind]] });
  steps.push({ kind, paymentId, name: names[kind], amountMinor, by });
}

const stepOperations = {
  capture: operations.capturePayment,
  cancel: operations.cancelPayment,
  refund: operations.refundPayment,
};

/** Signs orders of every kind, and captures, cancellations and refunds of everybody for each, twice where that is possible. */
export async function signEverything(accountWorld: AccountWorld): Promise<void> {
  world = accountWorld;
  const fromAnn = { kind: 'account', accountId: anns } as const;
  const fromCarl = { kind: 'account', accountId: carls } as const;
  const byCard = { kind: 'card', cardId: annsCard } as const;
  const paid = await orderOverHttp(ann, fromAnn, anns, bens, 100n);
  await orderOverHttp(carl, fromCarl, carls, bens, 120n);
  const held = [
    await orderOverHttp(ann, fromAnn, anns, bens, 201n, 'payee'),
    await orderOverHttp(ann, fromAnn, anns, carls, 151n, 'initiator'),
    await orderOverHttp(ann, byCard, anns, bens, 301n, 'payee'),
    await orderOverKafka(bens, 91n, 'initiator'),
    await orderOverKafka(carls, 81n, 'payee'),
  ];
  await orderOverHttp(ann, byCard, anns, bens, 61n);
  const shops = await orderOverKafka(bens, 70n);
  for (const paymentId of held) {
    for (const by of [ann, ben, carl, shop]) {
      await step('capture', by, paymentId, 30n);
      await step('capture', by, paymentId, 51n, true);
      await step('cancel', by, paymentId, 1n);
    }
  }
  for (const paymentId of [paid, shops, held[0]!]) {
    for (const by of [ann, ben, carl, shop]) {
      await step('refund', by, paymentId, 40n);
      await step('refund', by, paymentId, 25n, true);
    }
  }
}
