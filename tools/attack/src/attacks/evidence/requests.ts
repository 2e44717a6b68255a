import { holdIdOf, paymentIdOf, type Evidence, type RequestEvidence } from '@tallystick/contracts';
import { publishRaw, sealAs } from '@tallystick/demo';
import { messages } from '@tallystick/contracts';
import { verdict, type Attack } from '../../attack.ts';
import { decode } from '../../forge/jws.ts';
import { newEndToEndId } from '../../kafka/order.ts';
import type { Person, World } from '../../target/world.ts';
import { LEDGER, place, requestOf, type Hold } from './hold.ts';

/** Terms of an order over HTTP with manual capture. */
interface Terms {
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: number;
  endToEndId: string;
}

const termsOf = ({ accounts }: World): Terms => ({
  debitAccountId: accounts.safe,
  creditAccountId: accounts.loot,
  amountMinor: 900,
  endToEndId: newEndToEndId(),
});

function bodyOf({ debitAccountId, creditAccountId, amountMinor, endToEndId }: Terms): string {
  return JSON.stringify({
    source: { kind: 'account', accountId: debitAccountId },
    payee: { kind: 'account', accountId: creditAccountId },
    amountMinor,
    currency: 'EUR',
    capture: 'manual',
    capturedBy: 'payee',
    endToEndId,
  });
}

/** Signs an order with these terms, as evidence. */
function orderBy(
  world: World,
  { client }: Person,
  terms: Terms,
  path = '/v2/payments',
): Promise<RequestEvidence> {
  return requestOf(world, client, 'payment.create', path, bodyOf(terms));
}

/** The hold for which a request with these terms asks: every id follows from what is signed. */
function holdFor(terms: Terms, { id: subject }: Person, evidence: RequestEvidence): Hold {
  const { debitAccountId, creditAccountId, amountMinor, endToEndId } = terms;
  const name = { subject, sourceId: debitAccountId, endToEndId };
  const paymentId = paymentIdOf(name, Number(decode(evidence.proof, 1)['iat']));
  return {
    holdId: holdIdOf(paymentId),
    debitAccountId,
    creditAccountId,
    amountMinor: BigInt(amountMinor),
    currency: 'EUR',
    paymentId,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    evidence,
  };
}

/** Places the hold for which the victim asks, unchanged. */
const honest: Attack['control'] = async (world) => {
  const { purse, till } = world.accounts;
  const terms = { ...termsOf(world), debitAccountId: purse, creditAccountId: till, amountMinor: 1 };
  const hold = holdFor(terms, world.victim, await orderBy(world, world.victim, terms));
  return verdict('account.hold.placed', await place(world, hold));
};

/** Makes an attack by a hold whose ids follow from the request, and which differs from it in one point. */
function requestAttack(name: string, code: string, make: (world: World) => Promise<Hold>): Attack {
  return {
    name: `evidence.request-${name}`,
    on: LEDGER,
    control: honest,
    run: async (world) => verdict(`account.hold.rejected ${code}`, await place(world, await make(world))),
  };
}

/** The hold for which the victim asks in other terms than it takes. */
function changedTerms(name: string, asked: (world: World) => Partial<Terms>): Attack {
  return requestAttack(name, 'evidence.mismatch', async (world) => {
    const terms = termsOf(world);
    const evidence = await orderBy(world, world.victim, { ...terms, ...asked(world) });
    return holdFor(terms, world.victim, evidence);
  });
}

/** The hold for which the victim asks, with evidence that is made up from it. */
function forgedEvidence(
  name: string,
  forge: (genuine: RequestEvidence, world: World, terms: Terms) => Evidence | Promise<Evidence>,
  code = 'evidence.invalid',
): Attack {
  return requestAttack(name, code, async (world) => {
    const terms = termsOf(world);
    const genuine = await orderBy(world, world.victim, { ...terms, creditAccountId: world.accounts.till });
    const evidence = (await forge(genuine, world, terms)) as RequestEvidence;
    return { ...holdFor(terms, world.victim, genuine), evidence };
  });
}

/** Holds by a thief of the payment service's key, with the request of a customer as evidence. */
export const requestEvidenceAttacks: readonly Attack[] = [
  changedTerms('for-another-payee', ({ accounts }) => ({ creditAccountId: accounts.till })),
  changedTerms('for-another-payer', ({ accounts }) => ({ debitAccountId: accounts.purse })),
  changedTerms('for-a-smaller-amount', () => ({ amountMinor: 1 })),
  changedTerms('for-another-payment', () => ({ endToEndId: newEndToEndId() })),
  requestAttack('of-another-customer', 'ledger.account_not_found', async (world) => {
    const terms = termsOf(world);
    return holdFor(terms, world.thief, await orderBy(world, world.thief, terms));
  }),
  forgedEvidence('with-another-body', (genuine, _world, terms) => ({ ...genuine, body: bodyOf(terms) })),
  forgedEvidence('for-another-operation', (genuine) => ({ ...genuine, operation: 'account.transfer' })),
  forgedEvidence('for-an-unknown-operation', (genuine) => ({ ...genuine, operation: 'payment.steal' })),
  forgedEvidence('for-a-read', (_genuine, world) =>
    requestOf(world, world.victim.client, 'account.list', '/v1/accounts', '', 'GET'),
  ),
  forgedEvidence('for-a-transfer', (_genuine, world, { debitAccountId, creditAccountId, amountMinor }) => {
    const body = JSON.stringify({ debitAccountId, creditAccountId, amountMinor, currency: 'EUR' });
    return requestOf(world, world.victim.client, 'account.transfer', '/v1/transfers', body);
  }),
  forgedEvidence('by-the-thief-with-the-token-of-the-victim', async (_genuine, world, terms) => ({
    ...(await orderBy(world, world.thief, terms)),
    accessToken: world.victim.client.accessToken,
  })),
  forgedEvidence('with-the-token-of-another', (genuine, world) => ({
    ...genuine,
    accessToken: world.thief.client.accessToken,
  })),
  forgedEvidence('on-a-path-in-capitals', (_genuine, world, terms) =>
    orderBy(world, world.victim, terms, '/v2/PAYMENTS'),
  ),
  forgedEvidence('without-a-proof', (genuine) => ({ ...genuine, proof: 'none' })),
  {
    name: 'evidence.request-used-before-under-another-command',
    on: LEDGER,
    control: honest,
    run: async (world) => {
      const { purse, till } = world.accounts;
      const terms = { ...termsOf(world), debitAccountId: purse, creditAccountId: till, amountMinor: 1 };
      const hold = holdFor(terms, world.victim, await orderBy(world, world.victim, terms));
      const first = await place(world, hold);
      if (first !== 'account.hold.placed') return { held: false, shown: `the first: ${first}` };
      // A transfer by the same order, as if it were captured at once.
      const { holdId: _holdId, expiresAt: _expiresAt, ...facts } = hold;
      const transfer = { ...facts, transferId: hold.holdId.replace('hld', 'trf'), refund: false };
      const key = world.serviceKeys.payment;
      const sealed = await sealAs(world, 'payment', key, messages.transferCreate, transfer);
      await publishRaw(world, LEDGER, sealed.key, sealed.value);
      const { claims } = await world.watch.events.next(
        (event) => event.claims.cause === sealed.claims.jti,
        15_000,
      );
      const { code = '' } = claims.data as { code?: string };
      return verdict('account.transfer.rejected evidence.mismatch', `${claims.type} ${code}`.trim());
    },
  },
];
