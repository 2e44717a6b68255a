import { decode, requestOf, type World } from '@tallystick/attack';
import {
  authorizationIdOf,
  holdIdOf,
  messages,
  newId,
  operations,
  paymentIdOf,
  transferIdOf,
  transferIdOfOrder,
  type CoreServiceName,
  type RequestEvidence,
} from '@tallystick/contracts';
import type { SigningKey } from '@tallystick/security';
import type { DocumentedCommand } from './documented.ts';
import { issuedNumber, ordered, paid, sealedAs, substitutesOf, type Scene } from './scene.ts';
import { substitute, type Substitutes } from './substitute.ts';

type Prepare = (scene: Scene, example: Record<string, unknown>) => Promise<Substitutes>;

/** What the documented message of a command needs, beyond fresh ids and accounts: objects in a state, and evidence. */
const preparations: Record<string, Prepare> = {
  'payment.capture': async (scene) => ({ pay: (await ordered(scene, { capture: 'manual' })).paymentId }),
  'payment.cancel': async (scene) => ({ pay: (await ordered(scene, { capture: 'manual' })).paymentId }),
  'payment.refund': async (scene) => ({ pay: (await ordered(scene, { capture: 'automatic' })).paymentId }),
  'card.tokenize': async (scene) => ({ number: await issuedNumber(scene) }),
  'card.authorize': (scene, example) => signedByHolder(scene, example),
  'card.authorization.request_status': async (scene) =>
    idsOf(await paid(scene, 'manual', { kind: 'card', cardId: scene.world.purseCardId })),
  'account.hold.place': (scene, example) => signedOrder(scene, example, 'manual'),
  'account.transfer.create': (scene, example) => signedOrder(scene, example, 'automatic'),
  'account.hold.request_status': (scene, example) => carriedOut(scene, example, 'manual'),
  'account.transfer.request_status': (scene, example) => carriedOut(scene, example, 'automatic'),
  'account.hold.post': signedCapture,
  'account.hold.void': signedCancellation,
  'account.mandate.grant': signedCardOrder,
};

/** Puts real objects and real evidence into a documented command. */
export async function prepareCommand(
  { definition, payload }: DocumentedCommand,
  scene: Scene,
): Promise<Record<string, unknown>> {
  const own = (await preparations[definition.type]?.(scene, payload)) ?? {};
  return substitute(payload, { ...substitutesOf(scene, newId('pay')), ...own });
}

/** Returns who signs a command: the third party, or the first service that sends it. */
export function senderOf(
  { definition }: DocumentedCommand,
  { producers, serviceKeys }: World,
): { issuer: string; signingKey: SigningKey } {
  const [from] = definition.from;
  if (from === undefined || from === 'client')
    return { issuer: producers.acme.id, signingKey: producers.acme.key };
  return { issuer: from, signingKey: serviceKeys[from as CoreServiceName] };
}

/** The ids that follow from a payment. */
function idsOf(paymentId: string): Substitutes {
  return {
    pay: paymentId,
    hld: holdIdOf(paymentId),
    aut: authorizationIdOf(paymentId),
    trf: transferIdOfOrder(paymentId),
  };
}

/** An order of the third party for the example's amount, which only the ledger gets. */
async function signedOrder(
  scene: Scene,
  { amountMinor }: Record<string, unknown>,
  capture: 'automatic' | 'manual',
): Promise<Substitutes> {
  const { paymentId, envelope } = await ordered(scene, { amountMinor: Number(amountMinor), capture }, false);
  return { ...idsOf(paymentId), evidence: { kind: 'order', envelope } };
}

/** An order for the example's amount that the ledger has carried out. */
async function carriedOut(
  scene: Scene,
  { amountMinor }: Record<string, unknown>,
  capture: 'automatic' | 'manual',
): Promise<Substitutes> {
  return idsOf((await ordered(scene, { amountMinor: Number(amountMinor), capture })).paymentId);
}

async function signedCapture(
  scene: Scene,
  { amountMinor, final }: Record<string, unknown>,
): Promise<Substitutes> {
  const { paymentId } = await ordered(scene, { capture: 'manual' });
  const captureId = newId('cap');
  const capture = { paymentId, captureId, amountMinor, final };
  const envelope = await signedByThirdParty(scene, messages.paymentCapture, capture);
  return { ...idsOf(paymentId), trf: transferIdOf(paymentId, captureId), evidence: envelope };
}

async function signedCancellation(scene: Scene): Promise<Substitutes> {
  const { paymentId } = await ordered(scene, { capture: 'manual' });
  return {
    ...idsOf(paymentId),
    evidence: await signedByThirdParty(scene, messages.paymentCancel, { paymentId }),
  };
}

async function signedByThirdParty(
  { world }: Scene,
  definition: DocumentedCommand['definition'],
  payload: Record<string, unknown>,
): Promise<{ kind: 'order'; envelope: string }> {
  const { id, key } = world.producers.acme;
  const { value } = await sealedAs(world, definition, payload, { issuer: id, signingKey: key });
  return { kind: 'order', envelope: value };
}

/** The holder's order to pay by card, of which all ids follow. */
async function signedByHolder(
  { world, payeeAccountId }: Scene,
  { amountMinor, currency }: Record<string, unknown>,
): Promise<Substitutes> {
  const { victim, purseCardId } = world;
  const endToEndId = newId('pay').slice(-12);
  const order = {
    source: { kind: 'card', cardId: purseCardId },
    payee: { kind: 'account', accountId: payeeAccountId },
    amountMinor,
    currency,
    endToEndId,
  };
  const evidence = await evidenceOf(world, operations.createPayment, order);
  const name = { subject: victim.id, sourceId: purseCardId, endToEndId };
  const paymentId = paymentIdOf(name, Number(decode(evidence.proof, 1)['iat']));
  return { ...idsOf(paymentId), evidence };
}

/** The owner's order of a card in the terms of the mandate. */
async function signedCardOrder(
  { world, payerAccountId }: Scene,
  { currency, limits }: Record<string, unknown>,
): Promise<Substitutes> {
  const order = { accountId: payerAccountId, currency, limits };
  return { crd: newId('crd'), evidence: await evidenceOf(world, operations.cardIssue, order) };
}

function evidenceOf(
  world: World,
  operation: { id: string; path: string },
  body: object,
): Promise<RequestEvidence> {
  return requestOf(world, world.victim.client, operation.id, operation.path, JSON.stringify(body));
}
