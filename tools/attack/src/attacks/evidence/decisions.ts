import {
  authorizationIdOf,
  DECISIONS_AUDIENCE,
  holdIdOf,
  messages,
  newId,
  paymentIdOf,
  transferIdOf,
  type DataOf,
} from '@tallystick/contracts';
import { publishRaw, sealAs, topicOf } from '@tallystick/demo';
import { seal } from '@tallystick/security';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { decode } from '../../forge/jws.ts';
import { newEndToEndId } from '../../kafka/order.ts';
import type { Person, World } from '../../target/world.ts';
import { LEDGER, place, requestOf, type Hold } from './hold.ts';

type Decision = DataOf<typeof messages.cardDecision>;

/** A payment by card: what its holder asks, what the card service decides, and the hold for it. */
interface CardPayment {
  cardId: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: number;
}

/**
 * Signs the request of a holder and the decision on it, and makes the hold, all in the same terms.
 * @param decide changes what the card service decides, with its stolen key
 */
async function cardHold(
  world: World,
  holder: Person,
  { cardId, debitAccountId, creditAccountId, amountMinor }: CardPayment,
  decide: Partial<Decision> = {},
): Promise<Hold> {
  const endToEndId = newEndToEndId();
  const body = JSON.stringify({
    source: { kind: 'card', cardId },
    payee: { kind: 'account', accountId: creditAccountId },
    amountMinor,
    currency: 'EUR',
    capture: 'manual',
    capturedBy: 'payee',
    endToEndId,
  });
  const request = await requestOf(world, holder.client, 'payment.create', '/v2/payments', body);
  const name = { subject: holder.id, sourceId: cardId, endToEndId };
  const paymentId = paymentIdOf(name, Number(decode(request.proof, 1)['iat']));
  const facts = {
    authorizationId: authorizationIdOf(paymentId),
    debitAccountId,
    amountMinor: BigInt(amountMinor),
    currency: 'EUR' as const,
    paymentId,
  };
  const decision = {
    ...facts,
    cardId,
    payeeAccountId: creditAccountId,
    capture: 'manual' as const,
    capturedBy: 'payee' as const,
    ...decide,
  };
  const { value: envelope } = await seal(messages.cardDecision, decision, {
    issuer: 'card',
    signingKey: world.serviceKeys.card,
    topic: topicOf(world, DECISIONS_AUDIENCE),
    nowMs: Date.now(),
  });
  return {
    ...facts,
    holdId: holdIdOf(paymentId),
    creditAccountId,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    evidence: { kind: 'decision', envelope, request },
  };
}

/** Places the hold of a payment with the card on the purse, unchanged. */
const honest: Attack['control'] = async (world) => {
  const { purse, till } = world.accounts;
  const terms = { cardId: world.purseCardId, debitAccountId: purse, creditAccountId: till, amountMinor: 1 };
  return verdict('account.hold.placed', await place(world, await cardHold(world, world.victim, terms)));
};

const theft = ({ accounts, objects }: World): CardPayment => ({
  cardId: objects['cardId']!,
  debitAccountId: accounts.safe,
  creditAccountId: accounts.loot,
  amountMinor: 900,
});

/** Makes an attack by a thief of the keys of both the card and the payment service. */
function decisionAttack(name: string, code: string, make: (world: World) => Promise<Hold>): Attack {
  return {
    name: `evidence.decision-${name}`,
    on: LEDGER,
    control: honest,
    run: async (world) => verdict(`account.hold.rejected ${code}`, await place(world, await make(world))),
  };
}

const decisions: Attack[] = [
  decisionAttack('on-a-request-of-another-customer', 'evidence.not_owner', (world) =>
    cardHold(world, world.thief, theft(world)),
  ),
  decisionAttack('for-another-payee', 'evidence.mismatch', async (world) => {
    const hold = await cardHold(world, world.victim, {
      ...theft(world),
      creditAccountId: world.accounts.till,
    });
    return { ...hold, creditAccountId: world.accounts.loot };
  }),
  decisionAttack('for-another-payee-than-asked', 'evidence.mismatch', async (world) => {
    const asked = { ...theft(world), creditAccountId: world.accounts.till };
    const hold = await cardHold(world, world.victim, asked, { payeeAccountId: world.accounts.loot });
    return { ...hold, creditAccountId: world.accounts.loot };
  }),
  decisionAttack('for-more-than-asked', 'evidence.mismatch', async (world) => {
    const hold = await cardHold(world, world.victim, theft(world), { amountMinor: 901n });
    return { ...hold, amountMinor: 901n };
  }),
  decisionAttack('for-another-card', 'evidence.mismatch', (world) =>
    cardHold(world, world.victim, theft(world), { cardId: world.purseCardId }),
  ),
  decisionAttack('for-another-account', 'mandate.missing', (world) =>
    // The holder asks with the card on the purse, and the card service says that it is on the safe.
    cardHold(world, world.victim, { ...theft(world), cardId: world.purseCardId }),
  ),
  decisionAttack('for-an-invented-card', 'mandate.missing', (world) =>
    cardHold(world, world.victim, { ...theft(world), cardId: newId('crd') }),
  ),
  decisionAttack('for-another-capturer', 'evidence.mismatch', (world) =>
    cardHold(world, world.victim, theft(world), { capturedBy: 'initiator' }),
  ),
];

/** Refunds that the payee did not order, from the till. */
const refunds: Attack[] = [
  refundAttack('by-the-payer', 'ledger.account_not_found', async (world, paymentId) =>
    requestOf(
      world,
      world.victim.client,
      'payment.refund',
      `/v2/payments/${paymentId}/refunds`,
      '{"amountMinor":1}',
    ),
  ),
  refundAttack('by-a-producer-without-mandate', 'mandate.missing', async (world, paymentId, refundId) => {
    const { id, key } = world.producers.acme;
    const order = { paymentId, refundId, amountMinor: 1n };
    const { value } = await sealAs(world, id, key, messages.paymentRefund, order);
    return { kind: 'order', envelope: value };
  }),
];

/** Makes an attack by a refund, with the payment service's key. */
function refundAttack(
  name: string,
  code: string,
  evidenceFor: (world: World, paymentId: string, refundId: string) => Promise<Hold['evidence']>,
): Attack {
  return {
    name: `evidence.refund-${name}`,
    on: LEDGER,
    run: async (world): Promise<Verdict> => {
      const [paymentId, refundId] = [newId('pay'), newId('rfd')];
      const evidence = await evidenceFor(world, paymentId, refundId);
      const sealed = await sealAs(world, 'payment', world.serviceKeys.payment, messages.transferCreate, {
        transferId: transferIdOf(paymentId, refundId),
        debitAccountId: world.accounts.till,
        creditAccountId: world.accounts.purse,
        amountMinor: 1n,
        currency: 'EUR',
        paymentId,
        refund: true,
        evidence,
      });
      await publishRaw(world, LEDGER, sealed.key, sealed.value);
      const { claims } = await world.watch.events.next(
        (event) => event.claims.cause === sealed.claims.jti,
        15_000,
      );
      const { code: found = '' } = claims.data as { code?: string };
      return verdict(`account.transfer.rejected ${code}`, `${claims.type} ${found}`.trim());
    },
  };
}

/** Attacks by a thief of the keys of the card and the payment service, with decisions and refunds. */
export const decisionEvidenceAttacks: readonly Attack[] = [...decisions, ...refunds];
