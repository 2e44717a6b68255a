import { describe, expect, test } from '@jest/globals';
import { Keyring } from '@tallystick/security';
import { newKey } from '@tallystick/messaging/testing';
import { summarizeRequest, type RequestSummary } from '../src/message-index/request-summary.ts';

const CARD_NUMBER = '4111111111111111';
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jws = (payload: object): string => `${part({ alg: 'EdDSA' })}.${part(payload)}.c2ln`;

/** Summarizes a request that nobody signed. */
async function summarize(token: object, proof: object, body = '{}'): Promise<RequestSummary> {
  const { publicJwk } = await newKey();
  return summarizeRequest(
    { kind: 'request', operation: 'payment.create', accessToken: jws(token), proof: jws(proof), body },
    {
      keyring: await Keyring.create({ trustAnchors: [publicJwk] }),
      nowMs: 1_795_000_000_000,
      topicPrefix: '',
      issuer: 'https://auth.example',
      publicUrls: { payment: 'https://pay.example' },
      asSigned: true,
    },
  );
}

describe('a request that does not hold', () => {
  test('says so, with what it claims', async () => {
    const claimed = await summarize(
      { sub: 'usr_1', client_id: 'wallet', cnf: { jkt: 'a-key' } },
      { htm: 'POST', htu: 'https://pay.example/v2/payments?x=1', iat: 1_795_000_000.5, jti: 'p-1' },
    );
    expect(claimed).toMatchObject({
      code: 'evidence.invalid',
      operation: 'payment.create',
      method: 'POST',
      path: '/v2/payments',
      clientId: 'wallet',
      subject: 'usr_1',
      keyThumbprint: 'a-key',
      jti: 'p-1',
      signedAt: new Date(1_795_000_000_000).toISOString(),
    });
  });

  test.each([
    [{}, {}],
    [
      { sub: 1, client_id: [], cnf: 'x' },
      { htm: {}, htu: 'no url', iat: 'now', jti: null },
    ],
    [{ cnf: null }, { iat: 1e300 }],
  ])('claims nothing that it does not write: %j %j', async (token, proof) => {
    const { digest, code, operation, ...rest } = await summarize(token, proof);
    expect([digest.length, code, operation]).toEqual([43, 'evidence.invalid', 'payment.create']);
    expect(Object.values(rest).filter((value) => value !== undefined)).toEqual([]);
  });

  test('keeps no card number and no line break, wherever a sender puts it', async () => {
    const hostile = `${CARD_NUMBER}\nnext`;
    const text = JSON.stringify(
      await summarize(
        { sub: hostile, client_id: hostile, cnf: { jkt: hostile } },
        { htm: hostile, htu: `https://pay.example/${CARD_NUMBER}`, jti: hostile },
      ),
    );
    expect(text).not.toContain(CARD_NUMBER);
    expect(text).not.toContain(String.raw`\n`);
  });
});

test('requests that differ in one byte are two requests', async () => {
  const one = await summarize({}, {});
  expect((await summarize({}, {})).digest).toBe(one.digest);
  expect((await summarize({}, {}, '{ }')).digest).not.toBe(one.digest);
});
