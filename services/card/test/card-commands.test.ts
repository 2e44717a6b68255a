import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  holdIdOf,
  messages,
  newId,
  operations,
  periodsOf,
  responseCodeOf,
  type RequestEvidence,
} from '@tallystick/contracts';
import { requestEvidence } from '@tallystick/http/testing';
import { deliver, received, type Delivered } from '@tallystick/messaging/testing';
import { open, type OpenedMessage } from '@tallystick/security';

import { MISSES_PER_DAY_MAX } from '../src/domain/misses.ts';
import {
  decisionTopic,
  startCardWorld,
  type AuthorizeCommand,
  type CardWorld,
  type IssuedCard,
} from './card-world.ts';

const { cardAuthorize, cardTokenize } = messages;

let world: CardWorld;
let card: IssuedCard;
beforeAll(async () => {
  world = await startCardWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  card = await world.issue();
});

const carryOut = (...commands: OpenedMessage[]): Promise<Delivered> =>
  deliver(world.pool, world.commands(), commands);
const carryOutLate = (...commands: OpenedMessage[]): Promise<Delivered> =>
  deliver(world.pool, world.commands(), commands, { expired: true });

const dataOf = ({ data }: OpenedMessage): AuthorizeCommand => data as AuthorizeCommand;

/** Builds the answer to a declined request. */
const declinedFor = (command: OpenedMessage, code: string) => {
  const { evidence: _evidence, ...request } = dataOf(command);
  const data = { ...request, code, responseCode: responseCodeOf(code) };
  return { type: 'card.authorization.declined', data, cause: command.claims.jti };
};

describe('a payment by card', () => {
  test('is approved with a hold request that contains the signed decision', async () => {
    const command = received(cardAuthorize, await world.authorize(card));
    const { sent, refused } = await carryOut(command);
    const { evidence: signed, ...request } = dataOf(command);
    const { payeeAccountId, amountMinor, currency, paymentId, authorizationId } = request;
    expect(refused.size).toBe(0);
    expect(sent).toEqual([
      {
        type: 'account.hold.place',
        cause: command.claims.jti,
        data: {
          holdId: holdIdOf(paymentId),
          debitAccountId: card.accountId,
          creditAccountId: payeeAccountId,
          amountMinor,
          currency,
          paymentId,
          authorizationId,
          expiresAt: expect.any(String),
          evidence: { kind: 'decision', envelope: expect.any(String), request: signed },
        },
      },
    ]);
    const { envelope } = sent[0]!.data['evidence'] as { envelope: string };
    const decision = await open(
      { topic: decisionTopic, key: undefined, value: Buffer.from(envelope) },
      { keyring: world.keyring, nowMs: Date.now() },
    );
    expect(decision).toMatchObject({
      ok: true,
      message: {
        data: {
          ...request,
          debitAccountId: card.accountId,
          capture: 'automatic',
          capturedBy: 'payee',
        },
        claims: { iss: 'card' },
      },
    });
  });

  test('is stored as requested, and counts against the limits of the day and the month', async () => {
    const command = received(cardAuthorize, await world.authorize(card));
    const atMs = Date.now();
    await deliver(
      world.pool,
      world.commands(() => atMs),
      [command],
    );
    const { authorizationId } = dataOf(command);
    expect(await world.authorizationsOf(card)).toMatchObject([
      { authorizationId, status: 'requested', code: undefined, debitAccountId: card.accountId },
    ]);
    const { day, month } = periodsOf(atMs);
    expect(await world.spentBy(card)).toEqual({ [day]: 100n, [month]: 100n });
  });

  test('has no effect if it is repeated in the same batch or later', async () => {
    const command = received(cardAuthorize, await world.authorize(card));
    expect((await carryOut(command, command)).sent).toHaveLength(1);
    expect((await carryOut(command)).sent).toEqual([]);
    expect(Object.values(await world.spentBy(card))).toEqual([100n, 100n]);
  });

  test('gets its outcome again under another message id', async () => {
    const data = await world.authorize(card);
    const first = received(cardAuthorize, data);
    await carryOut(first);
    expect((await carryOut(received(cardAuthorize, data))).sent).toEqual([]);
    const hold = {
      holdId: holdIdOf(data.paymentId),
      debitAccountId: card.accountId,
      creditAccountId: data.payeeAccountId,
      amountMinor: data.amountMinor,
      currency: 'EUR' as const,
      paymentId: data.paymentId,
      authorizationId: data.authorizationId,
      expiresAt: new Date().toISOString(),
    };
    await deliver(world.pool, world.events, [received(messages.holdPlaced, hold)]);
    expect((await carryOut(first)).sent).toEqual([]);
    const asked = received(cardAuthorize, data);
    expect((await carryOut(asked)).sent).toMatchObject([
      { type: 'card.authorization.approved', cause: asked.claims.jti },
    ]);
    expect(await world.authorizationsOf(card)).toHaveLength(1);
  });
});

