import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId, operations } from '@tallystick/contracts';
import { Edge } from '@tallystick/http';
import { customer, type Answer, type Customer } from '@tallystick/http/testing';
import type { Send } from '@tallystick/messaging';
import { noteSent, type SentMessage } from '@tallystick/messaging/testing';
import { transaction, type Transaction } from '@tallystick/postgres';

import { serveAudit, serveSettings } from '@tallystick/service';
import type { LedgerStore } from '../src/app/stores.ts';
import { accountRoutes } from '../src/http/account-routes.ts';
import { ledgerRoutes } from '../src/http/ledger-routes.ts';
import { mandateRoutes } from '../src/http/mandate-routes.ts';
import { proposalRoutes } from '../src/http/proposal-routes.ts';
import { ledgerStore } from '../src/store/ledger-store.ts';
import { startAccountWorld, type AccountWorld, type OwnedAccount } from './account-world.ts';

const { accountOpen, accountList, accountGet, entryList, transferPost, trialBalance } = operations;
const { accountFreeze, accountUnfreeze, transferApprove, transferPropose } = operations;
const { mandateCreate, mandateList, mandateWithdraw, partyMandatesWithdraw } = operations;
const [ann, eve] = [newId('usr'), newId('usr')];

const rules = { fundByTwo: false };
let world: AccountWorld;
let edge: Edge<Send>;
let byAnn: Customer;
let byEve: Customer;
let anns: OwnedAccount;
let eves: OwnedAccount;
const sent: SentMessage[] = [];
beforeAll(async () => {
  world = await startAccountWorld();
  edge = new Edge<Send>({
    ...world.edgeOptions,
    service: 'account',
    transact: (work) => transaction(world.pool, (tx) => work(tx, noteSent(sent))),
  });
  const ledgerStoreOf = (tx: Transaction): LedgerStore => ledgerStore(tx, rules);
  accountRoutes(edge, world.pool, { ledgerStoreOf, nowMs: Date.now });
  proposalRoutes(edge, { ledgerStoreOf, nowMs: Date.now });
  mandateRoutes(edge, world.pool, Date.now);
  ledgerRoutes(edge, world.pool);
  serveAudit('account', edge, world.pool);
  serveSettings('account', edge, { settings: {}, releaseId: 'test', startedAt: new Date() });
  const port = await edge.listen(0);
  [byAnn, byEve] = [customer(world, port, ann), customer(world, port, eve)];
});
afterAll(async () => {
  await edge.close();
  await world.stop();
});
beforeEach(async () => {
  anns = await world.open({ ownerId: ann, fundedMinor: 500n });
  eves = await world.open({ ownerId: eve });
  sent.splice(0);
});

const outcomeOf = ({ status, body }: Answer): [number, string | undefined] => [status, body.code];
const accountOfKind = async (kind: string): Promise<string> => {
  const { rows } = await world.pool.query<{ id: string }>(
    'SELECT account_id AS id FROM account WHERE kind = $1',
    [kind],
  );
  return rows[0]!.id;
};
const balances = async (): Promise<bigint[]> => [
  (await world.balanceOf(anns)).posted,
  (await world.balanceOf(eves)).posted,
];

describe('a customer who opens an account', () => {
  test('gets it empty and in their name, and the opening is published', async () => {
    const { status, body } = await byAnn(accountOpen, { body: { currency: 'SEK' } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ ownerId: ann, kind: 'customer', currency: 'SEK', availableMinor: 0 });
    const { accountId } = body;
    const data = { accountId, ownerId: ann, kind: 'customer', currency: 'SEK' };
    expect(sent).toMatchObject([{ type: 'account.opened', data }]);
    expect(await byAnn(accountGet, { params: { accountId: String(accountId) } })).toMatchObject({
      status: 200,
      body,
    });
  });

  test('gets one account if the request is repeated with its idempotency key', async () => {
    const repeated = { body: { currency: 'EUR' }, headers: { 'idempotency-key': 'account-of-ann' } };
    const [first, second] = [await byAnn(accountOpen, repeated), await byAnn(accountOpen, repeated)];
    expect(second.body).toEqual(first.body);
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['in no currency', {}],
    ['in an unsupported currency', { currency: 'XXX' }],
    ["in another's name", { currency: 'EUR', ownerId: eve }],
  ])('is refused an account %s', async (_name, body) => {
    expect(outcomeOf(await byAnn(accountOpen, { body }))).toEqual([400, 'request.invalid']);
    expect(sent).toEqual([]);
  });
});

