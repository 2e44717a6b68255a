import { describe, expect, test } from '@jest/globals';
import { operations } from '@tallystick/contracts';

import {
  acme,
  keyring,
  operation,
  payUrl,
  refusedAs,
  request,
  token,
  url,
  verify,
  wallet,
} from './evidence-world.ts';
import { hourS, nowMs, nowS, signingKey } from './trust.ts';
import { handledOrder, paymentId } from './vectors/messages.ts';

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
