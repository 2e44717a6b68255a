import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  API_AUDIENCE,
  DECISIONS_AUDIENCE,
  messages,
  operations,
  type Evidence,
  type RequestEvidence,
} from '@tallystick/contracts';

import {
  ACCESS_TOKEN_TYPE,
  makeProof,
  verifyEvidence,
  type EvidenceContext,
  type Keyring,
  type SigningKey,
} from '../src/index.ts';
import { rawJws } from './raw-jws.ts';
import { hourS, keyringOf, nowMs, nowS, signingKey, testRegistrar } from './trust.ts';
import {
  accountId,
  command,
  handledOrder,
  order,
  payeeAccountId,
  paymentId,
  sealed,
} from './vectors/messages.ts';

const issuer = 'https://auth.example';
const payUrl = 'https://pay.example';

let acme: SigningKey;
let card: SigningKey;
let tokenKey: SigningKey;
let wallet: SigningKey;
let keyring: Keyring;
beforeAll(async () => {
  [acme, card, tokenKey] = await Promise.all([signingKey('acme'), signingKey('card'), signingKey('token')]);
  wallet = await signingKey('wallet', 'P-256');
  const registrar = await testRegistrar();
  const certificates = await Promise.all([
    registrar.certify(acme.publicJwk),
    registrar.certify(card.publicJwk, {
      sub: 'card',
      permissions: [{ topic: DECISIONS_AUDIENCE, types: [messages.cardDecision.type] }],
    }),
    registrar.certify(tokenKey.publicJwk, {
      sub: 'auth',
      permissions: [{ topic: API_AUDIENCE, types: [ACCESS_TOKEN_TYPE] }],
    }),
  ]);
  ({ keyring } = await keyringOf(registrar, [
    registrar.certificate,
    ...certificates,
    await registrar.snapshot(1, certificates),
  ]));
});

const verify = (evidence: Evidence, changes: Partial<EvidenceContext> = {}) =>
  verifyEvidence(evidence, {
    keyring,
    nowMs,
    topicPrefix: '',
    issuer,
    publicUrls: { payment: payUrl },
    ...changes,
  });

const refusedAs = (code: string, detail?: string) =>
  expect.objectContaining({
    code,
    ...(detail === undefined ? {} : { detail: expect.stringContaining(detail) }),
  });

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

const { paymentId: _paymentId, ...asked } = order;
const body = JSON.stringify(asked);
const operation = operations.createPayment;
const tokenClaims = {
  iss: issuer,
  sub: 'usr_1',
  aud: API_AUDIENCE,
  client_id: 'wallet',
  iat: nowS - 10,
  exp: nowS + 590,
  jti: 't1',
  scope: 'payments:write',
};
const token = (changes: object = {}, key = tokenKey): Promise<string> =>
  rawJws(
    { alg: key.alg, typ: 'at+jwt', kid: key.kid },
    { ...tokenClaims, cnf: { jkt: wallet.kid }, ...changes },
    key,
  );
const url = payUrl + operation.versions[1]!.path;
const proofRequest = { method: 'POST', url, body, nowMs };

/**
 * Builds a valid request except for the given changes. The proof matches the sent request unless it is changed too.
 */
async function request({
  tokenChanges = {},
  proved = {},
  signer = wallet,
  ...sent
}: {
  tokenChanges?: object;
  proved?: object;
  signer?: SigningKey;
} & Partial<RequestEvidence> = {}): Promise<RequestEvidence> {
  const accessToken = sent.accessToken ?? (await token(tokenChanges));
  const proof = await makeProof(signer, { ...proofRequest, accessToken, ...proved });
  return { kind: 'request', operation: operation.id, accessToken, proof, body, ...sent };
}

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