describe('a customer', () => {
  test('sees only their own accounts', async () => {
    const { status, body } = await byAnn(accountList);
    expect(status).toBe(200);
    const ids = (body['accounts'] as OwnedAccount[]).map(({ accountId }) => accountId);
    expect(ids).toContain(anns.accountId);
    expect(ids).not.toContain(eves.accountId);
  });

  test.each([accountGet, entryList])(
    "gets the same answer to $id of another's account as of an unknown account",
    async (operation) => {
      for (const accountId of [anns.accountId, newId('acc')])
        expect(outcomeOf(await byEve(operation, { params: { accountId } }))).toEqual([
          404,
          'resource.not_found',
        ]);
    },
  );

  test('sees the entries of their account with balances, newest first, up to the limit', async () => {
    const post = (amountMinor: number): Promise<Answer> =>
      byAnn(transferPost, {
        body: {
          debitAccountId: anns.accountId,
          creditAccountId: eves.accountId,
          amountMinor,
          currency: 'EUR',
        },
      });
    await post(100);
    await post(30);
    const entriesOf = async (by: Customer, accountId: string, query = ''): Promise<object[]> =>
      (await by(entryList, { params: { accountId }, query })).body['entries'] as object[];
    const counterpartyAccountId = eves.accountId;
    const entries = await entriesOf(byAnn, anns.accountId);
    expect(entries).toMatchObject([
      { amountMinor: -30, balanceMinor: 370, counterpartyAccountId },
      { amountMinor: -100, balanceMinor: 400, counterpartyAccountId },
      { amountMinor: 500, balanceMinor: 500 },
    ]);
    expect(await entriesOf(byAnn, anns.accountId, '?limit=1')).toEqual(entries.slice(0, 1));
    expect(await entriesOf(byEve, eves.accountId)).toMatchObject([
      { amountMinor: 30, balanceMinor: 130, counterpartyAccountId: anns.accountId },
      { amountMinor: 100, balanceMinor: 100, counterpartyAccountId: anns.accountId },
    ]);
  });
});

describe('a transfer', () => {
  const transfer = (changes: object = {}) => ({
    debitAccountId: anns.accountId,
    creditAccountId: eves.accountId,
    amountMinor: 100,
    currency: 'EUR',
    ...changes,
  });

  test('moves the money immediately and is published', async () => {
    const { status, body } = await byAnn(transferPost, { body: transfer() });
    expect(status).toBe(201);
    expect(body).toMatchObject(transfer());
    expect(await balances()).toEqual([400n, 100n]);
    const data = { transferId: body['transferId'], amountMinor: 100n, refund: false };
    expect(sent).toMatchObject([{ type: 'account.transfer.posted', data, cause: undefined }]);
  });

  test('moves the money once if the request is repeated with its idempotency key', async () => {
    const repeated = { body: transfer(), headers: { 'idempotency-key': 'transfer-of-ann' } };
    const [first, second] = [await byAnn(transferPost, repeated), await byAnn(transferPost, repeated)];
    expect([second.status, second.body]).toEqual([201, first.body]);
    expect(await balances()).toEqual([400n, 100n]);
    const changed = { ...repeated, body: transfer({ amountMinor: 101 }) };
    expect(outcomeOf(await byAnn(transferPost, changed))).toEqual([422, 'idempotency.key_reused']);
    expect(await balances()).toEqual([400n, 100n]);
  });

  test.each([
    [409, 'ledger.insufficient_funds', { amountMinor: 501 }],
    [409, 'ledger.currency_mismatch', { currency: 'USD' }],
    [404, 'ledger.account_not_found', { creditAccountId: newId('acc') }],
    [404, 'ledger.account_not_found', { debitAccountId: newId('acc') }],
    [400, 'request.invalid', { amountMinor: -1 }],
    [400, 'request.invalid', { amountMinor: 0.5 }],
  ])('is refused with %i %s for %j, and nothing is published', async (status, code, changes) => {
    expect(outcomeOf(await byAnn(transferPost, { body: transfer(changes) }))).toEqual([status, code]);
    expect(await balances()).toEqual([500n, 0n]);
    expect(sent).toEqual([]);
  });

  test('is refused with ledger.same_account from an account to itself', async () => {
    const body = transfer({ creditAccountId: anns.accountId });
    expect((await byAnn(transferPost, { body })).body.code).toBe('ledger.same_account');
  });

  test("is refused from another's account as from an unknown account", async () => {
    expect(outcomeOf(await byEve(transferPost, { body: transfer() }))).toEqual([
      404,
      'ledger.account_not_found',
    ]);
    expect(await balances()).toEqual([500n, 0n]);
  });

  test.each([
    ['without a proof', { proof: null }, 'dpop.missing'],
    ['with a proof of another body', { proof: { body: '{}' } }, 'dpop.digest_mismatch'],
  ])('is refused %s', async (_name, request, code) => {
    expect(outcomeOf(await byAnn(transferPost, { body: transfer(), ...request }))).toEqual([401, code]);
    expect(await balances()).toEqual([500n, 0n]);
  });
});

