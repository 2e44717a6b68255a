import { operations } from '@tallystick/contracts';
import type { Edge } from '@tallystick/http';
import { thumbprint } from '@tallystick/security';
import type { ProducerKey } from '../domain/producer-key.ts';
import type { PublishRecords, Registrar } from '../app/registrar.ts';

/** What operators do with the keys of message producers. */
export function serveProducers(edge: Edge<PublishRecords>, registrar: Registrar): void {
  edge.write(operations.producerRegister, async ({ params, body }, tx, publish) => {
    const { publicJwk, use, permissions, batch, proof } = body;
    const kid = await thumbprint(publicJwk);
    const asked = { kid, producerId: params.producerId, publicJwk, use, permissions, batch };
    return { body: resourceOf(await registrar.register(tx, publish, asked, proof)) };
  });

  edge.write(operations.producerKeyRevoke, async ({ params }, tx, publish) => ({
    body: resourceOf(await registrar.revoke(tx, publish, params.producerId, params.kid)),
  }));

  edge.read(operations.producerList, async () => ({
    body: { keys: (await registrar.list()).map(resourceOf) },
  }));
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
