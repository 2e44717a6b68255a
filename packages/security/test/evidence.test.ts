import { describe, expect, test } from '@jest/globals';
import { DECISIONS_AUDIENCE, messages, type Evidence, type RequestEvidence } from '@tallystick/contracts';

import { acme, card, refusedAs, request, verify } from './evidence-world.ts';
import { hourS, nowS, signingKey } from './trust.ts';
import { accountId, command, order, payeeAccountId, paymentId, sealed } from './vectors/messages.ts';

describe('an order: the envelope of a third party', () => {
  const asOrder = (envelope: string): Evidence => ({ kind: 'order', envelope });

  test('verifies with its producer and the end of its usability', async () => {
    expect(await verify(asOrder(await sealed(acme)))).toMatchObject({
      kind: 'order',
      producerId: 'acme',
      use: { iss: 'acme', jti: command.jti, usableUntilS: command.exp + 30 },
      message: { data: { paymentId, amountMinor: 1250n } },
    });
  });

  test('requires the topic of orders, including the prefix', async () => {
    const prefixed = await sealed(acme, { ...command, aud: `t1.${command.aud}` });
    expect(await verify(asOrder(prefixed), { topicPrefix: 't1.' })).toMatchObject({ kind: 'order' });
    await expect(verify(asOrder(prefixed))).rejects.toEqual(
      refusedAs('evidence.invalid', 'envelope.audience_mismatch'),
    );
  });

  test('has a separate error code if it has expired', async () => {
    const old = await sealed(acme, { ...command, iat: nowS - 2 * hourS, exp: nowS - hourS });
    await expect(verify(asOrder(old))).rejects.toEqual(refusedAs('evidence.expired'));
  });

  test.each([
    ['is signed by a stranger', 'stranger', {}, 'envelope.key_unknown'],
    [
      'is about another payment than its subject',
      'acme',
      { sub: payeeAccountId },
      'envelope.subject_mismatch',
    ],
    [
      'has a type that the producer may not send',
      'acme',
      { type: 'payment.refund' },
      'envelope.not_permitted',
    ],
    ['has another issuer', 'acme', { iss: 'globex' }, 'envelope.issuer_mismatch'],
  ])('is invalid if it %s', async (_name, signer, changes, detail) => {
    const envelope = await sealed(await signingKey(signer), { ...command, ...changes });
    await expect(verify(asOrder(envelope))).rejects.toEqual(refusedAs('evidence.invalid', detail));
  });

  test.each(['', 'noise', 'a.b.c'])('is invalid if it is not an envelope: %j', async (envelope) => {
    await expect(verify(asOrder(envelope))).rejects.toEqual(refusedAs('evidence.invalid'));
  });
});

describe('a decision: the signed approval of the card service', () => {
  const authorizationId = 'aut_01890a5d-ac96-774b-bcce-000000000020';
  const cardId = 'crd_01890a5d-ac96-774b-bcce-000000000021';
  const { source: _source, endToEndId: _endToEndId, ...common } = order;
  const decision = {
    ...command,
    iss: 'card',
    aud: DECISIONS_AUDIENCE,
    sub: authorizationId,
    type: messages.cardDecision.type,
    data: {
      ...common,
      authorizationId,
      cardId,
      debitAccountId: accountId,
      capture: 'automatic',
      capturedBy: 'payee',
    },
  };
  const asDecision = async (envelope: string, changes: Partial<RequestEvidence> = {}): Promise<Evidence> => ({
    kind: 'decision',
    envelope,
    request: { ...(await request()), ...changes },
  });

  test('is invalid if the request of the holder is', async () => {
    const envelope = await sealed(card, decision);
    await expect(verify(await asDecision(envelope, { body: '{}' }))).rejects.toEqual(
      refusedAs('evidence.invalid'),
    );
  });

  test('verifies with the certificate of the card service, together with the request of the holder', async () => {
    expect(await verify(await asDecision(await sealed(card, decision)))).toMatchObject({
      kind: 'decision',
      request: { kind: 'request', subject: 'usr_1', signedAtS: nowS },
      use: { iss: 'card', jti: command.jti },
      message: { definition: messages.cardDecision, data: { cardId, amountMinor: 1250n } },
    });
  });

  test('is invalid if its producer lacks the permission', async () => {
    const forged = await sealed(acme, { ...decision, iss: 'acme' });
    await expect(verify(await asDecision(forged))).rejects.toEqual(
      refusedAs('evidence.invalid', 'envelope.not_permitted'),
    );
  });

  test('is invalid as an order, and an order as a decision', async () => {
    const made = await sealed(card, decision);
    await expect(verify({ kind: 'order', envelope: made })).rejects.toEqual(refusedAs('evidence.invalid'));
    await expect(verify(await asDecision(await sealed(acme)))).rejects.toEqual(refusedAs('evidence.invalid'));
  });
});