describe('an account with the largest balance', () => {
  const largest = 2 ** 53 - 1;
  const setBalance = (accountId: string, postedMinor: bigint): Promise<unknown> =>
    world.pool.query('UPDATE account SET posted_minor = $2 WHERE account_id = $1', [accountId, postedMinor]);
  /** Other tests sum the balances. */
  afterEach(async () => {
    await world.pool.query(
      `UPDATE account a SET posted_minor =
         coalesce((SELECT sum(amount_minor) FROM journal_line l WHERE l.account_id = a.account_id), 0)`,
    );
  });
  const get = (accountId: string): Promise<Answer> => byEve(accountGet, { params: { accountId } });
  const pay = (amountMinor: number): Promise<Answer> => {
    const [debitAccountId, creditAccountId] = [anns.accountId, eves.accountId];
    return byAnn(transferPost, { body: { debitAccountId, creditAccountId, amountMinor, currency: 'EUR' } });
  };

  test('receives up to 2^53-1, then refuses money with a code of its own and is shown', async () => {
    await setBalance(eves.accountId, BigInt(largest) - 100n);
    expect(outcomeOf(await pay(101))).toEqual([409, 'ledger.balance_limit_exceeded']);
    expect((await pay(100)).status).toBe(201);
    expect(outcomeOf(await pay(1))).toEqual([409, 'ledger.balance_limit_exceeded']);
    expect((await get(eves.accountId)).body).toMatchObject({
      postedMinor: largest,
      availableMinor: largest,
    });
    expect(await balances()).toEqual([400n, BigInt(largest)]);
  });

  test('is shown with all digits if it is larger from before the limit, also in a list and the trial balance', async () => {
    await setBalance(eves.accountId, 2n ** 63n - 1n);
    const { accountId } = eves;
    const digits = '9223372036854775807';
    expect(await get(accountId)).toMatchObject({
      status: 200,
      body: { postedMinor: digits, availableMinor: digits, pendingMinor: 0 },
    });
    expect((await byEve(accountList)).body['accounts']).toContainEqual(
      expect.objectContaining({ accountId, postedMinor: digits }),
    );
    const { status, body } = await byAnn(trialBalance);
    expect([status, body['balanced']]).toEqual([200, false]);
  });
});