describe('a request: token, proof and body', () => {
  const { paymentId: _handledId, ...ordered } = handledOrder;
  const handled = { ...ordered, capturedBy: 'payee' };

  test('of an earlier version is lifted to the newest, and one of the newest is unchanged', async () => {
    expect(await verify(await request())).toMatchObject({ body: handled });
    const newest = JSON.stringify({ ...handled, amountMinor: 1250 });
    const asked2 = await request({ body: newest, proved: { url: payUrl + operation.path, body: newest } });
    expect(await verify(asked2)).toMatchObject({ body: handled });
  });

  test('is bound to its version by the path in the proof', async () => {
    const elsewhere = await request({ proved: { url: payUrl + operation.path } });
    await expect(verify(elsewhere)).rejects.toEqual(refusedAs('evidence.invalid'));
  });

  test.each([
    ['a query and a fragment', `${url}?a=1#top`],
    ['an upper-case scheme and host', url.replace('https://pay.example', 'HTTPS://PAY.Example')],
    ['a default port', url.replace(payUrl, `${payUrl}:443`)],
    ['dot segments', url.replace('/v1/', '/v9/../v1/./')],
    ['encoded unreserved characters', url.replace('payments', 'p%61yments')],
  ])('verifies as at the edge with an htu that has %s (RFC 9449 §4.3)', async (_name, htu) => {
    expect(await verify(await request({ proved: { url: htu } }))).toMatchObject({ operation, params: {} });
  });

  test('contains the decoded parameters of its path', async () => {
    const paid = { body: '{"amountMinor":5}', operation: operations.refundPayment.id };
    const htu = `${payUrl}/v1/payments/${paymentId.replace('_', '%5F')}/refunds`;
    const refund = await request({ ...paid, proved: { url: htu, body: paid.body } });
    expect(await verify(refund)).toMatchObject({ params: { paymentId } });
  });

  test('verifies with its subject, its content and the end of its usability', async () => {
    expect(await verify(await request())).toEqual({
      kind: 'request',
      subject: 'usr_1',
      operation,
      params: {},
      body: handled,
      use: { iss: wallet.kid, jti: expect.any(String), usableUntilS: nowS + hourS + 30 },
      signedAtS: nowS,
    });
  });

  test('contains the payment in its path', async () => {
    const refund = await request({
      operation: operations.refundPayment.id,
      body: '{"amountMinor":5}',
      proved: { url: `${payUrl}/v1/payments/${paymentId}/refunds`, body: '{"amountMinor":5}' },
    });
    expect(await verify(refund)).toMatchObject({ params: { paymentId }, body: { amountMinor: 5n } });
  });

  test('may be carried out after its token has expired, within its own maximum age', async () => {
    const later = nowMs + 50 * 60_000;
    expect(await verify(await request(), { nowMs: later })).toMatchObject({ kind: 'request' });
    await expect(verify(await request(), { nowMs: nowMs + 3_601_000 })).rejects.toEqual(
      refusedAs('evidence.expired'),
    );
    await expect(verify(await request(), { nowMs: later, requestAgeMaxS: 60 })).rejects.toEqual(
      refusedAs('evidence.expired'),
    );
  });

  test.each([
    ['an operation that gives no authority', { operation: operations.getPayment.id }],
    ['an undefined operation', { operation: 'payment.invented' }],
    [
      'a proof for another operation’s path',
      { proved: { url: `${payUrl}/v1/payments/${paymentId}/refunds` } },
    ],
    ['a proof for another host', { proved: { url: `https://evil.example${operation.path}` } }],
    ['a host that only starts like ours', { proved: { url: `${payUrl}.evil.example${operation.path}` } }],
    ['user information in htu', { proved: { url: url.replace('pay.example', 'me@pay.example') } }],
    ['a path that leaves the operation', { proved: { url: `${payUrl}/v1/payments/../accounts` } }],
    ['a proof for another method', { proved: { method: 'GET' } }],
    ['a proof over another body', { proved: { body: '{}' } }],
    ['a proof without a digest', { proved: { body: undefined } }],
    ['a proof for another token', { proved: { accessToken: 'another.access.token' } }],
    ['a proof from the future', { proved: { nowMs: nowMs + 60_000 } }],
    ['a token of another server', { tokenChanges: { iss: 'https://evil.example' } }],
    ['a token for another audience', { tokenChanges: { aud: 'urn:other' } }],
    ['a token that had expired when the request was made', { tokenChanges: { exp: nowS - 1 } }],
    ['a bearer token, bound to no key', { tokenChanges: { cnf: undefined } }],
    ['a token bound to another key', { tokenChanges: { cnf: { jkt: 'x'.repeat(43) } } }],
    ['a token without the scope', { tokenChanges: { scope: 'payments:read' } }],
    ['a body that is not JSON', { body: 'amount=1', proved: { body: 'amount=1' } }],
    ['a body that does not fit the operation', { body: '{}', proved: { body: '{}' } }],
    ['a proof that is noise', { proof: 'noise' }],
    ['a token that is noise', { accessToken: 'noise' }],
  ])('is invalid with %s', async (_name, changes) => {
    await expect(verify(await request(changes as never))).rejects.toEqual(refusedAs('evidence.invalid'));
  });

  test('is invalid with a token that auth did not sign', async () => {
    const forged = await token({}, acme);
    await expect(verify(await request({ accessToken: forged }))).rejects.toEqual(
      refusedAs('evidence.invalid'),
    );
  });

  test('is invalid with a revoked token, even if it was signed before', async () => {
    const signed = await request({ tokenChanges: { sub: 'usr_revoked' } });
    expect(await verify(signed)).toMatchObject({ subject: 'usr_revoked' });
    keyring.revocations.add({ kind: 'customer', id: 'usr_revoked', iat: nowS, exp: nowS + hourS });
    await expect(verify(signed)).rejects.toEqual(refusedAs('evidence.invalid', 'revoked'));
  });

  test('is invalid with a stolen token and the key of the thief', async () => {
    const thief = await signingKey('thief', 'P-256');
    await expect(verify(await request({ signer: thief }))).rejects.toEqual(refusedAs('evidence.invalid'));
  });

  test('is invalid for a service whose URL is not configured', async () => {
    await expect(verify(await request(), { publicUrls: {} })).rejects.toEqual(refusedAs('evidence.invalid'));
  });

  test('reveals nothing of token, proof or body in a refusal', async () => {
    const made = await request({ tokenChanges: { scope: '' } });
    const error = await verify(made).catch((fault: unknown) => fault);
    const printed = JSON.stringify({ message: String(error), error });
    for (const secret of [made.accessToken, made.proof, made.body]) expect(printed).not.toContain(secret);
  });
});
