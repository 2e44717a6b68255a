import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ApiClient, newDpopKey } from '@tallystick/demo';
import type { Attack } from '../src/attack.ts';
import { tokenAttacks } from '../src/attacks/tokens.ts';
import { signJws } from '../src/forge/jws.ts';
import { allRefused, tableOf, type RunResult } from '../src/report.ts';
import { runAttacks, type AttackResult } from '../src/run-attacks.ts';
import type { World } from '../src/target/world.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const attack = tokenAttacks.find(({ name }) => name === 'tokens.alg-none')!;

/** Runs an attack against a service that answers like this. */
async function against(answer: RequestListener, what: Attack = attack): Promise<AttackResult> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = { auth: origin, account: origin, card: origin, payment: origin };
  const key = await newDpopKey();
  const token = await signJws({ alg: 'EdDSA', typ: 'at+jwt', kid: key.kid }, { sub: 'usr_1' }, key);
  const person = { client: new ApiClient(services, token, key), id: 'usr_1' };
  const world = { victim: person, thief: person } as unknown as World;
  const [result] = await runAttacks(
    [{ name: 'tokens', attacks: [what] }],
    world,
    () => true,
    () => {},
  );
  return result!;
}

const problem =
  (status: number, code: string): RequestListener =>
  (_request, response) =>
    void response
      .writeHead(status, { 'Content-Type': 'application/problem+json' })
      .end(JSON.stringify({ code }));
const accept: RequestListener = (_request, response) => void response.writeHead(200).end('{}');

/** Whether the token of a request claims to have no signature. */
const isForged = (authorization = ''): boolean =>
  Buffer.from(authorization.split(' ')[1] ?? '', 'base64')
    .toString('latin1')
    .startsWith('{"alg":"none"');

function runOf(...attacks: AttackResult[]): RunResult {
  return { seed: 1, attacks, skipped: {}, mutated: null, moved: [], seconds: 1 };
}

describe('an attack', () => {
  test('that a service accepts makes the run fail', async () => {
    const result = await against(accept);
    expect(result).toMatchObject({ held: false, shown: '200, expected 401 token.invalid' });
    const run = runOf(result);
    expect(allRefused(run)).toBe(false);
    expect(tableOf(run)).toContain('1 attacks, 0 refused, 1 accepted');
  });

  test('that a service refuses for another reason makes the run fail', async () => {
    const result = await against((request, response) =>
      (isForged(request.headers.authorization) ? problem(403, 'token.scope_insufficient') : accept)(
        request,
        response,
      ),
    );
    expect(result).toMatchObject({ held: false });
    expect(allRefused(runOf(result))).toBe(false);
  });

  test('whose honest form is refused shows nothing, so the run fails', async () => {
    const result = await against(problem(401, 'token.invalid'));
    expect(result).toMatchObject({
      held: false,
      shown: 'the honest form was not accepted: 401 token.invalid',
    });
  });

  test('that is refused for its reason, where the honest form is accepted, passes', async () => {
    const result = await against((request, response) =>
      (isForged(request.headers.authorization) ? problem(401, 'token.invalid') : accept)(request, response),
    );
    expect(result).toMatchObject({ held: true, shown: '401 token.invalid' });
    expect(allRefused(runOf(result))).toBe(true);
    expect(tableOf(runOf(result))).toContain('1 attacks, 1 refused, 0 accepted');
  });

  test('that throws makes the run fail', async () => {
    const broken: Attack = {
      name: 'x.y',
      on: 'nothing',
      run: () => Promise.reject(new Error('no such topic')),
    };
    expect(await against(accept, broken)).toMatchObject({ held: false, shown: 'error: no such topic' });
  });
});

describe('a run', () => {
  test('fails if the books moved', () => {
    const run = { ...runOf(), moved: ['safe: 1 posted, then 0 posted'] };
    expect(allRefused(run)).toBe(false);
    expect(tableOf(run)).toContain('The books moved: safe: 1 posted, then 0 posted');
  });

  test('fails if a mutation was accepted', () => {
    const mutated = {
      made: 10,
      accepted: 1,
      unnamed: 0,
      slow: 0,
      slowestMs: 1,
      codes: {},
      faults: ['a token'],
    };
    expect(allRefused({ ...runOf(), mutated })).toBe(false);
  });
});