describe('a frozen account', () => {
  const asSupport = (): { token: string } => ({
    token: world.token({ sub: 'support', client_id: 'support', scope: 'accounts:freeze' }),
  });
  const set = async (operation: typeof accountFreeze, accountId: string): Promise<Answer> =>
    byAnn(operation, { params: { accountId }, ...asSupport() });
  const transfer = (from: OwnedAccount, to: OwnedAccount): object => ({
    debitAccountId: from.accountId,
    creditAccountId: to.accountId,
    amountMinor: 100,
    currency: 'EUR',
  });

  test('pays nothing out, still receives, and pays again once it is unfrozen', async () => {
    const { accountId } = anns;
    expect(await set(accountFreeze, accountId)).toMatchObject({
      status: 200,
      body: { accountId, status: 'frozen' },
    });
    expect((await byAnn(accountGet, { params: { accountId } })).body).toMatchObject({ status: 'frozen' });
    expect(outcomeOf(await byAnn(transferPost, { body: transfer(anns, eves) }))).toEqual([
      409,
      'ledger.account_not_open',
    ]);
    eves = await world.open({ ownerId: eve, fundedMinor: 100n });
    expect((await byEve(transferPost, { body: transfer(eves, anns) })).status).toBe(201);

    expect((await set(accountUnfreeze, accountId)).body).toEqual({ accountId, status: 'open' });
    expect((await byAnn(transferPost, { body: transfer(anns, eves) })).status).toBe(201);
    const changes = sent.filter(({ type }) => type === 'account.status_changed');
    expect(changes).toMatchObject([
      { data: { accountId, status: 'frozen' } },
      { data: { accountId, status: 'open' } },
    ]);
  });

  test('is frozen by support alone, not by its owner or another operator', async () => {
    for (const scope of ['accounts:read accounts:write transfers:write', 'ledger:read', 'clients:disable']) {
      const token = world.token({ sub: ann, scope });
      const answer = await byAnn(accountFreeze, { params: { accountId: anns.accountId }, token });
      expect(outcomeOf(answer)).toEqual([403, 'token.scope_insufficient']);
    }
    expect(sent).toEqual([]);
  });

  test.each([
    ['unknown', async () => newId('acc')],
    ['not of a customer', () => accountOfKind('external')],
  ])('is answered as not found if it is %s', async (_name, accountId) => {
    expect(outcomeOf(await set(accountFreeze, await accountId()))).toEqual([404, 'resource.not_found']);
    expect(sent).toEqual([]);
  });
});

describe('the trial balance', () => {
  test('sums to zero in each currency', async () => {
    const { status, body } = await byAnn(trialBalance);
    expect(status).toBe(200);
    expect(body['balanced']).toBe(true);
    expect(body['currencies']).toContainEqual(
      expect.objectContaining({ currency: 'EUR', balancesMinor: 0, entriesMinor: 0 }),
    );
  });

  test('shows a sum that is larger than any balance', async () => {
    const holders = await Promise.all([1, 2].map(() => world.open({ currency: 'SEK' })));
    await world.pool.query(
      `UPDATE account SET posted_minor = 9007199254740991, pending_minor = 9007199254740991
       WHERE account_id = ANY($1::text[])`,
      [holders.map(({ accountId }) => accountId)],
    );
    const { status, body } = await byAnn(trialBalance);
    expect(status).toBe(200);
    expect(body['currencies']).toContainEqual(
      expect.objectContaining({ currency: 'SEK', balancesMinor: '18014398509481982', holdsMinor: 0 }),
    );
    await world.pool.query(`UPDATE account SET posted_minor = 0, pending_minor = 0 WHERE currency = 'SEK'`);
  });

  test('requires the scope ledger:read of operators', async () => {
    const token = world.token({ sub: ann, scope: 'accounts:read' });
    expect(outcomeOf(await byAnn(trialBalance, { token }))).toEqual([403, 'token.scope_insufficient']);
  });
});

