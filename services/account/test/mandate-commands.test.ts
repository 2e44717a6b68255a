import { entryIn, listEntries } from '@tallystick/audit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  messages,
  newId,
  operations,
  type DataOf,
  type ErrorCode,
  type OperationDefinition,
} from '@tallystick/contracts';
import { requestEvidence } from '@tallystick/http/testing';
import { received } from '@tallystick/messaging/testing';

import { refusedWith, startAccountWorld, type AccountWorld, type OwnedAccount } from './account-world.ts';

type Grant = DataOf<typeof messages.mandateGrant>;

let world: AccountWorld;
let account: OwnedAccount;
beforeAll(async () => {
  world = await startAccountWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  account = await world.open();
});

const wireLimits = { perPaymentMinor: 100, perDayMinor: 200, perMonthMinor: 300 };
const limits = { perPaymentMinor: 100n, perDayMinor: 200n, perMonthMinor: 300n };

/** Builds a command for the mandate of a card, with the card order that its holder signed. */
async function grant(
  changes: Partial<Grant> = {},
  signed: { subject?: string; operation?: OperationDefinition; body?: object; nowMs?: number } = {},
) {
  const { accountId, ownerId } = account;
  const { subject = ownerId, operation = operations.cardIssue, body = {}, nowMs = Date.now() } = signed;
  const order = { accountId, currency: 'EUR', limits: wireLimits, ...body };
  return received(messages.mandateGrant, {
    mandateId: newId('mdt'),
    accountId,
    grantee: { kind: 'card', id: newId('crd') },
    currency: 'EUR',
    limits,
    evidence: await requestEvidence(world, operation, { subject, body: order, nowMs }),
    ...changes,
  });
}

const newestAudit = async (): Promise<unknown> => {
  const [entry] = await listEntries(world.pool, {}, { before: undefined, limit: 1 });
  return entryIn(entry!.content);
};

const mandates = async (): Promise<object[]> =>
  (
    await world.pool.query<Record<string, unknown>>(
      `SELECT mandate_id AS "mandateId", owner_id AS "ownerId", grantee_id AS "granteeId", status,
              per_day_minor AS "perDayMinor"
       FROM mandate WHERE account_id = $1 ORDER BY mandate_id`,
      [account.accountId],
    )
  ).rows;

describe('the mandate of a card', () => {
  test('is granted by the card order that the account owner signed', async () => {
    const command = await grant();
    const { evidence: _evidence, ...granted } = command.data as Grant;
    const { sent, refused } = await world.run(command);
    expect(refused.size).toBe(0);
    expect(sent).toEqual([{ type: 'account.mandate.granted', data: granted, cause: command.claims.jti }]);
    expect(await mandates()).toEqual([
      {
        mandateId: granted.mandateId,
        ownerId: account.ownerId,
        granteeId: granted.grantee.id,
        status: 'active',
        perDayMinor: 200n,
      },
    ]);
    expect(await newestAudit()).toMatchObject({ actor: account.ownerId, outcome: 'done' });
  });

  test('is granted once for a repeated command', async () => {
    const command = await grant();
    expect((await world.run(command, command)).sent).toHaveLength(1);
    expect((await world.run(command)).sent).toEqual([]);
    expect(await mandates()).toHaveLength(1);
  });

  test.each<[ErrorCode, string, () => ReturnType<typeof grant>]>([
    [
      'ledger.account_not_found',
      'another customer owns the account',
      () => grant({}, { subject: newId('usr') }),
    ],
    [
      'evidence.mismatch',
      'the limits differ from the signed ones',
      () => grant({ limits: { ...limits, perDayMinor: 201n } }),
    ],
    [
      'evidence.mismatch',
      'the account differs from the signed one',
      () => grant({ accountId: newId('acc') }),
    ],
    [
      'evidence.mismatch',
      'a card order names a third party as grantee',
      () => grant({ grantee: { kind: 'producer', id: 'acme' } }),
    ],
    [
      'evidence.invalid',
      'the request is not a card order',
      () => grant({}, { operation: operations.mandateCreate }),
    ],
    [
      'evidence.expired',
      'the signed request has expired',
      () => grant({}, { nowMs: Date.now() - 2 * 3_600_000 }),
    ],
    [
      'ledger.currency_mismatch',
      'the account has another currency',
      () => grant({ currency: 'USD' }, { body: { currency: 'USD' } }),
    ],
  ])('is refused with %s if %s', async (code, _reason, commandOf) => {
    const command = await commandOf();
    const { sent, refused } = await world.run(command);
    expect(sent).toEqual([
      refusedWith('account.mandate.rejected', command, ['mandateId', 'accountId', 'grantee'], code),
    ]);
    expect(refused).toEqual(new Map([[command.claims.jti, code]]));
    expect(await mandates()).toEqual([]);
    expect(await newestAudit()).toMatchObject({
      action: 'account.mandate.grant',
      object: (command.data as Grant).mandateId,
      outcome: code,
    });
  });

  test('is refused with evidence.used if the same order granted a mandate before', async () => {
    const first = await grant();
    await world.run(first);
    const { evidence } = first.data as Grant;
    const second = await grant({ evidence });
    expect((await world.run(second)).refused.get(second.claims.jti)).toBe('evidence.used');
    expect(await mandates()).toHaveLength(1);
  });

  test('is refused with mandate.exists under an id that is taken', async () => {
    const first = await grant();
    await world.run(first);
    const second = await grant({ mandateId: (first.data as Grant).mandateId });
    expect((await world.run(second)).refused.get(second.claims.jti)).toBe('mandate.exists');
    expect(await mandates()).toHaveLength(1);
  });

  test('stays active if another one is refused for its taken id', async () => {
    const grantee = { kind: 'card', id: newId('crd') } as const;
    const [own, others] = [await grant({ grantee }), await grant()];
    await world.run(own, others);
    await world.run(await grant({ grantee, mandateId: (others.data as Grant).mandateId }));
    const inForce = expect.objectContaining({ granteeId: grantee.id, status: 'active' });
    expect(await mandates()).toContainEqual(inForce);
  });

  test('replaces the previous mandate of the card on the account', async () => {
    const grantee = { kind: 'card', id: newId('crd') } as const;
    await world.run(await grant({ grantee }));
    await world.run(await grant({ grantee }));
    expect(await mandates()).toMatchObject([{ status: 'withdrawn' }, { status: 'active' }]);
  });
});