describe('a declined payment by card', () => {
  const signedFor = (body: object, operation = operations.transferPost): Promise<RequestEvidence> =>
    requestEvidence(world, operation, { subject: card.ownerId, body });

  test.each<[string, () => ReturnType<CardWorld['authorize']>]>([
    ['card.not_found', () => world.authorize(card, { signed: { subject: newId('usr') } })],
    ['evidence.mismatch', () => world.authorize(card, { request: { paymentId: newId('pay') } })],
    ['evidence.mismatch', () => world.authorize(card, { signed: { amountMinor: 99n } })],
    ['evidence.mismatch', () => world.authorize(card, { signed: { payeeAccountId: newId('acc') } })],
    ['evidence.expired', () => world.authorize(card, { signed: { nowMs: Date.now() - 2 * 3_600_000 } })],
    [
      'evidence.invalid',
      async () => {
        const command = await world.authorize(card);
        return { ...command, evidence: { ...command.evidence, body: `${command.evidence.body} ` } };
      },
    ],
    [
      'evidence.kind_refused',
      async () => {
        const [debitAccountId, creditAccountId] = [newId('acc'), newId('acc')];
        const body = { debitAccountId, creditAccountId, amountMinor: 100, currency: 'EUR' };
        return world.authorize(card, { evidence: await signedFor(body) });
      },
    ],
    ['card.limit_exceeded', () => world.authorize(card, { request: { amountMinor: 1_001n } })],
    ['card.currency_mismatch', () => world.authorize(card, { request: { currency: 'USD' } })],
  ])('spends nothing and is answered with %s', async (code, commandOf) => {
    const command = received(cardAuthorize, await commandOf());
    const { sent, refused } = await carryOut(command);
    expect(sent).toEqual([declinedFor(command, code)]);
    expect(refused).toEqual(new Map([[command.claims.jti, code]]));
    expect(await world.authorizationsOf(card)).toMatchObject([{ status: 'declined', code }]);
    expect(await world.spentBy(card)).toEqual({});
  });

  test('is not stored if its id does not follow from its payment', async () => {
    const request = { authorizationId: newId('aut') };
    const foreign = received(cardAuthorize, await world.authorize(card, { request }));
    expect((await carryOut(foreign)).sent).toEqual([declinedFor(foreign, 'evidence.mismatch')]);
    expect(await world.authorizationsOf(card)).toEqual([]);
  });

  test('under an id of its own does not take the place of the payment’s authorization', async () => {
    const own = await world.authorize(card);
    const foreign = received(cardAuthorize, {
      ...own,
      authorizationId: newId('aut'),
      evidence: { ...own.evidence, body: `${own.evidence.body} ` },
    });
    await carryOut(foreign);
    const { sent } = await carryOut(received(cardAuthorize, own));
    expect(sent.map(({ type }) => type)).toEqual(['account.hold.place']);
  });

  test('is answered with card.not_active before the mandate is granted', async () => {
    const issued = await world.issue({ isActive: false });
    const command = received(cardAuthorize, await world.authorize(issued));
    expect((await carryOut(command)).sent).toEqual([declinedFor(command, 'card.not_active')]);
  });

  test('is answered with card.expired after the last month of the card', async () => {
    const command = received(cardAuthorize, await world.authorize(card));
    const inFourYears = (): number => Date.now() + 4 * 365 * 86_400_000;
    const { sent } = await deliver(world.pool, world.commands(inFourYears), [command]);
    expect(sent).toEqual([declinedFor(command, 'card.expired')]);
  });

  test('is answered with card.not_found and not stored if the card is unknown', async () => {
    const unknown = { ...card, cardId: newId('crd') };
    const command = received(cardAuthorize, await world.authorize(unknown));
    expect((await carryOut(command)).sent).toEqual([declinedFor(command, 'card.not_found')]);
    expect(await world.authorizationsOf(unknown)).toEqual([]);
  });

  test('is answered with card.limit_exceeded if earlier requests in the batch reach the limit', async () => {
    const commands = await Promise.all(
      [600n, 500n, 400n].map(async (amountMinor) =>
        received(cardAuthorize, await world.authorize(card, { request: { amountMinor } })),
      ),
    );
    const { sent, refused } = await carryOut(...commands);
    expect(sent.filter(({ type }) => type === 'account.hold.place').map(({ cause }) => cause)).toEqual([
      commands[0]!.claims.jti,
      commands[2]!.claims.jti,
    ]);
    expect(refused).toEqual(new Map([[commands[1]!.claims.jti, 'card.limit_exceeded']]));
    expect(Object.values(await world.spentBy(card))).toEqual([1_000n, 1_000n]);
  });

  test('is answered with envelope.expired if it arrives late, unless an earlier copy was accepted', async () => {
    const [late, taken] = [
      received(cardAuthorize, await world.authorize(card)),
      received(cardAuthorize, await world.authorize(card)),
    ];
    await carryOut(taken);
    expect((await carryOutLate(late, taken)).sent).toEqual([declinedFor(late, 'envelope.expired')]);
    expect(await world.authorizationsOf(card)).toHaveLength(1);
  });
});

