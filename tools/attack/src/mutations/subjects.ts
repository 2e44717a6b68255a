import { createHash } from 'node:crypto';
import {
  API_AUDIENCE,
  CodedError,
  ENVELOPE_TYP,
  errorCodes,
  holdIdOf,
  messages,
} from '@tallystick/contracts';
import {
  contentDigest,
  open,
  seal,
  sealBatch,
  verifyAccessToken,
  verifyProof,
  type ReceivedRecord,
  type SigningKey,
} from '@tallystick/security';
import { encryptTo } from '../forge/jwe.ts';
import { signJws } from '../forge/jws.ts';
import { makeKeys, NOW_MS, NOW_S, type Keys } from './trust.ts';

/** A genuine text with the function that verifies it. */
export interface Subject {
  name: string;
  text: string;
  /**
   * Verifies a text in its place.
   * @returns the code that refuses it; `undefined` if it is accepted
   * @throws whatever the verification throws without a code
   */
  verify(text: string): Promise<string | undefined>;
}

const ISSUER = 'https://auth.example';
const URL = 'https://account.example/v1/transfers';
const BODY = '{"amountMinor":900}';
const ids = {
  payment: 'pay_01890a5d-ac96-774b-bcce-b302099a8057',
  payer: 'acc_01890a5d-ac96-774b-bcce-b302099a8058',
  payee: 'acc_01890a5d-ac96-774b-bcce-b302099a8059',
  tokenization: 'tok_01890a5d-ac96-774b-bcce-b302099a8061',
};
const BATCH = 7;

/** Makes the genuine texts of a seed: envelopes in each form, access tokens and proofs. Each is accepted as it is. */
export async function makeSubjects(seed: number): Promise<Subject[]> {
  const keys = await makeKeys(seed);
  const token = await tokenFor(keys, keys.wallet);
  const nistToken = await tokenFor(keys, keys.nistWallet);
  return [
    await order(keys, 'an order on Ed25519', 'acme', keys.edwards),
    await order(keys, 'an order on P-256', 'shop', keys.nist),
    ...(await batch(keys)),
    await encrypted(keys),
    { name: 'an access token', text: token, verify: (text) => verifyToken(keys, text) },
    await proof('a proof on Ed25519', token, keys.wallet),
    await proof('a proof on P-256', nistToken, keys.nistWallet),
  ];
}

async function order(keys: Keys, name: string, issuer: string, signingKey: SigningKey): Promise<Subject> {
  const topic = 'payment.commands.v1';
  const data = {
    paymentId: ids.payment,
    source: { kind: 'account', accountId: ids.payer },
    payee: { kind: 'account', accountId: ids.payee },
    amountMinor: 900n,
    currency: 'EUR',
    capture: 'automatic',
    capturedBy: 'initiator',
    endToEndId: 'ORDER-1',
  } as const;
  const options = { topic, jti: `${name.length}`, txn: '1', issuer, signingKey, nowMs: NOW_MS };
  const { key, value } = await seal(messages.paymentCreate, data, options);
  return { name, text: value, verify: (text) => verifyEnvelope(keys, { topic, key }, text) };
}

async function encrypted(keys: Keys): Promise<Subject> {
  const topic = 'card.commands.v1';
  const iat = NOW_S;
  const claims = {
    iss: 'acme',
    aud: topic,
    sub: ids.tokenization,
    jti: 'tokenization-1',
    iat,
    exp: iat + 60,
    type: messages.cardTokenize.type,
    version: messages.cardTokenize.version,
    txn: '1',
    data: { tokenizationId: ids.tokenization, number: '9999000100000000' },
  };
  const { alg, kid } = keys.edwards;
  const jws = await signJws({ alg, typ: ENVELOPE_TYP, kid }, claims, keys.edwards);
  const text = encryptTo(keys.card.publicJwk as never, keys.card.kid, jws);
  return {
    name: 'an encrypted envelope',
    text,
    verify: (mutated) => verifyEnvelope(keys, { topic, key: ids.tokenization }, mutated),
  };
}

async function batch(keys: Keys): Promise<Subject[]> {
  const topic = 'account.commands.v1';
  const unsealed = Array.from({ length: BATCH }, (_, at) => ({
    definition: messages.holdPlace,
    data: {
      holdId: holdIdOf(ids.payment),
      debitAccountId: ids.payer,
      creditAccountId: ids.payee,
      amountMinor: BigInt(at + 1),
      currency: 'EUR',
      paymentId: ids.payment,
      expiresAt: new Date(NOW_MS + 3_600_000).toISOString(),
      evidence: { kind: 'order', envelope: 'none' },
    },
    options: { topic, jti: `batch-${at}`, txn: '1' },
  }));
  const sealed = await sealBatch(unsealed, { issuer: 'payment', signingKey: keys.service, nowMs: NOW_MS });
  return sealed.map(({ key, value }, at) => ({
    name: `envelope ${at} of a batch`,
    text: value,
    verify: (text) => verifyEnvelope(keys, { topic, key }, text),
  }));
}

async function verifyEnvelope(
  { keyring, card }: Keys,
  place: Omit<ReceivedRecord, 'value'>,
  text: string,
): Promise<string | undefined> {
  const result = await open(
    { ...place, value: Buffer.from(text) },
    { keyring, nowMs: NOW_MS, decryptionKeys: [card] },
  );
  return result.ok ? undefined : named(result.refusal.code);
}

function tokenFor({ token }: Keys, wallet: SigningKey): Promise<string> {
  const claims = {
    iss: ISSUER,
    sub: 'usr_01890a5d-ac96-774b-bcce-b302099a8060',
    aud: API_AUDIENCE,
    client_id: 'wallet',
    iat: NOW_S - 5,
    exp: NOW_S + 300,
    jti: 'token-1',
    scope: 'transfers:write',
    cnf: { jkt: wallet.kid },
  };
  return signJws({ alg: 'EdDSA', typ: 'at+jwt', kid: token.kid }, claims, token);
}

async function verifyToken({ keyring }: Keys, text: string): Promise<string | undefined> {
  return codeOf(verifyAccessToken(text, { keyring, issuer: ISSUER, atMs: NOW_MS }));
}

async function proof(name: string, accessToken: string, wallet: SigningKey): Promise<Subject> {
  const claims = {
    jti: 'proof-1',
    htm: 'POST',
    htu: URL,
    iat: NOW_S,
    ath: createHash('sha256').update(accessToken).digest('base64url'),
    content_digest: contentDigest(BODY),
  };
  const text = await signJws({ typ: 'dpop+jwt', alg: wallet.alg, jwk: wallet.publicJwk }, claims, wallet);
  const expected = {
    method: 'POST',
    url: URL,
    accessToken,
    keyThumbprint: wallet.kid,
    body: BODY,
    atMs: NOW_MS,
    ageMaxS: 60,
  };
  return { name, text, verify: (mutated) => codeOf(verifyProof(mutated, expected)) };
}

async function codeOf(verification: Promise<unknown>): Promise<string | undefined> {
  try {
    await verification;
    return undefined;
  } catch (error) {
    if (error instanceof CodedError) return named(error.code);
    throw error;
  }
}

/** Returns a code of contracts. @throws Error for any other */
function named(code: string): string {
  if (!Object.hasOwn(errorCodes, code)) throw new Error(`${code} is no code of contracts`);
  return code;
}