describe('a mandate', () => {
  const limits = { perPaymentMinor: 100, perDayMinor: 200, perMonthMinor: 300 };
  const grantee = { kind: 'producer', id: 'acme' };
  const order = (changes: object = {}) => ({
    accountId: anns.accountId,
    grantee,
    currency: 'EUR',
    limits,
    ...changes,
  });
  const mandatesOf = async (by: Customer): Promise<{ mandateId: string; status: string }[]> => {
    const { body } = await by(mandateList);
    return body['mandates'] as { mandateId: string; status: string }[];
  };

  test('is granted by the owner of the account and published', async () => {
    const { status, body } = await byAnn(mandateCreate, { body: order() });
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...order(), status: 'active' });
    const data = { mandateId: body['mandateId'], accountId: anns.accountId, grantee };
    expect(sent).toMatchObject([{ type: 'account.mandate.granted', data }]);
    expect(await mandatesOf(byAnn)).toContainEqual(body);
    expect(await mandatesOf(byEve)).toEqual([]);
  });

  test('replaces the previous mandate of the same third party on the same account', async () => {
    const first = await byAnn(mandateCreate, { body: order() });
    const second = await byAnn(mandateCreate, { body: order() });
    const statuses = new Map((await mandatesOf(byAnn)).map((one) => [one.mandateId, one.status]));
    expect(statuses.get(String(first.body['mandateId']))).toBe('withdrawn');
    expect(statuses.get(String(second.body['mandateId']))).toBe('active');
  });

  test.each([
    [404, 'ledger.account_not_found', () => order({ accountId: eves.accountId })],
    [404, 'ledger.account_not_found', () => order({ accountId: newId('acc') })],
    [409, 'ledger.currency_mismatch', () => order({ currency: 'USD' })],
    [400, 'request.invalid', () => order({ grantee: { kind: 'card', id: newId('crd') } })],
    [400, 'request.invalid', () => order({ limits: { ...limits, perDayMinor: 0 } })],
  ])('is refused with %i %s', async (status, code, orderOf) => {
    const before = await mandatesOf(byAnn);
    expect(outcomeOf(await byAnn(mandateCreate, { body: orderOf() }))).toEqual([status, code]);
    expect(await mandatesOf(byAnn)).toEqual(before);
    expect(sent).toEqual([]);
  });

  test('is withdrawn by its owner, and stays withdrawn if it is withdrawn again', async () => {
    const { body } = await byAnn(mandateCreate, { body: order() });
    const params = { mandateId: String(body['mandateId']) };
    sent.splice(0);
    const withdrawn = await byAnn(mandateWithdraw, { params });
    expect([withdrawn.status, withdrawn.body]).toEqual([200, { ...body, status: 'withdrawn' }]);
    const data = { ...params, accountId: anns.accountId, grantee };
    expect(sent).toMatchObject([{ type: 'account.mandate.withdrawn', data }]);
    expect((await byAnn(mandateWithdraw, { params })).body).toEqual(withdrawn.body);
  });

  test('is not withdrawn by another owner, who gets the answer for an unknown mandate', async () => {
    const { body } = await byAnn(mandateCreate, { body: order() });
    sent.splice(0);
    for (const mandateId of [String(body['mandateId']), newId('mdt')])
      expect(outcomeOf(await byEve(mandateWithdraw, { params: { mandateId } }))).toEqual([
        404,
        'resource.not_found',
      ]);
    expect(await mandatesOf(byAnn)).toContainEqual(body);
    expect(sent).toEqual([]);
  });
});

describe('the mandates of a party', () => {
  const withdraw = (partyId: string, claims: Record<string, unknown> = {}): Promise<Answer> =>
    byAnn(partyMandatesWithdraw, {
      params: { partyId },
      token: world.token({ sub: 'support', client_id: 'support', scope: 'mandates:withdraw', ...claims }),
    });
  const statusOf = async (mandateId: string): Promise<string> => {
    const { rows } = await world.pool.query<{ status: string }>(
      'SELECT status FROM mandate WHERE mandate_id = $1',
      [mandateId],
    );
    return rows[0]!.status;
  };

  test('are withdrawn by support, with an event for each, and those of others stay', async () => {
    const party = { kind: 'producer', id: `party-${anns.accountId.slice(-12)}` } as const;
    const [ofAnn, ofEve, ofOther] = [
      await world.allow(anns, party),
      await world.allow(eves, party),
      await world.allow(eves, { kind: 'producer', id: 'other' }),
    ];
    expect(await withdraw(party.id)).toMatchObject({
      status: 200,
      body: { partyId: party.id, withdrawn: 2, isComplete: true },
    });
    expect(await Promise.all([ofAnn, ofEve, ofOther].map(statusOf))).toEqual([
      'withdrawn',
      'withdrawn',
      'active',
    ]);
    expect(sent.filter(({ type }) => type === 'account.mandate.withdrawn')).toHaveLength(2);
    expect((await withdraw(party.id)).body).toMatchObject({ withdrawn: 0 });
  });

  test('are withdrawn if a customer gave them', async () => {
    const given = await world.allow(eves, { kind: 'producer', id: 'acme' });
    await withdraw(eve);
    expect(await statusOf(given)).toBe('withdrawn');
  });

  test('are nobody else’s to withdraw', async () => {
    const given = await world.allow(eves, { kind: 'producer', id: 'acme' });
    const answer = await withdraw('acme', { sub: ann, scope: 'mandates:write accounts:freeze' });
    expect(outcomeOf(answer)).toEqual([403, 'token.scope_insufficient']);
    expect(await statusOf(given)).toBe('active');
  });
});

