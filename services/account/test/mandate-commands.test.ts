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

/** A command for the mandate of a card, with the order of the card that its holder signed. */
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
  test('is granted by the order of the card that the owner of the account signed', async () => {
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
  });

  test('is granted once, if the command comes twice', async () => {
    const command = await grant();
    expect((await world.run(command, command)).sent).toHaveLength(1);
    expect((await world.run(command)).sent).toEqual([]);
    expect(await mandates()).toHaveLength(1);
  });

  test.each<[ErrorCode, string, () => ReturnType<typeof grant>]>([
    ['evidence.not_owner', "the account is another's", () => grant({}, { subject: newId('usr') })],
    [
      'evidence.mismatch',
      'the limits are not those that were signed',
      () => grant({ limits: { ...limits, perDayMinor: 201n } }),
    ],
    ['evidence.mismatch', 'the account is not the one signed for', () => grant({ accountId: newId('acc') })],
    [
      'evidence.mismatch',
      'a producer would get it by the order of a card',
      () => grant({ grantee: { kind: 'producer', id: 'acme' } }),
    ],
    [
      'evidence.invalid',
      'the request was no order of a card',
      () => grant({}, { operation: operations.mandateCreate }),
    ],
    [
      'evidence.expired',
      'the owner signed it long ago',
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
  });

  test('is refused with evidence.used if the same order brought a mandate before', async () => {
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

  test('stays in force if another is refused under an id that is taken', async () => {
    const grantee = { kind: 'card', id: newId('crd') } as const;
    const [own, others] = [await grant({ grantee }), await grant()];
    await world.run(own, others);
    await world.run(await grant({ grantee, mandateId: (others.data as Grant).mandateId }));
    const inForce = expect.objectContaining({ granteeId: grantee.id, status: 'active' });
    expect(await mandates()).toContainEqual(inForce);
  });

  test('takes the place of the one that the card had on the account', async () => {
    const grantee = { kind: 'card', id: newId('crd') } as const;
    await world.run(await grant({ grantee }));
    await world.run(await grant({ grantee }));
    expect(await mandates()).toMatchObject([{ status: 'withdrawn' }, { status: 'active' }]);
  });
});
