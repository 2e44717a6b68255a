import { newId, newJti, operations } from '@tallystick/contracts';
import type { Operators } from '@tallystick/demo';
import { POWERLESS_PRODUCER, THIRD_PARTY, until } from '@tallystick/stack';
import type { Person, World } from './world.ts';

const FUNDS_MINOR = 1_000_000n;
/** Limits of the mandates and the card: more than any honest payment of a run. */
export const LIMITS = { perPaymentMinor: 10_000n, perDayMinor: 20_000n, perMonthMinor: 50_000n };
const CARD_ACTIVE_WITHIN_MS = 15_000;
export const WAIT_S = 20;

interface People {
  victim: Person;
  thief: Person;
  operators: Operators;
}

/** Opens and funds the accounts, and makes an object of the victim for each path parameter of contracts. */
export async function openAccounts(
  people: People,
  operatorId: string,
): Promise<Pick<World, 'accounts' | 'purseCardId' | 'objects'>> {
  const { victim, thief, operators } = people;
  const open = async (person: Person): Promise<string> =>
    (await person.client.call(operations.accountOpen, { body: { currency: 'EUR' } })).body.accountId;
  const [safe, purse, loot, till] = await Promise.all([open(victim), open(victim), open(thief), open(thief)]);
  const accounts = { safe: safe!, purse: purse!, loot: loot!, till: till! };
  await fund(operators, [accounts.safe, accounts.purse]);
  const grants = [accounts.safe, accounts.purse].map((accountId) => grant(victim, accountId));
  const [mandateId] = await Promise.all(grants);
  const [cardId, purseCardId] = await Promise.all([
    activeCard(victim, accounts.safe),
    activeCard(victim, accounts.purse),
  ]);
  return {
    accounts,
    purseCardId,
    objects: {
      accountId: accounts.safe,
      mandateId: mandateId!,
      cardId,
      ...(await partlyRefunded(victim, accounts)),
      consentId: consentOf(victim),
      customerId: victim.id,
      operatorId,
      partyId: victim.id,
      proposalId: await proposed(operators, accounts.safe),
      clientId: 'treasury',
      producerId: THIRD_PARTY,
      kid: await keyOf(operators, POWERLESS_PRODUCER),
    },
  };
}

/** Makes a payment that is captured and refunded in part, and still holds money. @returns the ids of its parts */
async function partlyRefunded(
  { client }: Person,
  { safe, purse }: World['accounts'],
): Promise<Record<'paymentId' | 'captureId' | 'refundId', string>> {
  const { body: payment } = await client.call(operations.createPayment, {
    body: {
      source: { kind: 'account', accountId: safe },
      payee: { kind: 'account', accountId: purse },
      amountMinor: 100n,
      currency: 'EUR',
      capture: 'manual',
      capturedBy: 'payee',
      endToEndId: `SETUP-${newJti().slice(-12)}`,
    },
    waitS: WAIT_S,
  });
  if (payment.status !== 'authorized') throw new Error(`the victim's payment is ${payment.status}`);
  const { paymentId } = payment;
  const [captureId, refundId] = [newId('cap'), newId('rfd')];
  const asked = { params: { paymentId }, waitS: WAIT_S };
  await client.call(operations.capturePayment, {
    ...asked,
    body: { captureId, amountMinor: 20n, final: false },
  });
  const { body } = await client.call(operations.refundPayment, {
    ...asked,
    body: { refundId, amountMinor: 10n },
  });
  if (body.refundedMinor !== 10n) throw new Error(`the victim's payment has ${body.refundedMinor} refunded`);
  return { paymentId, captureId, refundId };
}

/** Grants the third party a mandate. @returns its id */
export async function grant({ client }: Person, accountId: string, changes: object = {}): Promise<string> {
  const { body } = await client.call(operations.mandateCreate, {
    body: {
      accountId,
      grantee: { kind: 'producer', id: THIRD_PARTY },
      currency: 'EUR',
      limits: LIMITS,
      ...changes,
    },
  });
  return body.mandateId;
}

/** Moves money into accounts from outside. */
export async function fund(operators: Operators, accountIds: readonly string[]): Promise<void> {
  const debitAccountId = await outside(operators);
  for (const creditAccountId of accountIds)
    await operators.call(operations.transferPost, {
      body: { debitAccountId, creditAccountId, amountMinor: FUNDS_MINOR, currency: 'EUR' },
    });
}

/** Proposes a transfer from outside. @returns its id */
async function proposed(operators: Operators, creditAccountId: string): Promise<string> {
  const { body } = await operators.call(operations.transferPropose, {
    body: {
      debitAccountId: await outside(operators),
      creditAccountId,
      amountMinor: FUNDS_MINOR,
      currency: 'EUR',
    },
  });
  return body.proposalId;
}

/** Returns the treasury's external account. */
async function outside(operators: Operators): Promise<string> {
  const { accounts } = (await operators.call(operations.accountList)).body;
  const found = accounts.find(({ currency, kind }) => currency === 'EUR' && kind === 'external');
  if (found === undefined) throw new Error('the treasury has no external account in EUR');
  return found.accountId;
}

async function activeCard({ client }: Person, accountId: string): Promise<string> {
  const { body } = await client.call(operations.cardIssue, {
    body: { accountId, currency: 'EUR', limits: LIMITS },
  });
  const params = { cardId: body.cardId };
  const isActive = await until(
    async () => (await client.call(operations.cardGet, { params })).body.status === 'active',
    CARD_ACTIVE_WITHIN_MS,
  );
  if (!isActive) throw new Error('the card did not become active');
  return body.cardId;
}

/** Returns the consent of the access token. */
function consentOf({ client }: Person): string {
  const claims = JSON.parse(Buffer.from(client.accessToken.split('.')[1]!, 'base64url').toString()) as object;
  return String((claims as { grant_id?: string }).grant_id);
}

async function keyOf(operators: Operators, producerId: string): Promise<string> {
  const { keys } = (await operators.call(operations.producerList)).body;
  return keys.find((key) => key.producerId === producerId)!.kid;
}

/** The state of the books that attacks must not change. */
export interface Books {
  balances: Record<string, string>;
  isBalanced: boolean;
}

/** Reads the balances of the attacked accounts, and whether all books add up. */
export async function readBooks({ victim, thief, operators, accounts }: World): Promise<Books> {
  const balances: Record<string, string> = {};
  for (const [name, person] of [
    ['safe', victim],
    ['loot', thief],
  ] as const) {
    const { body } = await person.client.call(operations.accountGet, {
      params: { accountId: accounts[name] },
    });
    balances[name] = `${body.postedMinor} posted, ${body.pendingMinor} pending`;
  }
  const { balanced } = (await operators.call(operations.trialBalance)).body;
  return { balances, isBalanced: balanced };
}