describe('money that comes into the system by two operators', () => {
  const [one, two] = ['treasury', 'treasury-2'];
  let external: string;
  beforeEach(async () => {
    const { rows } = await world.pool.query<{ account_id: string }>(
      `INSERT INTO account (account_id, owner_id, kind, currency, floor_minor, opened_at)
       VALUES ($1, $2, 'external', 'EUR', NULL, now())
       ON CONFLICT (owner_id, currency) WHERE kind = 'external' DO UPDATE SET owner_id = excluded.owner_id
       RETURNING account_id`,
      [newId('acc'), one],
    );
    external = rows[0]!.account_id;
    rules.fundByTwo = true;
  });
  afterEach(() => {
    rules.fundByTwo = false;
  });

  const by = (client: string, scope: string): { token: string } => ({
    token: world.token({ sub: client, client_id: client, scope }),
  });
  const funding = (): Record<string, unknown> => ({
    debitAccountId: external,
    creditAccountId: anns.accountId,
    amountMinor: 700,
    currency: 'EUR',
  });
  const propose = async (client = one): Promise<string> => {
    const answer = await byAnn(transferPropose, { body: funding(), ...by(client!, 'transfers:propose') });
    expect(answer).toMatchObject({ status: 201, body: { proposedBy: client } });
    return answer.body['proposalId'] as string;
  };
  const approve = (proposalId: string, client: string): Promise<Answer> =>
    byAnn(transferApprove, { params: { proposalId }, ...by(client, 'transfers:approve') });
  const balance = async (): Promise<bigint> => (await world.balanceOf(anns)).posted;

  test('does not come by a transfer of one', async () => {
    const answer = await byAnn(transferPost, { body: funding(), ...by(one!, 'transfers:write') });
    expect(outcomeOf(answer)).toEqual([403, 'ledger.second_operator_needed']);
    expect(await balance()).toBe(500n);
  });

  test('tells a stranger nothing of the account: it is answered like one that does not exist', async () => {
    const answers = await Promise.all(
      [external, newId('acc')].map((debitAccountId) =>
        byAnn(transferPost, { body: { ...funding(), debitAccountId } }),
      ),
    );
    expect(answers.map(outcomeOf)).toEqual([
      [404, 'ledger.account_not_found'],
      [404, 'ledger.account_not_found'],
    ]);
  });

  test('comes once if one proposes it and another approves it', async () => {
    const proposalId = await propose();
    expect(await balance()).toBe(500n);
    const answers = await Promise.all([approve(proposalId, two!), approve(proposalId, two!)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 404]);
    expect(await balance()).toBe(1_200n);
    expect(await approve(proposalId, two!)).toMatchObject({ status: 404 });
  });

  test('is not approved by who proposed it', async () => {
    const proposalId = await propose();
    expect(outcomeOf(await approve(proposalId, one!))).toEqual([403, 'ledger.second_operator_needed']);
    expect(await balance()).toBe(500n);
  });

  test('is not proposed by another client than the owner of the external account', async () => {
    const proposalId = await propose('treasury-3');
    expect(await approve(proposalId, two!)).toMatchObject({ status: 404 });
    expect(await balance()).toBe(500n);
  });

  test('is not approved after a day', async () => {
    const proposalId = await propose();
    await world.pool.query('UPDATE transfer_proposal SET expires_at = now() WHERE proposal_id = $1', [
      proposalId,
    ]);
    expect(await approve(proposalId, two!)).toMatchObject({ status: 404 });
  });
});
