import { CodedError, operations } from '@tallystick/contracts';
import { attempt, inTurn, type Edge } from '@tallystick/http';
import { thumbprint } from '@tallystick/security';
import type { ProducerKey } from '../domain/producer-key.ts';
import type { PublishRecords, Registrar } from '../app/registrar.ts';

/** Serves the operations of operators on the keys of message producers. */
export function serveProducers(edge: Edge<PublishRecords>, registrar: Registrar): void {
  // Key changes are rare, and each needs its own snapshot, so a sequential loop suffices.
  edge.write(operations.producerRegister, (requests, tx, publish) =>
    inTurn(requests, async ({ params, body }) => {
      const { publicJwk, use, permissions, batch, proof } = body;
      const kid = await thumbprint(publicJwk);
      const asked = { kid, producerId: params.producerId, publicJwk, use, permissions, batch };
      return answerOf(await attempt(tx, () => registrar.register(tx, publish, asked, proof)));
    }),
  );

  edge.write(operations.producerKeyRevoke, (requests, tx, publish) =>
    inTurn(requests, async ({ params }) =>
      answerOf(await attempt(tx, () => registrar.revoke(tx, publish, params.producerId, params.kid))),
    ),
  );

  edge.read(operations.producerList, async () => ({
    body: { keys: (await registrar.list()).map(resourceOf) },
  }));
}

function answerOf(key: ProducerKey | CodedError) {
  return key instanceof CodedError ? key : { body: resourceOf(key) };
}

function resourceOf(key: ProducerKey) {
  return {
    producerId: key.producerId,
    kid: key.kid,
    use: key.use,
    permissions: [...key.permissions],
    batch: key.batch,
    status: key.status,
    notBefore: new Date(key.notBeforeS * 1000).toISOString(),
    expiresAt: new Date(key.expiresAtS * 1000).toISOString(),
  };
}
