import { beforeAll, expect } from '@jest/globals';
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
import { keyringOf, nowMs, nowS, signingKey, testRegistrar } from './trust.ts';
import { order } from './vectors/messages.ts';

const issuer = 'https://auth.example';
export const payUrl = 'https://pay.example';

/** The keys of the parties that give evidence, certified before the tests of a file. */
export let acme: SigningKey;
export let card: SigningKey;
export let tokenKey: SigningKey;
export let wallet: SigningKey;
export let keyring: Keyring;
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

export const verify = (evidence: Evidence, changes: Partial<EvidenceContext> = {}) =>
  verifyEvidence(evidence, {
    keyring,
    nowMs,
    topicPrefix: '',
    issuer,
    publicUrls: { payment: payUrl },
    ...changes,
  });

export const refusedAs = (code: string, detail?: string) =>
  expect.objectContaining({
    code,
    ...(detail === undefined ? {} : { detail: expect.stringContaining(detail) }),
  });

const { paymentId: _paymentId, ...asked } = order;
export const body = JSON.stringify(asked);
export const operation = operations.createPayment;
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
export const token = (changes: object = {}, key = tokenKey): Promise<string> =>
  rawJws(
    { alg: key.alg, typ: 'at+jwt', kid: key.kid },
    { ...tokenClaims, cnf: { jkt: wallet.kid }, ...changes },
    key,
  );
export const url = payUrl + operation.versions[1]!.path;
const proofRequest = { method: 'POST', url, body, nowMs };

/**
 * Builds a valid request except for the given changes. The proof matches the sent request unless it is changed too.
 */
export async function request({
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
