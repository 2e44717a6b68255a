import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPool, type Pool } from '@tallystick/postgres';
import { newSigningKey, runAuth, type RunningAuth } from './auth-service.ts';
import { proofFor, requestToken, WalletClient, type TokenAnswer } from './client.ts';

const REFUSED = { status: 400, error: 'invalid_grant' };

let auth: RunningAuth;
let owner: Pool;
let client: WalletClient;

beforeAll(async () => {
  auth = await runAuth();
  owner = createPool({ url: auth.postgresUrl, applicationName: 'test', onIdleError: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await auth.stop();
});
beforeEach(async () => {
  client = new WalletClient(auth.url, await newSigningKey());
});

async function firstToken(): Promise<string> {
  return (await client.exchange(await client.code())).refresh_token!;
}

async function rotated(token: string): Promise<string> {
  const answer = await client.refresh(token);
  expect(answer.status).toBe(200);
  return answer.refresh_token!;
}

/** Ends the grace of every refresh token, as its time does. */
const endGrace = (): Promise<unknown> =>
  owner.query(`UPDATE oidc_record SET retry_until = now() - interval '1 millisecond'
               WHERE retry_until IS NOT NULL`);

const refreshOf = (token: string, clientId = 'wallet'): Record<string, string> => ({
  grant_type: 'refresh_token',
  refresh_token: token,
  client_id: clientId,
});

const ownProof = (): Promise<string> => proofFor(client.key, auth.url);

/** Uses each refresh token once. @returns how many of them work */
async function usable(answers: readonly TokenAnswer[]): Promise<number> {
  let working = 0;
  for (const { refresh_token: token } of answers)
    if ((await client.refresh(token)).status === 200) working += 1;
  return working;
}

describe('a refresh whose answer was lost', () => {
  test('is answered again with fresh tokens, and the lost refresh token ends', async () => {
    const first = await firstToken();
    const lost = await rotated(first);
    const received = await client.refresh(first);
    expect(received).toMatchObject({
      status: 200,
      token_type: 'DPoP',
      scope: 'accounts:read payments:write',
    });
    expect(received.refresh_token).not.toBe(lost);
    expect(await client.refresh(lost)).toMatchObject(REFUSED);
    await rotated(received.refresh_token!);
  });

  test('is answered at each of several retries, and the last refresh token is the one that works', async () => {
    const first = await firstToken();
    const given = [await rotated(first), await rotated(first), await rotated(first)];
    const last = given.pop()!;
    for (const lost of given) expect(await client.refresh(lost)).toMatchObject(REFUSED);
    await rotated(last);
  });

  test('leaves one refresh token that works if the retries run at once', async () => {
    const first = await firstToken();
    const retries = await Promise.all(Array.from({ length: 6 }, () => client.refresh(first)));
    expect(retries.map(({ status }) => status)).toEqual(retries.map(() => 200));
    expect(await usable(retries)).toBe(1);
  });

  test('is answered by another replica, which leaves one refresh token that works', async () => {
    const replica = await auth.replica();
    try {
      const first = await firstToken();
      const retries = await Promise.all(
        Array.from({ length: 6 }, async (_, at) =>
          requestToken(at % 2 === 0 ? auth.url : replica.url, refreshOf(first), await ownProof()),
        ),
      );
      expect(retries.map(({ status }) => status)).toEqual(retries.map(() => 200));
      expect(await usable(retries)).toBe(1);
    } finally {
      await replica.stop();
    }
  });

  test('does not end the grant if the very same request arrives twice', async () => {
    const first = await firstToken();
    const proof = await ownProof();
    const answer = await requestToken(auth.url, refreshOf(first), proof);
    expect(await requestToken(auth.url, refreshOf(first), proof)).toMatchObject(REFUSED);
    await rotated(answer.refresh_token!);
  });
});

describe('a used refresh token ends the grant', () => {
  test('after the grace', async () => {
    const first = await firstToken();
    const second = await rotated(first);
    await endGrace();
    expect(await client.refresh(first)).toMatchObject(REFUSED);
    expect(await client.refresh(second)).toMatchObject(REFUSED);
  });

  test('after a grace that retries do not prolong', async () => {
    const first = await firstToken();
    await rotated(first);
    const ends = () =>
      owner.query('SELECT id, retry_until FROM oidc_record WHERE retry_until IS NOT NULL ORDER BY id');
    const before = (await ends()).rows;
    await rotated(first);
    expect((await ends()).rows).toEqual(before);
  });

  test('once its successor was used', async () => {
    const first = await firstToken();
    const second = await rotated(first);
    const third = await rotated(second);
    expect(await client.refresh(first)).toMatchObject(REFUSED);
    expect(await client.refresh(third)).toMatchObject(REFUSED);
  });

  test('by another key, within the grace', async () => {
    const first = await firstToken();
    const second = await rotated(first);
    expect(await client.refresh(first, await newSigningKey())).toMatchObject(REFUSED);
    expect(await client.refresh(second)).toMatchObject(REFUSED);
  });

  test('by another client, within the grace', async () => {
    const first = await firstToken();
    const second = await rotated(first);
    expect(await requestToken(auth.url, refreshOf(first, 'kiosk'), await ownProof())).toMatchObject(REFUSED);
    expect(await client.refresh(second)).toMatchObject(REFUSED);
  });
});

test('an unused refresh token that another key presents keeps its grant', async () => {
  const token = await firstToken();
  expect(await client.refresh(token, await newSigningKey())).toMatchObject(REFUSED);
  await rotated(token);
});
