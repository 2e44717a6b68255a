import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, operations } from '@tallystick/contracts';
import { attempt, inTurn, nextCursorOf, rangeOf, type Edge } from '@tallystick/http';
import type { Messaging } from '@tallystick/messaging';
import type { Pool } from '@tallystick/postgres';
import { thumbprint } from '@tallystick/security';
import { enrol } from '../app/enrol.ts';
import type { ProducerKey } from '../domain/producer-key.ts';
import type { Registrar } from '../app/registrar.ts';
import type { PublishRecords } from '../app/transact.ts';
import { findKeyPage } from '../store/producer-keys.ts';

/** Longest wait for an own certificate on the key topic, in milliseconds. */
const KEY_PUBLISHED_WITHIN_MS = 5_000;
/** Time in which every service reads a certificate that this one has read. */
const KEY_SPREAD_MS = 1_000;

/**
 * Serves the operations of operators on the keys of message producers.
 * @param messaging its keyring follows the key topic
 */
export function serveProducers(
  edge: Edge<PublishRecords>,
  registrar: Registrar,
  { keyring, createOutcomeTopics }: Pick<Messaging, 'keyring' | 'createOutcomeTopics'>,
  pool: Pool,
): void {
  // Key changes are rare, and each needs its own snapshot, so a sequential loop suffices.
  edge.write(
    operations.producerRegister,
    (requests, tx, publish) =>
      inTurn(requests, async ({ params, body, caller }) => {
        const { publicJwk, use, permissions, batch, proof, approval } = body;
        const kid = await thumbprint(publicJwk);
        const asked = { kid, producerId: params.producerId, publicJwk, use, permissions, batch };
        const application = { asked, proof, approval, registeredBy: caller.token.subject };
        const registered = await attempt(tx, () => registrar.register(tx, publish, application));
        // Before the commit: whoever is certified may order, and its answers need their topic.
        if (!(registered instanceof CodedError)) await createOutcomeTopics([params.producerId]);
        return answerOf(registered);
      }),
    async (reply) => {
      // The producer may use its key when it is told: every service knows the certificate by then.
      await keyring.waitFor(reply.body.kid, KEY_PUBLISHED_WITHIN_MS);
      await delay(KEY_SPREAD_MS);
      return reply;
    },
  );

  edge.write(operations.producerEnrol, (requests, tx) =>
    inTurn(requests, async ({ params: { producerId }, body, caller }) => {
      const invited = { ...body, producerId, createdBy: caller.token.subject };
      const made = await attempt(tx, () => enrol(tx, invited, Date.now()));
      if (made instanceof CodedError) return made;
      return { body: { producerId, enrolmentCode: made.code, expiresAt: made.expiresAt.toISOString() } };
    }),
  );

  edge.write(operations.producerKeyRevoke, (requests, tx, publish) =>
    inTurn(requests, async ({ params }) =>
      answerOf(await attempt(tx, () => registrar.revoke(tx, publish, params.producerId, params.kid))),
    ),
  );

  edge.read(operations.producerList, async ({ query }) => {
    const page = await findKeyPage(pool, rangeOf(query));
    return { body: { keys: page.items.map(resourceOf), nextCursor: nextCursorOf(page) } };
  });
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