describe('a card number', () => {
  const tokenize = (number: string, iss = 'acme'): OpenedMessage =>
    received(cardTokenize, { tokenizationId: newId('tok'), number }, { iss });
  const tokenizationIdOf = ({ data }: OpenedMessage): string =>
    (data as { tokenizationId: string }).tokenizationId;

  test('is exchanged for a token, which shows neither the number nor the id of the card', async () => {
    const command = tokenize(card.number);
    const { sent } = await carryOut(command);
    expect(sent).toEqual([
      {
        type: 'card.tokenized',
        data: {
          tokenizationId: tokenizationIdOf(command),
          cardToken: expect.stringMatching(/^ctk_/),
          last4: card.number.slice(-4),
        },
        cause: command.claims.jti,
      },
    ]);
    expect(JSON.stringify(sent)).not.toContain(card.number);
    expect(JSON.stringify(sent)).not.toContain(card.cardId.slice(4));
  });

  test('has one token for each producer, always the same and different from that of another producer', async () => {
    const tokensFor = async (...commands: OpenedMessage[]): Promise<unknown[]> =>
      (await carryOut(...commands)).sent.map(({ data }) => data['cardToken']);
    const other = await world.issue();
    const [first, same, another] = await tokensFor(
      tokenize(card.number),
      tokenize(card.number),
      tokenize(other.number),
    );
    const [later, ofBystander] = await tokensFor(tokenize(card.number), tokenize(card.number, 'bystander'));
    expect([same, later]).toEqual([first, first]);
    expect(new Set([first, another, ofBystander]).size).toBe(3);
  });

  test('is exchanged once if the message is repeated', async () => {
    const command = tokenize(card.number);
    expect((await carryOut(command, command)).sent).toHaveLength(1);
    expect((await carryOut(command)).sent).toEqual([]);
  });

  test.each([
    ['an unknown number', '4111111111111111', 'card.not_found'],
    ['a wrong check digit', '4111111111111112', 'card.not_found'],
  ])('is refused: %s', async (_name, number, code) => {
    const command = tokenize(number);
    const { sent, refused } = await carryOut(command);
    const data = { tokenizationId: tokenizationIdOf(command), code };
    expect(sent).toEqual([{ type: 'card.tokenize_rejected', data, cause: command.claims.jti }]);
    expect(refused.get(command.claims.jti)).toBe(code);
  });

  test('cannot be searched for: after too many misses a producer gets no other answer on that day', async () => {
    const ask = (iss: string, number: string): OpenedMessage => tokenize(number, iss);
    const codesOf = async (...commands: OpenedMessage[]): Promise<(string | undefined)[]> => {
      const { refused } = await carryOut(...commands);
      return commands.map(({ claims }) => refused.get(claims.jti));
    };
    const guesses = (count: number): OpenedMessage[] =>
      Array.from({ length: count }, (_, at) => ask('guesser', String(4_000_000_000_000_000 + at)));
    await codesOf(...guesses(MISSES_PER_DAY_MAX - 1));
    // The last miss and the first refusal fall into one batch.
    expect(await codesOf(ask('guesser', card.number), ...guesses(2), ask('guesser', card.number))).toEqual([
      undefined,
      'card.not_found',
      'card.misses_exceeded',
      'card.misses_exceeded',
    ]);
    expect(await codesOf(ask('acme', card.number))).toEqual([undefined]);

    await world.pool.query("UPDATE tokenize_miss SET day = '2026-01-01' WHERE producer_id = 'guesser'");
    expect(await codesOf(ask('guesser', card.number))).toEqual([undefined]);
  });

  test('is refused in an expired request, even if a card has it', async () => {
    const { sent } = await carryOutLate(tokenize(card.number));
    expect(sent).toMatchObject([{ type: 'card.tokenize_rejected', data: { code: 'envelope.expired' } }]);
  });
});
