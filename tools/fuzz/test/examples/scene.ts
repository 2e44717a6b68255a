import { decode, fund, grant, type World } from '@tallystick/attack';
import {
  authorizationIdOf,
  holdIdOf,
  messages,
  newId,
  newJti,
  operations,
  transferIdOfOrder,
  type MessageDefinition,
} from '@tallystick/contracts';
import { publishRaw, topicOf } from '@tallystick/demo';
import { seal, type SealedEnvelope, type SigningKey } from '@tallystick/security';
import type { IncomingEvent } from '@tallystick/messaging';
import { until } from '@tallystick/stack';
import { answerTo } from '../../src/messages/answers.ts';
import type { Substitutes } from './substitute.ts';

const OUTCOME_WITHIN_MS = 15_000;
const WAIT_S = 15;
const HOUR_MS = 3_600_000;
/** What a prepared payment moves: more than any example captures or refunds. */
const PREPARED_MINOR = 2_000n;

/** Two fresh accounts, of which the first has money; the third party has a mandate on both. */
export interface Scene {
  world: World;
  payerAccountId: string;
  payeeAccountId: string;
}

/** Opens the accounts of a scene. */
export async function openScene(world: World): Promise<Scene> {
  const { victim, thief, operators } = world;
  const open = async (person: World['victim']): Promise<string> =>
    (await person.client.call(operations.accountOpen, { body: { currency: 'EUR' } })).body.accountId;
  const [payerAccountId, payeeAccountId] = await Promise.all([open(victim), open(thief)]);
  await Promise.all([
    fund(operators, [payerAccountId]),
    grant(victim, payerAccountId),
    grant(thief, payeeAccountId),
  ]);
  return { world, payerAccountId, payeeAccountId };
}

/** Returns the substitutes that every example shares: the accounts of the scene, and ids that follow from a new payment. */
export function substitutesOf(
  { world, payerAccountId, payeeAccountId }: Scene,
  paymentId: string,
): Substitutes {
  return {
    acc: payerAccountId,
    'payee.accountId': payeeAccountId,
    payeeAccountId,
    creditAccountId: payeeAccountId,
    pay: paymentId,
    hld: holdIdOf(paymentId),
    trf: transferIdOfOrder(paymentId),
    aut: authorizationIdOf(paymentId),
    cap: newId('cap'),
    rfd: newId('rfd'),
    mdt: newId('mdt'),
    tok: newId('tok'),
    crd: world.purseCardId,
    time: new Date(Date.now() + HOUR_MS).toISOString(),
  };
}

/** Makes a payment over HTTP from the payer to the payee. @returns its id */
export async function paid(
  { world, payerAccountId, payeeAccountId }: Scene,
  capture: 'automatic' | 'manual',
  source: { kind: 'account'; accountId: string } | { kind: 'card'; cardId: string } = {
    kind: 'account',
    accountId: payerAccountId,
  },
): Promise<string> {
  const { body } = await world.victim.client.call(operations.createPayment, {
    body: {
      source,
      payee: { kind: 'account', accountId: payeeAccountId },
      amountMinor: PREPARED_MINOR,
      currency: 'EUR',
      capture,
      capturedBy: 'payee',
      endToEndId: `EXAMPLE-${newJti().slice(-12)}`,
    },
    waitS: WAIT_S,
  });
  const expected = capture === 'manual' ? 'authorized' : 'captured';
  if (body.status !== expected) throw new Error(`the prepared payment is ${body.status} ${body.code ?? ''}`);
  return body.paymentId;
}

/** Orders a payment as the third party, who captures it if the order says so. @returns its id and envelope */
export async function ordered(
  { world, payerAccountId, payeeAccountId }: Scene,
  terms: { amountMinor?: number; capture: 'automatic' | 'manual' },
  isSent = true,
): Promise<{ paymentId: string; envelope: string }> {
  const paymentId = newId('pay');
  const { id, key } = world.producers.acme;
  const order = {
    paymentId,
    source: { kind: 'account', accountId: payerAccountId },
    payee: { kind: 'account', accountId: payeeAccountId },
    amountMinor: Number(PREPARED_MINOR),
    currency: 'EUR',
    capturedBy: 'initiator',
    endToEndId: `EXAMPLE-${newJti().slice(-12)}`,
    ...terms,
  };
  const sealed = await sealedAs(world, messages.paymentCreate, order, { issuer: id, signingKey: key });
  if (isSent) {
    await publishRaw(world, messages.paymentCreate.topic, sealed.key, sealed.value);
    const { claims } = await outcomeOf(world, messages.paymentCreate, sealed);
    const expected = terms.capture === 'manual' ? 'payment.authorized' : 'payment.captured';
    if (claims.type !== expected) throw new Error(`the prepared order ended as ${claims.type}`);
  }
  return { paymentId, envelope: sealed.value };
}

/** Seals a payload in wire form, in a version, as a party. */
export async function sealedAs(
  world: World,
  definition: MessageDefinition,
  payload: Record<string, unknown>,
  { version, ...sender }: { issuer: string; signingKey: SigningKey; version?: number },
): Promise<SealedEnvelope> {
  const at = version ?? definition.version;
  const [owner = ''] = definition.topic.split('.');
  return seal(definition, definition.versions[at]!.data.decode(payload as never), {
    ...sender,
    version: at,
    topic: topicOf(world, definition.topic),
    nowMs: Date.now(),
    encryptTo:
      definition.classification === 'confidential' ? world.watch.keyring.encryptionKeyOf(owner) : undefined,
  });
}

/** Waits for an outcome of a command, as its definition lists them. */
export function outcomeOf(
  world: World,
  definition: MessageDefinition,
  { claims }: SealedEnvelope,
): Promise<IncomingEvent> {
  return answerTo(world, definition, claims, OUTCOME_WITHIN_MS);
}

/** Issues a card on the payer's account. @returns its number, which only this answer shows */
export async function issuedNumber({ world, payerAccountId }: Scene): Promise<string> {
  const { client } = world.victim;
  const { body } = await client.call(operations.cardIssue, {
    body: {
      accountId: payerAccountId,
      currency: 'EUR',
      limits: { perPaymentMinor: 1n, perDayMinor: 1n, perMonthMinor: 1n },
    },
  });
  const isActive = await until(
    async () =>
      (await client.call(operations.cardGet, { params: { cardId: body.cardId } })).body.status === 'active',
    OUTCOME_WITHIN_MS,
  );
  if (!isActive || body.number === undefined) throw new Error('the prepared card did not become active');
  return body.number;
}

/** Returns the id of the payee's consent, which their token names. */
export function payeeConsent({ world }: Scene): string {
  return String(decode(world.thief.client.accessToken, 1)['grant_id']);
}
