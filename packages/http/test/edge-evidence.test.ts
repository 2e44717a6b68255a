import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CodedError,
  messages,
  operations,
  services,
  type OperationDefinition,
  type RequestEvidence,
} from '@tallystick/contracts';
import { transaction } from '@tallystick/postgres';
import { verifiedOrCode, type VerifiedEvidence } from '@tallystick/security';
import fc from 'fast-check';
import { Edge } from '../src/index.ts';
import { issuer, newKey, startEdgeWorld, type EdgeWorld } from './edge-world.ts';
import { proofFor, sendExactly, signedRequests, type SignedRequest } from './signed-request.ts';

/** Longest time from the edge to the ledger for which evidence lives at least, in seconds. */
const LATER_S_MAX = 3_500;
const RUNS = 1_000;
/** Requests of an operation of which the edge accepts one: refinements of a schema refuse many. */
const TRIES = 50;
const origins = [
  'https://api.example',
  'https://api.example:8443',
  'http://[::1]:8443',
  'http://127.0.0.1',
] as const;
const proved = Object.values<OperationDefinition>(operations).filter(({ proof }) => proof === 'dpop');
const scopes = new Map(proved.map(({ id, scope }) => [id, scope]));
const called = proved.flatMap((operation) =>
  Object.keys(operation.versions).map((version) => ({ operation, version: Number(version) })),
);

/** A request that the edge passed to the handler of its operation. */
interface Accepted {
  subject: string;
  params: unknown;
  body: unknown;
  evidence: RequestEvidence;
}

let world: EdgeWorld;
let key: Awaited<ReturnType<typeof newKey>>;
const edges = new Map<string, { edge: Edge<undefined>; port: number }>();
/** By the `jti` of the proof. */
const accepted = new Map<string, Accepted>();
const nowS = Math.floor(Date.now() / 1_000);
beforeAll(async () => {
  world = await startEdgeWorld();
  key = await newKey();
  for (const origin of origins) {
    const edge = new Edge<undefined>({
      ...world.edgeOptions,
      publicUrl: origin,
      service: 'test',
      transact: (work) => transaction(world.pool, (tx) => work(tx, undefined)),
      nowMs: () => nowS * 1_000,
      requestsPerSecondMax: 1_000_000,
      replyKeys: () => Promise.resolve({ current: 'one', keys: { one: randomBytes(32) } }),
      operations: [],
    });
    for (const operation of proved)
      edge.write(operation, (requests) =>
        requests.map(({ subject, params, body, caller, evidence }) => {
          accepted.set(caller.proof!.jti, { subject, params, body, evidence: evidence() });
          return new CodedError('resource.not_found');
        }),
      );
    edges.set(origin, { edge, port: await edge.listen(0) });
  }
});
afterAll(async () => {
  for (const { edge } of edges.values()) await edge.close();
  await world.stop();
});

/** Sends a request to the edge. @returns what the edge accepted; `undefined` if it refused */
async function judgeAtEdge(request: SignedRequest, origin: string): Promise<Accepted | undefined> {
  const { operationId, tokenIatS, tokenExpS } = request;
  const jti = randomUUID();
  const accessToken = world.token({
    sub: 'usr_1',
    scope: scopes.get(operationId),
    iat: nowS + tokenIatS,
    exp: nowS + tokenExpS,
    cnf: { jkt: key.kid },
  });
  await sendExactly(edges.get(origin)!.port, request, {
    authorization: `DPoP ${accessToken}`,
    dpop: proofFor(request, key, { nowS, jti, accessToken }),
    'idempotency-key': jti,
  });
  return accepted.get(jti);
}

/** Verifies the evidence as a service does that finds it in an envelope. */
function judgeEvidence(
  evidence: RequestEvidence,
  origin: string,
  laterS: number,
): Promise<VerifiedEvidence | { code: string }> {
  const inEnvelope = messages.cardAuthorize.data.shape.evidence.parse(JSON.parse(JSON.stringify(evidence)));
  return verifiedOrCode(inEnvelope, {
    keyring: world.keyring,
    nowMs: (nowS + laterS) * 1_000,
    topicPrefix: '',
    issuer,
    publicUrls: Object.fromEntries(services.map((service) => [service, origin])),
  });
}

describe('a request that the edge accepts', () => {
  test('is accepted as evidence, then and later, with the same order in it', async () => {
    const counts = { accepted: 0, refused: 0 };
    const asked = fc.oneof(
      ...origins.flatMap((origin) =>
        called.map(({ operation, version }) =>
          fc.record({
            origin: fc.constant(origin),
            request: signedRequests(operation, version, origin),
            laterS: fc.constantFrom(0, 1, 60, LATER_S_MAX),
          }),
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(asked, async ({ origin, request, laterS }) => {
        const atEdge = await judgeAtEdge(request, origin);
        counts[atEdge === undefined ? 'refused' : 'accepted'] += 1;
        if (atEdge === undefined) return;
        const { evidence, ...order } = atEdge;
        expect(await judgeEvidence(evidence, origin, laterS)).toMatchObject({ kind: 'request', ...order });
      }),
      { numRuns: RUNS },
    );
    for (const judged of Object.values(counts)) expect(judged).toBeGreaterThan(RUNS / 10);
  });

  test.each(called)(
    'is one of each operation with a proof: $operation.id in version $version',
    async (one) => {
      const [origin] = origins;
      const usual = signedRequests(one.operation, one.version, origin).filter(
        ({ htu, target, htm }) => htu === origin + target && htm === one.operation.method,
      );
      let atEdge: Accepted | undefined;
      for (const request of fc.sample(usual, TRIES)) atEdge ??= await judgeAtEdge(request, origin);
      expect(atEdge).toBeDefined();
    },
  );
});
